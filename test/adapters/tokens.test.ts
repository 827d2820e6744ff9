import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { decodeProtectedHeader, jwtVerify, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { createMemorySecrets } from "../../src/adapters/secrets/memory.ts";
import { createJoseTokens } from "../../src/adapters/tokens/jose-tokens.ts";
import type { SecretStore, TokenClaims } from "../../src/core/index.ts";

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };
const NOW = Date.UTC(2026, 0, 15, 12);
const claims: TokenClaims = {
  userId: 'user "123" ünï',
  deviceId: "iphone-12345",
  fingerprint: "f".repeat(43),
  jti: "an id",
  issuedAt: NOW / 1000,
  expiresAt: NOW / 1000 + 3600,
};

const { privateKey: PEM } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const KEY: KeyObject = createPrivateKey(PEM);

async function tokensWith(pem: string): Promise<{ tokens: ReturnType<typeof createJoseTokens>; secrets: SecretStore }> {
  const secrets = createMemorySecrets();
  await secrets.set("signing-key", pem);
  return { tokens: createJoseTokens(secrets, quiet), secrets };
}

/** Made with jose, as an attacker would. */
async function forged(change: { payload?: object; header?: object; key?: KeyObject } = {}): Promise<string> {
  const { tokens } = await tokensWith(PEM);
  const { kid } = decodeProtectedHeader(await tokens.issue(claims));
  return new SignJWT({
    user_id: claims.userId,
    device_id: claims.deviceId,
    fingerprint: claims.fingerprint,
    iss: "topdog-ide",
    aud: "topdog-mobile",
    sub: claims.userId,
    jti: claims.jti,
    iat: claims.issuedAt,
    exp: claims.expiresAt,
    ...change.payload,
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT", kid: kid!, ...change.header })
    .sign(change.key ?? KEY);
}

describe("a token", () => {
  it("is jose's, byte for byte", async () => {
    const { tokens } = await tokensWith(PEM);
    expect(await tokens.issue(claims)).toBe(await forged());
  });

  it("is what the contract says: RS256, RSA-2048, kid, and every claim (S62, S87-S89)", async () => {
    const { tokens } = await tokensWith(PEM);
    const token = await tokens.issue(claims);
    const { keys } = await tokens.publicKeys(NOW);
    const { payload, protectedHeader } = await jwtVerify(token, createPublicKey(PEM), { currentDate: new Date(NOW) });
    expect(protectedHeader).toEqual({ alg: "RS256", typ: "JWT", kid: keys[0]!["kid"] });
    expect(Buffer.from(keys[0]!["n"]!, "base64url")).toHaveLength(256);
    expect(Object.keys(keys[0]!).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    expect(payload).toEqual({
      user_id: claims.userId,
      sub: claims.userId,
      device_id: claims.deviceId,
      fingerprint: claims.fingerprint,
      iss: "topdog-ide",
      aud: "topdog-mobile",
      jti: claims.jti,
      iat: claims.issuedAt,
      exp: claims.expiresAt,
    });
    expect(await tokens.verify(token, NOW)).toEqual(claims);
  });

  it("makes one key however many ask at once, and keeps it", async () => {
    const secrets = createMemorySecrets();
    const tokens = createJoseTokens(secrets, quiet);
    const made = await Promise.all(Array.from({ length: 32 }, async () => tokens.issue(claims)));
    expect(new Set(made).size).toBe(1);
    expect(await createJoseTokens(secrets, quiet).issue(claims)).toBe(made[0]);
  });
});

describe("refused is a token", () => {
  const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const cases: Readonly<Record<string, () => Promise<string>>> = {
    "of another key": async () => forged({ key: other }),
    "of an unknown kid": async () => forged({ header: { kid: "another" } }),
    "of another type": async () => forged({ header: { typ: "JOSE" } }),
    "with a critical header": async () =>
      `${Buffer.from('{"alg":"RS256","typ":"JWT","crit":["b64"],"b64":false}').toString("base64url")}.e30.e30`,
    "for another audience": async () => forged({ payload: { aud: "somebody" } }),
    "for several audiences": async () => forged({ payload: { aud: ["topdog-mobile", "somebody"] } }),
    "of another issuer": async () => forged({ payload: { iss: "somebody" } }),
    "whose subject is another user": async () => forged({ payload: { sub: "somebody" } }),
    "without its id": async () => forged({ payload: { jti: undefined } }),
    "without its device": async () => forged({ payload: { device_id: undefined } }),
    "without an end": async () => forged({ payload: { exp: undefined } }),
    "without a signature": async () => `${(await forged()).split(".").slice(0, 2).join(".")}.`,
    "that says none": async () => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.${(await forged()).split(".")[1]}.AA`,
    "signed with the public key as a password": async () => {
      const secret = new TextEncoder().encode(createPublicKey(PEM).export({ type: "spki", format: "pem" }).toString());
      return new SignJWT({ sub: claims.userId }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).sign(secret);
    },
    "with padding": async () => `${await forged()}==`,
    "with a blank inside": async () => (await forged()).replace(/.{20}$/, (end) => ` ${end}`),
    "whose last character has other unused bits": async () => {
      const token = await forged();
      const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      return token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1)!) ^ 1]!;
    },
    "longer than 4 KiB": async () => forged({ payload: { device_id: "x".repeat(5000) } }),
    "that is no token": async () => "nonsense",
  };

  it.each(Object.keys(cases))("%s", async (name) => {
    const { tokens } = await tokensWith(PEM);
    await expect(tokens.verify(await cases[name]!(), NOW)).rejects.toMatchObject({ code: "token_invalid" });
  });

  it("that has ended, a minute's leeway included", async () => {
    const { tokens } = await tokensWith(PEM);
    const token = await tokens.issue(claims);
    await expect(tokens.verify(token, (claims.expiresAt + 61) * 1000)).rejects.toMatchObject({ code: "token_expired" });
    expect(await tokens.verify(token, (claims.expiresAt + 59) * 1000)).toEqual(claims);
    // Cached by now, and expired nevertheless.
    await expect(tokens.verify(token, (claims.expiresAt + 60) * 1000)).rejects.toMatchObject({ code: "token_expired" });
  });
});

describe("a key that cannot be used", () => {
  it.each([
    ["no key at all", "nonsense"],
    [
      "too small",
      generateKeyPairSync("rsa", {
        modulusLength: 1024,
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      }).privateKey,
    ],
    [
      "of another kind",
      generateKeyPairSync("ed25519", {
        privateKeyEncoding: { type: "pkcs8", format: "pem" },
        publicKeyEncoding: { type: "spki", format: "pem" },
      }).privateKey,
    ],
    ["public", createPublicKey(PEM).export({ type: "spki", format: "pem" }).toString()],
  ])("is reported and never replaced: %s", async (_what, pem) => {
    const { tokens, secrets } = await tokensWith(pem);
    await expect(tokens.issue(claims)).rejects.toMatchObject({ code: "keys_unavailable" });
    expect(await secrets.get("signing-key")).toBe(pem);
  });
});
