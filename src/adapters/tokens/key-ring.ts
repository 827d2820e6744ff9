import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { messageOf } from "../../base/message-of.ts";
import { createSerialQueue } from "../../base/serial-queue.ts";
import { type Instant, type Log, PairingError, type SecretStore, type SigningProblem } from "../../core/index.ts";
import { say } from "../../words/say.ts";

/** One key of the ring. `privateKey` is there for the one that signs. */
export interface RingKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey?: KeyObject;
  /** Until when a former key still verifies; absent: as long as it stands there. */
  readonly verifyUntil?: Instant;
  readonly jwk: Readonly<Record<string, string>>;
}

export interface KeyRing {
  readonly signing: RingKey & { readonly privateKey: KeyObject };
  readonly byKid: ReadonlyMap<string, RingKey>;
}

const PEM_BLOCK = /(?:Verify-Until: (\S+)\s+)?-----BEGIN ([A-Z ]+)-----[^-]+-----END \2-----/g;
const SMALLEST_KEY = 2048;

export interface KeyRingStore {
  readonly get: () => Promise<KeyRing>;
  /** Why the last try to get the ring failed. */
  readonly problem: () => SigningProblem | undefined;
  /** Puts a new signing key before the others; the one that signed so far verifies until then. */
  readonly rotate: (verifyUntil: Instant) => Promise<KeyRing>;
}

/**
 * The ring from the secret store: the first private key of the PEM text signs, public keys after it still verify.
 * Without one a key is made, once however many ask at the same time. Rejects with `keys_unavailable`; the next call tries again.
 * `changed` is called when the problem is another one than before.
 */
export function createKeyRing(secrets: SecretStore, log: Log, changed: () => void): KeyRingStore {
  let ring: Promise<KeyRing> | undefined;
  const rotations = createSerialQueue();
  let problem: SigningProblem | undefined;

  const settle = (found: SigningProblem | undefined): void => {
    const same = problem?.sentence === found?.sentence;
    problem = found;
    if (!same) changed();
  };

  const get = (): Promise<KeyRing> => {
    ring ??= readOrMake(secrets, log).then(
      (read) => {
        settle(undefined);
        return read;
      },
      (cause: unknown) => {
        ring = undefined;
        const note = noteOf(cause instanceof DamagedKey ? (cause.cause ?? cause) : cause);
        const found: SigningProblem =
          cause instanceof DamagedKey ? { kind: "damaged", sentence: cause.message } : { kind: "unreadable", sentence: note };
        // Once, however many phones ask while it lasts.
        if (found.sentence !== problem?.sentence) log.error("signing key unavailable", { reason: note });
        settle(found);
        throw new PairingError("keys_unavailable", { note, cause });
      },
    );
    return ring;
  };

  const replace = async (verifyUntil: Instant): Promise<KeyRing> => {
    if (secrets.kind === "environment") throw new PairingError("keys_elsewhere");
    const { signing } = await get();
    const saved = await unlessUnavailable(secrets.get("signing-key"));
    const former = [...(saved ?? "").matchAll(PEM_BLOCK)].slice(1).map(([text]) => text);
    const publicPem = signing.publicKey.export({ type: "spki", format: "pem" }).toString().trim();
    const text = [await newKey(), `Verify-Until: ${new Date(verifyUntil).toISOString()}\n${publicPem}`, ...former].join("\n");
    const next = await ringFrom(text);
    await unlessUnavailable(secrets.set("signing-key", text));
    ring = Promise.resolve(next);
    log.info("signing key rotated", { kid: next.signing.kid });
    return next;
  };

  return {
    get,
    problem: () => problem,
    // Two rotations at once would lose a key.
    rotate: async (verifyUntil) => rotations.run(async () => replace(verifyUntil)),
  };
}

/** What is saved can be read, and no key can be had from it. The message is for the person at the computer. */
class DamagedKey extends Error {
  override readonly name = "DamagedKey";
}

function noteOf(cause: unknown): string {
  return messageOf(cause, "unknown");
}

async function unlessUnavailable<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (cause) {
    throw new PairingError("keys_unavailable", { note: noteOf(cause), cause });
  }
}

/** The ring as it is saved; `undefined` while there is none. Makes nothing. Throws when what is saved is no key ring. */
export async function readKeyRingStatus(secrets: Pick<SecretStore, "get">): Promise<KeyRing | undefined> {
  const saved = await secrets.get("signing-key");
  return saved === undefined ? undefined : ringFrom(saved);
}

async function readOrMake(secrets: SecretStore, log: Log): Promise<KeyRing> {
  const saved = await secrets.get("signing-key");
  if (saved !== undefined) {
    try {
      return await ringFrom(saved);
    } catch (cause) {
      throw new DamagedKey(say("storage.keyDamaged"), { cause });
    }
  }
  const pem = await newKey();
  await secrets.set("signing-key", pem).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new DamagedKey(say("storage.keyUnwritable", { code }), { cause });
  });
  log.info("signing key made", { kept_in: secrets.kind });
  return ringFrom(pem);
}

async function newKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString().trim();
}

/** Throws when the text holds no RSA private key of at least 2048 bits. */
async function ringFrom(pem: string): Promise<KeyRing> {
  const blocks = [...pem.matchAll(PEM_BLOCK)].map(([text, until, label = ""]) => ({ text, label, until }));
  const [first] = blocks;
  if (!first?.label.endsWith("PRIVATE KEY")) throw new Error("The signing key is not a PEM text that begins with a private key.");
  const signing = await ringKey(createPrivateKey(first.text.slice(first.text.indexOf("-----BEGIN"))));
  if (!signing.privateKey) throw new Error("The signing key is not a private key.");
  const former = await Promise.all(blocks.slice(1).map(async ({ text, until }) => formerKey(text, until)));
  return { signing: { ...signing, privateKey: signing.privateKey }, byKid: new Map([signing, ...former].map((key) => [key.kid, key])) };
}

async function formerKey(text: string, until: string | undefined): Promise<RingKey> {
  const key = await ringKey(createPublicKey(text.slice(text.indexOf("-----BEGIN"))));
  if (until === undefined) return key;
  const verifyUntil = Date.parse(until);
  if (Number.isNaN(verifyUntil)) throw new Error("The signing key's file says until when a former key verifies, but not as a time.");
  return { ...key, verifyUntil };
}

async function ringKey(key: KeyObject): Promise<RingKey> {
  const { calculateJwkThumbprint } = await import("jose");
  if (key.asymmetricKeyType !== "rsa" || (key.asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST_KEY) {
    throw new Error("The signing key is not an RSA key of at least 2048 bits.");
  }
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  const { n = "", e = "" } = publicKey.export({ format: "jwk" }) as { n?: string; e?: string };
  const kid = await calculateJwkThumbprint({ kty: "RSA", n, e });
  return {
    kid,
    publicKey,
    ...(key.type === "private" ? { privateKey: key } : {}),
    jwk: { kty: "RSA", n, e, alg: "RS256", use: "sig", kid },
  };
}
