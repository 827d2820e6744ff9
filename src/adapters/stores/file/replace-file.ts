import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { codeOf, createStorageFile, files, findPlainFile, type OpenToRead, PIECE_BYTES, readBytes, writeAll } from "./storage-file.ts";

/** On Windows, virus scanners and indexers open a new file for a moment, and nobody may rename it meanwhile. */
const IN_USE: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EBUSY"]);
const RENAME_TRIES = 20;
const BETWEEN_RENAMES_MS = 50;

/** Of this process alone: one that was paused in the middle of a draft must not find another's under the name of its own. */
const RUN = randomBytes(6).toString("hex");
const DRAFT = /\.([0-9a-f]{12}\.)?draft$/;

export function draftOf(file: string): string {
  return `${file}.${RUN}.draft`;
}

/** The drafts of these files, no matter which process made them. */
export async function findDrafts(folder: string, of: readonly string[]): Promise<readonly string[]> {
  const names = new Set(of.map((file) => path.basename(file)));
  const drafts = (await readdir(folder)).filter((name) => DRAFT.test(name) && names.has(name.replace(DRAFT, "")));
  return drafts.map((name) => path.join(folder, name));
}

/** Deletes what a crash left of a draft. It is never read: only a rename makes a draft count. */
async function removeDraft(file: string): Promise<boolean> {
  const draft = draftOf(file);
  if (!(await findPlainFile(draft))) return false;
  await files.unlink(draft);
  return true;
}

/** A fresh draft, open. */
export async function createDraft(file: string): Promise<number> {
  await removeDraft(file);
  return createStorageFile(draftOf(file));
}

/** Folders that a store holds, each with the check that it still does. */
const held = new Map<string, () => void>();

/** From now on no file of this folder is replaced unless `check` lets it. Returns what ends that. */
export function guardFolder(folder: string, check: () => void): () => void {
  held.set(folder, check);
  return () => void held.delete(folder);
}

/** A draft takes the place of its file, at which moment the folder must still be this process's. */
export async function renameDraft(file: string): Promise<void> {
  await renameFile(draftOf(file), file, () => held.get(path.dirname(file))?.());
}

/** Renames a file, and tries again while another program has it open. `check` is asked before each try, and ends it by throwing. */
export async function renameFile(from: string, to: string, check: () => void = () => undefined): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    check();
    try {
      await files.rename(from, to);
      return;
    } catch (cause) {
      if (!IN_USE.has(codeOf(cause)) || tries === RENAME_TRIES) throw cause;
      await delay(BETWEEN_RENAMES_MS);
    }
  }
}

/** A file lands whole: `fill` writes the draft, which is made durable and then takes the place of the file. */
export async function replaceFile(file: string, fill: (draft: number) => Promise<void>): Promise<void> {
  const draft = await createDraft(file);
  try {
    try {
      await fill(draft);
      await files.fsync(draft);
    } finally {
      await files.close(draft);
    }
    await renameDraft(file);
  } catch (cause) {
    await discardDraft(file);
    throw cause;
  }
}

/** After a failure. Never rejects: a draft that stays is deleted before the next one is written. */
export async function discardDraft(file: string): Promise<void> {
  await files.unlink(draftOf(file)).catch(() => undefined);
}

/** The same content in another file of the same name. A process that still has the former one open does not reach it. */
export async function renewFile(file: string, open: OpenToRead): Promise<void> {
  if (!(await findPlainFile(file))) return;
  const from = await open(file);
  try {
    const { size } = await files.fstat(from);
    await replaceFile(file, async (draft) => {
      for (let start = 0; start < size; start += PIECE_BYTES) {
        await writeAll(draft, await readBytes(from, start, Math.min(size, start + PIECE_BYTES)), start);
      }
    });
  } finally {
    await files.close(from);
  }
}

/** Makes names durable: a file that was created or renamed is there after a power cut only once its folder was synced. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder, and writes names through by itself.
  if (process.platform === "win32") return;
  const fd = await files.open(folder, constants.O_RDONLY);
  try {
    await files.fsync(fd);
  } finally {
    await files.close(fd);
  }
}
