import { randomBytes } from "node:crypto";
import {
  close as closeCallback,
  constants,
  fchmod,
  fdatasync,
  fstat,
  fsync,
  ftruncate,
  lstat,
  open as openCallback,
  read,
  rename as renameCallback,
  statSync,
  unlink,
  write,
  writeSync,
} from "node:fs";
import { readdir } from "node:fs/promises";
import { constants as system } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Log } from "../../../core/index.ts";

/** The storage folder cannot be used as it is. The message is one line: which file or folder, and the way out. */
export class StorageError extends Error {
  override readonly name = "StorageError";
}

/** Plain descriptors: on the way of every change a FileHandle's bookkeeping can be measured. */
export const files = {
  open: promisify(openCallback),
  close: promisify(closeCallback),
  read: promisify(read),
  write: promisify(write),
  writeNow: writeSync,
  statNow: statSync,
  lstat: promisify(lstat),
  fstat: promisify(fstat),
  fchmod: promisify(fchmod),
  fsync: promisify(fsync),
  fdatasync: promisify(fdatasync),
  ftruncate: promisify(ftruncate),
  rename: promisify(renameCallback),
  unlink: promisify(unlink),
};

/** Never through a link, and never waiting for the other end of a pipe. Windows knows neither flag, nor needs them. */
export const CAUTIOUS = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const PRIVATE = 0o600;
const OTHERS = 0o077;
const PIECE = 1 << 20;
/** On Windows, virus scanners and indexers open a new file for a moment, and nobody may rename it meanwhile. */
const IN_USE: ReadonlySet<string> = new Set(["EPERM", "EACCES", "EBUSY"]);
const RENAME_TRIES = 20;
const BETWEEN_RENAMES_MS = 50;

export function codeOf(cause: unknown): string {
  const { errno } = (cause as NodeJS.ErrnoException | undefined) ?? {};
  // libuv has no name for a full quota: Node.js 20 calls it `Unknown system error -122`.
  if (errno !== undefined && errno === -system.errno.EDQUOT) return "EDQUOT";
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? (cause instanceof Error ? cause.message : "unknown error");
}

export function isMissing(cause: unknown): boolean {
  return codeOf(cause) === "ENOENT";
}

/** Whether there is a file of this name. Throws for anything in its place that is no plain file with one name. */
export async function findPlainFile(file: string): Promise<boolean> {
  const found = await files.lstat(file).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw cannotUse(file, cause);
  });
  if (!found) return false;
  if (!found.isFile())
    throw new StorageError(`${file} is not a plain file. Move it away, or restore the file from a backup, and start again.`);
  if (found.nlink > 1) throw new StorageError(`${file} has a second name (hard link). Replace it by a copy of its own and start again.`);
  return true;
}

/** Opens a storage file that exists. One that other accounts can read was not made by us like that: it is said, and mended. */
export async function openStorageFile(file: string, access: "read" | "write", log: Log): Promise<number> {
  const fd = await openPlainFile(file, access === "read" ? constants.O_RDONLY : constants.O_RDWR);
  try {
    const { mode } = await files.fstat(fd);
    if (process.platform !== "win32" && (mode & OTHERS) !== 0) await tighten(file, fd, log);
    return fd;
  } catch (cause) {
    await files.close(fd);
    throw cause;
  }
}

async function openPlainFile(file: string, access: number): Promise<number> {
  const fd = await files.open(file, CAUTIOUS | access).catch((cause: unknown) => {
    throw cannotUse(file, cause);
  });
  try {
    const found = await files.fstat(fd);
    if (!found.isFile() || found.nlink > 1) throw new StorageError(`${file} is not a plain file of its own. Move it away and start again.`);
    return fd;
  } catch (cause) {
    await files.close(fd);
    throw cause;
  }
}

/** How a file is opened by who reads it. */
export type OpenToRead = (file: string) => Promise<number>;

/** For the server whose folder it is: a file that others can read is closed to them. */
export function asOwner(log: Log): OpenToRead {
  return async (file) => openStorageFile(file, "read", log);
}

/** For who looks on, perhaps beside a running server: everything stays as it is. */
export const asReader: OpenToRead = async (file) => openPlainFile(file, constants.O_RDONLY);

async function tighten(file: string, fd: number, log: Log): Promise<void> {
  await files.fchmod(fd, PRIVATE).then(
    () => log.warn("a storage file could be read by other accounts; its mode is 0600 now", { file }),
    (cause: unknown) => log.warn("a storage file can be read by other accounts; run chmod 600 on it", { file, reason: codeOf(cause) }),
  );
}

/** A new file, mode 0600 from its first moment. Fails when anything has this name. */
export async function createStorageFile(file: string): Promise<number> {
  return files.open(file, CAUTIOUS | constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, PRIVATE);
}

/** Writes all of it: the kernel may take less than it was given (a nearly full disk, a size limit). */
export async function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const { bytesWritten } = await files.write(fd, bytes, written, bytes.length - written, position + written);
    if (bytesWritten === 0) throw nothingWritten();
    written += bytesWritten;
  }
}

function nothingWritten(): Error {
  return Object.assign(new Error("nothing was written"), { code: "ENOSPC" });
}

/**
 * The same at once, for the few kilobytes of a batch of changes: they go into the kernel's memory, which takes less than handing
 * them to another thread. What waits for the disk is the sync that follows.
 */
export function writeAllNow(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    const wrote = files.writeNow(fd, bytes, written, bytes.length - written, position + written);
    if (wrote === 0) throw nothingWritten();
    written += wrote;
  }
}

/** The bytes from `start` to `end`; fewer when the file ends before. */
export async function readBytes(fd: number, start: number, end: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(end - start);
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await files.read(fd, bytes, filled, Math.min(PIECE, bytes.length - filled), start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** The bytes up to `size`, in pieces; each is good until the next is asked for, which is read meanwhile. */
export async function* readPieces(fd: number, size: number): AsyncGenerator<Buffer> {
  const length = Math.min(PIECE, size);
  const buffers = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(size > PIECE ? length : 0)] as const;
  const fill = async (into: Buffer, start: number): Promise<Buffer> => {
    const wanted = Math.min(length, size - start);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await files.read(fd, into, filled, wanted - filled, start + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return into.subarray(0, filled);
  };
  let [current, other] = buffers;
  let reading: Promise<Buffer> | undefined = fill(current, 0);
  try {
    for (let start = 0; reading && start < size; ) {
      const piece: Buffer = await reading;
      reading = undefined;
      if (piece.length === 0) return;
      start += piece.length;
      [current, other] = [other, current];
      if (start < size) reading = fill(current, start);
      yield piece;
    }
  } finally {
    // The file must stay open, and the error must be heard of, until the last read has ended.
    await reading?.catch(() => undefined);
  }
}

/** Of this process alone: one that was paused in the middle of a draft must not find another's under the name of its own. */
const RUN = randomBytes(6).toString("hex");
const DRAFT = /\.([0-9a-f]{12}\.)?draft$/;

export function draftOf(file: string): string {
  return `${file}.${RUN}.draft`;
}

/** The drafts that are there of these files, whoever made them. */
export async function findDrafts(folder: string, of: readonly string[]): Promise<readonly string[]> {
  const names = new Set(of.map((file) => path.basename(file)));
  const drafts = (await readdir(folder)).filter((name) => DRAFT.test(name) && names.has(name.replace(DRAFT, "")));
  return drafts.map((name) => path.join(folder, name));
}

/** Deletes what a crash left of a draft. It is never read: only a rename makes a draft count. */
export async function removeDraft(file: string): Promise<boolean> {
  const draft = draftOf(file);
  if (!(await findPlainFile(draft))) return false;
  await files.unlink(draft);
  return true;
}

/** Folders that a store holds, each with the check that it still does. */
const held = new Map<string, () => void>();

/** From now on no file of this folder is replaced unless `check` lets it. Answers how to end that. */
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
  await removeDraft(file);
  const draft = await createStorageFile(draftOf(file));
  try {
    await fill(draft);
    await files.fsync(draft);
  } catch (cause) {
    await files.close(draft);
    await files.unlink(draftOf(file)).catch(() => undefined);
    throw cause;
  }
  await files.close(draft);
  try {
    await renameDraft(file);
  } catch (cause) {
    await files.unlink(draftOf(file)).catch(() => undefined);
    throw cause;
  }
}

/** The same content in another file of the same name. Whoever still has the former one open does not reach it. */
export async function renewFile(file: string, open: OpenToRead): Promise<void> {
  if (!(await findPlainFile(file))) return;
  const from = await open(file);
  try {
    const { size } = await files.fstat(from);
    await replaceFile(file, async (draft) => {
      for (let start = 0; start < size; start += PIECE) {
        await writeAll(draft, await readBytes(from, start, Math.min(size, start + PIECE)), start);
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

const WAYS_OUT: Readonly<Record<string, string>> = {
  ENOSPC: "Free space on its disk",
  EDQUOT: "Free space in this account's quota",
  EROFS: "Make its disk writable",
  EIO: "Check its disk",
};

export function cannotUse(file: string, cause: unknown): StorageError {
  const code = codeOf(cause);
  if (code === "ELOOP") return new StorageError(`${file} is a link. Put the plain file in its place and start again.`, { cause });
  const folder = path.dirname(file);
  const way = WAYS_OUT[code] ?? `Give this account read and write access to ${folder}`;
  return new StorageError(`${file} cannot be used (${code}). ${way}, or set PAIRING_STORAGE_PATH to another folder.`, { cause });
}

export function damaged(file: string, what: string): StorageError {
  return new StorageError(
    `${file} is damaged (${what}); nothing was changed. Restore the whole folder ${path.dirname(file)} from a backup, or move it away to start without paired phones.`,
  );
}
