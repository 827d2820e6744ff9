import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { type Log, PairingError, type SecretStore } from "../../core/index.ts";

/** One key of the ring. `privateKey` is there for the one that signs. */
export interface RingKey {
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey?: KeyObject;
  readonly jwk: Readonly<Record<string, string>>;
}

export interface KeyRing {
  readonly signing: RingKey & { readonly privateKey: KeyObject };
  readonly byKid: ReadonlyMap<string, RingKey>;
}

const PEM_BLOCK = /-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----/g;
const SMALLEST_KEY = 2048;

/**
 * The ring from the secret store: the first private key of the PEM text signs, public keys after it still verify.
 * Without one a key is made, once however many ask at the same time. Rejects with `keys_unavailable`; the next call tries again.
 */
export function createKeyRing(secrets: SecretStore, log: Log): () => Promise<KeyRing> {
  let ring: Promise<KeyRing> | undefined;
  return () => {
    ring ??= readOrMake(secrets, log).catch((cause: unknown) => {
      ring = undefined;
      const note = cause instanceof Error ? cause.message : "unknown";
      log.error("signing key unavailable", { reason: note });
      throw new PairingError("keys_unavailable", { note, cause });
    });
    return ring;
  };
}

async function readOrMake(secrets: SecretStore, log: Log): Promise<KeyRing> {
  const kept = await secrets.get("signing-key");
  if (kept !== undefined) return ringFrom(kept);
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  await secrets.set("signing-key", pem);
  log.info("signing key made", { kept_in: secrets.kind });
  return ringFrom(pem);
}

/** Throws when the text holds no RSA private key of at least 2048 bits. */
async function ringFrom(pem: string): Promise<KeyRing> {
  const blocks = [...pem.matchAll(PEM_BLOCK)].map(([text, label = ""]) => ({ text, label }));
  const [first] = blocks;
  if (!first?.label.endsWith("PRIVATE KEY")) throw new Error("The signing key is not a PEM text that begins with a private key.");
  const signing = await ringKey(createPrivateKey(first.text));
  if (!signing.privateKey) throw new Error("The signing key is not a private key.");
  const former = await Promise.all(blocks.slice(1).map(({ text }) => ringKey(createPublicKey(text))));
  return { signing: { ...signing, privateKey: signing.privateKey }, byKid: new Map([signing, ...former].map((key) => [key.kid, key])) };
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
