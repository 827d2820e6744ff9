import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { messageOf } from "../../base/message-of.ts";
import { createSerialQueue } from "../../base/serial-queue.ts";
import { type Instant, type Log, PairingError, type SecretStore, type SigningProblem } from "../../core/index.ts";
import { say } from "../../words/say.ts";
import { replaceSecret } from "../secrets/replace-secret.ts";

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
const NAME = "signing-key";
/** Other servers read a published key within a second. */
const PUBLISHED_FOR_MS = 2000;
/** Unknown keys in made-up tokens cause no more reads than this. */
const REFRESH_EVERY_MS = 1000;
const MAX_TRIES = 5;

export interface KeyRingStore {
  readonly get: () => Promise<KeyRing>;
  /** Reads a ring again that other servers may have changed. Rejects when it cannot be read; the present one stays in use then. */
  readonly refresh: () => Promise<void>;
  /** The ring, read again where it lacks the key and other servers may have added it. */
  readonly withKey: (kid: string | undefined) => Promise<KeyRing>;
  /** Why the last try to get the ring failed. */
  readonly problem: () => SigningProblem | undefined;
  /**
   * Puts a new signing key before the others; the one that signed so far verifies until then. Where servers share the ring, all of them
   * accept the new key before the first one signs with it.
   */
  readonly rotate: (verifyUntil: Instant) => Promise<KeyRing>;
}

/**
 * The ring from the secret store: the first private key of the PEM text signs, public keys after it still verify.
 * Without one a key is made, once however many ask at the same time. Rejects with `keys_unavailable`; the next call tries again.
 * `changed` is called when the problem is another one than before. `pause` waits so many milliseconds.
 */
export function createKeyRing(
  secrets: SecretStore,
  log: Log,
  changed: () => void,
  pause: (milliseconds: number) => Promise<unknown> = delay,
): KeyRingStore {
  const { get, use, problem } = createReadRing(secrets, log, changed);
  let refreshing: Promise<void> | undefined;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  const rotations = createSerialQueue();

  const refresh = async (): Promise<void> => {
    refreshing ??= readKeyRingStatus(secrets)
      .then((next) => {
        if (next) use(next);
      })
      .finally(() => {
        refreshing = undefined;
      });
    return refreshing;
  };

  /** Resolves with the ring that was saved. Another server's change in between is kept. */
  const change = async (next: (saved: string) => string): Promise<KeyRing> => {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const saved = await unlessUnavailable(secrets.get(NAME));
      if (saved === undefined) throw new PairingError("keys_unavailable", { note: "the signing key is gone" });
      const text = next(saved);
      const changedRing = await ringFrom(text);
      if (await unlessUnavailable(replaceSecret(secrets, NAME, saved, text))) {
        use(changedRing);
        return changedRing;
      }
    }
    throw new PairingError("keys_unavailable", { note: "other servers changed the signing key at the same time" });
  };

  const replace = async (verifyUntil: Instant): Promise<KeyRing> => {
    if (secrets.kind === "environment") throw new PairingError("keys_elsewhere");
    await get();
    const fresh = await newKey();
    if (secrets.replace) {
      await change((saved) => withFormer(saved, fresh, verifyUntil));
      await pause(PUBLISHED_FOR_MS);
    }
    const next = await change((saved) => withSigning(saved, fresh, verifyUntil));
    log.info("signing key rotated", { kid: next.signing.kid });
    return next;
  };

  return {
    get,
    refresh,
    async withKey(kid) {
      const found = await get();
      if (!secrets.replace || kid === undefined || found.byKid.has(kid) || performance.now() - refreshedAt < REFRESH_EVERY_MS) return found;
      refreshedAt = performance.now();
      await refresh().catch((cause: unknown) => log.warn("the signing keys could not be read again", { reason: noteOf(cause) }));
      return get();
    },
    problem,
    // Two rotations at once would lose a key.
    rotate: async (verifyUntil) => rotations.run(async () => replace(verifyUntil)),
  };
}

/** The ring that is in use. It is read, or made, when it is first asked for, and again after that failed. */
function createReadRing(secrets: SecretStore, log: Log, changed: () => void) {
  let ring: Promise<KeyRing> | undefined;
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

  return {
    get,
    use(next: KeyRing): void {
      ring = Promise.resolve(next);
    },
    problem: () => problem,
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
  const saved = await secrets.get(NAME);
  return saved === undefined ? undefined : ringFrom(saved);
}

async function readOrMake(secrets: SecretStore, log: Log): Promise<KeyRing> {
  const saved = await secrets.get(NAME);
  if (saved !== undefined) {
    try {
      return await ringFrom(saved);
    } catch (cause) {
      throw new DamagedKey(say("storage.keyDamaged"), { cause });
    }
  }
  const pem = await newKey();
  const isFirst = await replaceSecret(secrets, NAME, undefined, pem).catch((cause: unknown) => {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === undefined) throw cause;
    throw new DamagedKey(say("storage.keyUnwritable", { code }), { cause });
  });
  // Another server of the same database made one meanwhile.
  if (!isFirst) return readOrMake(secrets, log);
  log.info("signing key made", { kept_in: secrets.kind });
  return ringFrom(pem);
}

/** The ring with one more key that verifies. */
function withFormer(saved: string, pem: string, verifyUntil: Instant): string {
  const [signing = "", ...former] = blocksOf(saved);
  return [signing, formerBlock(pem, verifyUntil), ...former].join("\n");
}

/** The ring with another key that signs; the one that signed so far verifies. */
function withSigning(saved: string, pem: string, verifyUntil: Instant): string {
  const [signing = "", ...former] = blocksOf(saved);
  const published = publicPem(pem);
  return [pem, formerBlock(signing, verifyUntil), ...former.filter((text) => !text.includes(published))].join("\n");
}

function formerBlock(pem: string, verifyUntil: Instant): string {
  return `Verify-Until: ${new Date(verifyUntil).toISOString()}\n${publicPem(pem)}`;
}

function publicPem(pem: string): string {
  return createPublicKey(pem.slice(pem.indexOf("-----BEGIN")))
    .export({ type: "spki", format: "pem" })
    .toString()
    .trim();
}

function blocksOf(pem: string): readonly string[] {
  return [...pem.matchAll(PEM_BLOCK)].map(([text]) => text);
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
