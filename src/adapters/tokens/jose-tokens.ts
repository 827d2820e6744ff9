import { hash, sign as signBytes } from "node:crypto";
import { promisify } from "node:util";
import { type Instant, type Log, PairingError, SECOND, type SecretStore, type TokenClaims, type Tokens } from "../../core/index.ts";
import { createKeyRing, type KeyRing, type RingKey } from "./key-ring.ts";

const ISSUER = "topdog-ide";
const AUDIENCE = "topdog-mobile";
const LEEWAY_SECONDS = 60;
const MAX_TOKEN = 4096;
const MAX_VERIFIED = 50_000;
/** Every other header (crit, b64, zip, cty) asks to read the token in another way than it is read here. */
const HEADERS: ReadonlySet<string> = new Set(["alg", "kid", "typ"]);

export interface JoseTokens extends Tokens {
  /** Reads or makes the key before the first phone asks. Never rejects. */
  warmUp(): Promise<void>;
  /** To be called when another server may have changed the keys. Rejects when they cannot be read; those that were known stay in use then. */
  refresh(): Promise<void>;
}

const signed = promisify(signBytes);

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/**
 * Device tokens: RS256 and nothing else. jose verifies; the signature itself is made by `node:crypto`, in
 * another thread and without WebCrypto's round trips, which cost a quarter of all accepts (docs/decisions/6). `changed` is called
 * whenever another signing problem is known than before, or none any more. `pause` waits so many milliseconds; absent: the clock's.
 */
export function createJoseTokens(
  secrets: SecretStore,
  log: Log,
  changed: () => void = () => undefined,
  pause?: (milliseconds: number) => Promise<unknown>,
): JoseTokens {
  const ring = createKeyRing(secrets, log, changed, pause);
  // A phone shows the same token all day: its signature is checked once. Expiry is checked at each use, revocation by the caller.
  const verified = new Map<string, TokenClaims>();
  // One iterator for the whole life: a new one would step over every deleted entry before it finds the oldest.
  const oldest = verified.keys();

  return {
    async warmUp() {
      // Loaded from here as well: Node.js looks for the file anew for every module that names it.
      await Promise.all([ring.get(), import("jose")].map(async (load) => load.catch(() => undefined)));
    },

    async ensureSigning() {
      await ring.get();
    },

    signingProblem: ring.problem,
    refresh: ring.refresh,

    issue: async (claims) => sign(claims, (await ring.get()).signing),

    async verify(token, now) {
      const name = hash("sha256", token, "base64url");
      const known = verified.get(name);
      const claims = known ?? (await claimsOf(token, await ring.withKey(kidOf(token)), now));
      if (claims.expiresAt + LEEWAY_SECONDS <= now / SECOND) throw new PairingError("token_expired");
      if (!known) {
        if (verified.size >= MAX_VERIFIED) verified.delete(oldest.next().value ?? "");
        verified.set(name, claims);
      }
      return claims;
    },

    async rotate(verifyUntil) {
      const { signing } = await ring.rotate(verifyUntil);
      return { kid: signing.kid };
    },

    async publicKeys(now) {
      const { byKid } = await ring.get();
      return { keys: [...byKid.values()].filter((key) => stillVerifies(key, now)).map((key) => key.jwk) };
    },
  };
}

async function sign(
  { userId, deviceId, fingerprint, jti, issuedAt, expiresAt }: TokenClaims,
  { kid, privateKey }: KeyRing["signing"],
): Promise<string> {
  // As jose's SignJWT writes it, byte for byte: RS256 gives the same token for the same claims, and phones rely on it.
  const payload = {
    user_id: userId,
    device_id: deviceId,
    fingerprint,
    iss: ISSUER,
    aud: AUDIENCE,
    sub: userId,
    jti,
    iat: issuedAt,
    exp: expiresAt,
  };
  const text = `${encoded({ alg: "RS256", typ: "JWT", kid })}.${encoded(payload)}`;
  const signature = await signed("sha256", Buffer.from(text), privateKey);
  return `${text}.${signature.toString("base64url")}`;
}

/** The name of the key that the token says it was signed with; nothing of it is verified. */
function kidOf(token: string): string | undefined {
  if (token.length > MAX_TOKEN) return undefined;
  try {
    const { kid } = JSON.parse(Buffer.from(token.split(".", 1)[0] ?? "", "base64url").toString("utf8")) as { readonly kid?: unknown };
    return typeof kid === "string" ? kid : undefined;
  } catch {
    return undefined;
  }
}

function stillVerifies({ verifyUntil }: RingKey, now: Instant): boolean {
  return verifyUntil === undefined || now < verifyUntil;
}

async function claimsOf(token: string, { byKid }: KeyRing, now: number): Promise<TokenClaims> {
  if (token.length > MAX_TOKEN || !isCanonical(token)) throw new PairingError("token_invalid");
  const { errors, jwtVerify } = await import("jose");
  try {
    const { payload, protectedHeader } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = kid === undefined ? undefined : byKid.get(kid);
        if (!key || !stillVerifies(key, now)) throw new PairingError("token_invalid");
        return key.publicKey;
      },
      {
        algorithms: ["RS256"],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: "JWT",
        requiredClaims: ["sub", "jti", "iat", "exp", "user_id", "device_id", "fingerprint"],
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(now),
      },
    );
    const { sub, user_id: userId, device_id: deviceId, fingerprint, jti, iat, exp, aud } = payload;
    const wellFormed =
      Object.keys(protectedHeader).every((name) => HEADERS.has(name)) &&
      typeof userId === "string" &&
      typeof deviceId === "string" &&
      typeof fingerprint === "string" &&
      typeof jti === "string" &&
      typeof iat === "number" &&
      typeof exp === "number" &&
      [iat, exp].every(Number.isSafeInteger) &&
      aud === AUDIENCE &&
      sub === userId;
    if (!wellFormed) throw new PairingError("token_invalid");
    return { userId, deviceId, fingerprint, jti, issuedAt: iat, expiresAt: exp };
  } catch (cause) {
    if (cause instanceof PairingError) throw cause;
    if (cause instanceof errors.JWTExpired) throw new PairingError("token_expired", { cause });
    throw new PairingError("token_invalid", { cause });
  }
}

/** One token, one spelling: base64url that decodes and encodes to itself. Lenient decoders let one token pass as several. */
function isCanonical(token: string): boolean {
  const parts = token.split(".");
  return parts.length === 3 && parts.every((part) => part !== "" && Buffer.from(part, "base64url").toString("base64url") === part);
}
