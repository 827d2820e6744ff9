import { randomUUID } from "node:crypto";
import path from "node:path";
import * as z from "zod";
import type { SecretName } from "../../core/index.ts";
import { replaceFile, syncFolder } from "../stores/file/replace-file.ts";
import { cannotUse, files, findPlainFile, type OpenToRead, readBytes, writeAll } from "../stores/file/storage-file.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

/**
 * What must be known of the keychain while it cannot be asked. Nothing in it is secret: marks are random words that each item in the
 * keychain carries as well, so that "locked" (which answers as if nothing was there) is never taken for a first run.
 */
const Note = z.object({
  /** Distinguishes this folder's items from those of another storage folder of the same account. */
  id: z.string().min(1),
  home: z.enum(["keychain", "file"]),
  /** The keyring's program, as it was at the last write. */
  backend: z.string().optional(),
  kept: z.record(
    z.string(),
    z.object({
      /** Of the item that was read back. */
      mark: z.string().optional(),
      /** Of the item that is being written. */
      next: z.string().optional(),
    }),
  ),
});

type Parsed = z.output<typeof Note>;
export interface KeychainNote extends Omit<Parsed, "kept"> {
  readonly kept: Readonly<Partial<Record<SecretName, Parsed["kept"][string]>>>;
}

export const NOTE_FILE = "keychain.json";

/** The note of a folder; `undefined` where there is none. Rejects with {@link SecretsUnavailable} when it cannot be used. */
export async function readNote(folder: string, open: OpenToRead): Promise<KeychainNote | undefined> {
  const file = path.join(folder, NOTE_FILE);
  try {
    if (!(await findPlainFile(file))) return undefined;
    const fd = await open(file);
    try {
      const { size } = await files.fstat(fd);
      return Note.parse(JSON.parse((await readBytes(fd, 0, size)).toString("utf8")));
    } finally {
      await files.close(fd);
    }
  } catch (cause) {
    throw new SecretsUnavailable("note_damaged", { cause });
  }
}

/** Resolves when it is on disk, whole. */
export async function writeNote(folder: string, note: KeychainNote): Promise<void> {
  const file = path.join(folder, NOTE_FILE);
  try {
    await replaceFile(file, async (draft) => writeAll(draft, Buffer.from(`${JSON.stringify(note, null, 2)}\n`), 0));
    await syncFolder(folder);
  } catch (cause) {
    throw cannotUse(file, cause);
  }
}

export function emptyNote(): KeychainNote {
  return { id: randomUUID(), home: "keychain", kept: {} };
}
