import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

/** There is no copy to look at. The message says why. */
export class NoCopy extends Error {
  override readonly name = "NoCopy";
}

export interface StorageCopy {
  readonly folder: string;
  /** The key that signs, for whoever starts on the copy. Never written to it. */
  readonly signingKey: string | undefined;
  remove(): Promise<void>;
}

/**
 * The journal first. What was promised before the copy began is in it, or in the files, which only grow newer: a checkpoint
 * in between makes files that are ahead of the journal, which a start notices. The other way round changes could be missing unseen.
 */
const FILES = ["pairing_journal.jsonl", "pairing_sessions.json", "paired_devices.json", "revoked_jti.json", "phone_outbox.json"] as const;
/** Containers often have a small /tmp, and one that overflows ends the server. */
const MAX_BYTES = 48 * 1024 * 1024;

/** What a crash would leave of a running server's storage folder, in a temporary one for this account only. Rejects with {@link NoCopy}. */
export async function copyStorage(folder: string): Promise<StorageCopy> {
  const contents: (readonly [string, Buffer])[] = [];
  let bytes = 0;
  for (const name of FILES) {
    const content = await readAll(path.join(folder, name), MAX_BYTES - bytes);
    bytes += content.length;
    contents.push([name, content]);
  }
  const signingKey = await readAll(path.join(folder, "signing_key.pem"), MAX_BYTES).then(String, () => undefined);
  const copy = await mkdtemp(path.join(tmpdir(), `topdog-verify-${randomBytes(4).toString("hex")}-`));
  const remove = (): Promise<void> => rm(copy, { recursive: true, force: true });
  try {
    for (const [name, content] of contents) await writeFile(path.join(copy, name), content, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    await remove();
    throw new NoCopy(`The storage folder cannot be copied to ${tmpdir()} (${codeOf(cause)}).`);
  }
  return { folder: copy, signingKey, remove };
}

async function readAll(file: string, most: number): Promise<Buffer> {
  try {
    // Never waiting for the other end of a pipe. Windows does not know the flag, nor needs it.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new NoCopy(`${file} is not a plain file.`);
      const { size } = found;
      if (size > most) throw new NoCopy(`The storage folder is too large to be copied to ${tmpdir()}.`);
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw cause instanceof NoCopy ? cause : new NoCopy(`${file} cannot be read (${codeOf(cause)}).`);
  }
}

function codeOf(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? "unknown error";
}
