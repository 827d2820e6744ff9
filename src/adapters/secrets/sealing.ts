import { createCipheriv, createDecipheriv, hash, randomBytes } from "node:crypto";

/** The row that holds a secret. What was encrypted for one row is not accepted in another. */
export interface SealedRow {
  readonly table: string;
  readonly id: string;
}

export type Opened = { readonly kind: "opened"; readonly secret: string } | { readonly kind: "other_key" | "damaged" };

/** Encrypts secrets that are stored where others may read (AES-256-GCM). */
export interface Sealing {
  /** With the first key and a fresh nonce. The text names the key. */
  seal(row: SealedRow, secret: string): string;
  /** With any of the keys. `other_key`: it was encrypted with none of them. */
  open(row: SealedRow, sealed: string): Opened;
}

const FORMAT = "1";
const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SEALED = /^1\.([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** `keys`: base64 of 32 bytes each, one at least. */
export function createSealing(keys: readonly string[]): Sealing {
  const byId = new Map(keys.map((text) => Buffer.from(text, "base64")).map((key) => [keyId(key), key]));
  return {
    seal(row, secret) {
      const [first] = byId;
      if (!first) throw new Error("there is no key to encrypt with");
      const [id, key] = first;
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(associated(row));
      const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return [FORMAT, id, nonce.toString("base64url"), sealed.toString("base64url")].join(".");
    },
    open(row, text) {
      const [, id = "", nonce = "", sealed = ""] = SEALED.exec(text) ?? [];
      const [nonceBytes, bytes] = [decoded(nonce), decoded(sealed)];
      if (!nonceBytes || !bytes) return { kind: "damaged" };
      const key = byId.get(id);
      if (!key) return { kind: "other_key" };
      try {
        const decipher = createDecipheriv(CIPHER, key, nonceBytes, { authTagLength: TAG_BYTES })
          .setAAD(associated(row))
          .setAuthTag(bytes.subarray(-TAG_BYTES));
        return {
          kind: "opened",
          secret: Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString("utf8"),
        };
      } catch {
        return { kind: "damaged" };
      }
    },
  };
}

/** `undefined` for nothing, and for characters that decoders overlook. */
function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, "base64url");
  return text !== "" && bytes.toString("base64url") === text ? bytes : undefined;
}

/** Names a key without saying anything of it. */
function keyId(key: Buffer): string {
  return hash("sha256", Buffer.concat([Buffer.from("topdog secrets key "), key]), "buffer")
    .subarray(0, 9)
    .toString("base64url");
}

function associated({ table, id }: SealedRow): Buffer {
  return Buffer.from(JSON.stringify([FORMAT, table, id]));
}
