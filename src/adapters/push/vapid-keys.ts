import { createECDH } from "node:crypto";
import { messageOf } from "../../base/message-of.ts";
import { type Log, PairingError, type SecretStore } from "../../core/index.ts";
import { replaceSecret } from "../secrets/replace-secret.ts";

/** What push services know this server by (RFC 8292): raw keys of P-256, base64url. */
export interface VapidKeys {
  readonly publicKey: string;
  readonly privateKey: string;
}

const NAME = "push-key";
const PRIVATE_KEY = /^[A-Za-z0-9_-]{43}$/;

/**
 * The key pair from the secret store, made when it is first needed, once however many ask at the same time. Rejects with
 * `keys_unavailable`; the next call tries again. One that cannot be read is never replaced: every phone would have to subscribe anew.
 */
export function createVapidKeys(secrets: SecretStore, log: Log): () => Promise<VapidKeys> {
  let keys: Promise<VapidKeys> | undefined;
  return () => {
    keys ??= readOrMake(secrets, log).catch((cause: unknown) => {
      keys = undefined;
      const note = messageOf(cause, "unknown");
      throw new PairingError("keys_unavailable", {
        params: { reason: "push" },
        note,
        cause,
      });
    });
    return keys;
  };
}

async function readOrMake(secrets: SecretStore, log: Log): Promise<VapidKeys> {
  const saved = (await secrets.get(NAME))?.trim();
  if (saved !== undefined) return keysOf(saved);
  const curve = createECDH("prime256v1");
  curve.generateKeys();
  // Without the zeros that it may begin with it would be too short.
  const privateKey = Buffer.from(curve.getPrivateKey("hex").padStart(64, "0"), "hex").toString("base64url");
  // Another server of the same database may have made one meanwhile: subscriptions are bound to one key.
  if (!(await replaceSecret(secrets, NAME, undefined, privateKey))) return readOrMake(secrets, log);
  log.info("key for notifications made", { kept_in: secrets.kind });
  return keysOf(privateKey);
}

function keysOf(privateKey: string): VapidKeys {
  if (!PRIVATE_KEY.test(privateKey)) throw new Error("What is kept as the key for notifications is no key.");
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(privateKey, "base64url");
  return { publicKey: curve.getPublicKey("base64url"), privateKey };
}
