// What every request of a phone pays before anything is done for it: its token is checked, and it is counted.
import { createPublicKey, generateKeyPairSync, randomBytes, verify } from "node:crypto";
import { loadParts, perTurn } from "./parts.mjs";

const REVOKED = 1_000_000;
const KEYS = 100_000;
/** Tokens that are seen for the first time, a round. */
const FRESH = 2000;
const silent = { info() {}, warn() {}, error() {} };

const loadChecked = () =>
  loadParts(`
    export { createEnvironmentSecrets } from "./src/adapters/secrets/environment.ts";
    export { createLedger, putDevice } from "./src/adapters/stores/ledger.ts";
    export { ledgerStore } from "./src/adapters/stores/ledger-store.ts";
    export { createJoseTokens } from "./src/adapters/tokens/jose-tokens.ts";
    export { createRequestLimits, MINUTE } from "./src/core/index.ts";`);

/**
 * Rounds of: the bare RS256 verification; the product's verification with 1,000,000 revoked token ids, for a token that
 * a phone shows again and for one that is seen for the first time. All with the same key, the first two with the same token.
 */
export async function tokenChecks(rounds) {
  const { createEnvironmentSecrets, createJoseTokens, createLedger, ledgerStore, putDevice } = await loadChecked();
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicKey = createPublicKey(privateKey);
  const secrets = createEnvironmentSecrets({ "signing-key": privateKey.export({ type: "pkcs8", format: "pem" }) });
  const tokens = createJoseTokens(secrets, silent);
  const ledger = createLedger();
  const store = ledgerStore(ledger, () => Promise.reject(new Error("nothing is changed here")));
  const now = Date.now();
  const exp = Math.floor(now / 1000) + 86_400;
  for (let number = 0; number < REVOKED; number += 1) ledger.revoked.set(randomBytes(16).toString("base64url"), exp);

  const issue = (jti) =>
    tokens.issue({ userId: "ada", deviceId: "phone", fingerprint: "f".repeat(43), jti, issuedAt: exp - 86_400, expiresAt: exp });
  const jti = randomBytes(16).toString("base64url");
  putDevice(ledger, { userId: "ada", deviceId: "phone", status: "active", jti, lastSeen: now, sessionId: "s" });
  const token = await issue(jti);
  const dot = token.lastIndexOf(".");
  const text = Buffer.from(token.slice(0, dot));
  const signature = Buffer.from(token.slice(dot + 1), "base64url");

  const check = async (shown, at) => {
    const claims = await tokens.verify(shown, at);
    const { device, revoked } = await store.findByTokenId(claims.jti);
    if (revoked || (shown === token && device?.status !== "active")) throw new Error("the token was not recognised");
  };
  const bare = async (turns) => {
    for (let turn = 0; turn < turns; turn += 1) if (!verify("sha256", text, publicKey, signature)) throw new Error("not verified");
  };
  const again = async (turns) => {
    for (let turn = 0; turn < turns; turn += 1) await check(token, now);
  };
  const measured = [];
  for (let round = 0; round <= rounds; round += 1) {
    const fresh = await Promise.all(Array.from({ length: FRESH }, () => issue(randomBytes(16).toString("base64url"))));
    const first = async () => {
      for (const shown of fresh) await check(shown, now);
    };
    const figures = { bare: await perTurn(10_000, bare), again: await perTurn(50_000, again), first: await perTurn(FRESH, first) };
    // The first round only warms up.
    if (round > 0) measured.push(figures);
  }
  return measured;
}

/** Rounds of microseconds per decision with 100,000 keys: for callers who are known, and for new ones in whose favour others are forgotten. */
export async function limitDecisions(rounds) {
  const { createRequestLimits, MINUTE } = await loadChecked();
  const limits = createRequestLimits();
  const limit = { quota: 1_000_000, window: 60 * MINUTE };
  const now = Date.now();
  const keys = Array.from({ length: KEYS }, (_, number) => `198.51.${number >> 8}.${number & 255}`);
  let asked = 0;
  const askAs = (name) => async (turns) => {
    for (const last = asked + turns; asked < last; asked += 1) limits.count("other", limit, [name(asked)], now);
  };
  const everybody = askAs((number) => keys[number % KEYS]);
  const known = askAs((number) => keys[(number * 7919) % KEYS]);
  const strange = askAs((number) => `stranger ${number}`);
  const measured = [];
  for (let round = 0; round <= rounds; round += 1) {
    const figures = { strange: await perTurn(KEYS, strange) };
    await everybody(KEYS);
    figures.known = await perTurn(KEYS, known);
    if (round > 0) measured.push(figures);
  }
  return measured;
}
