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
import { constants as system } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { isKeyOf } from "../../../base/is-key-of.ts";
import { messageOf } from "../../../base/message-of.ts";
import type { Log } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";

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
export const PIECE_BYTES = 1 << 20;

export function codeOf(cause: unknown): string {
  const { errno } = (cause as NodeJS.ErrnoException | undefined) ?? {};
  // libuv has no name for a full quota: Node.js 20 calls it `Unknown system error -122`.
  if (errno !== undefined && errno === -system.errno.EDQUOT) return "EDQUOT";
  return (cause as NodeJS.ErrnoException | undefined)?.code ?? messageOf(cause, "unknown error");
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
  if (!found.isFile()) throw new StorageError(say("storage.notPlainRestore", { file }));
  if (found.nlink > 1) throw new StorageError(say("storage.hardLink", { file }));
  return true;
}

/** The size of a file; 0 if it cannot be read. */
export async function sizeOf(file: string): Promise<number> {
  return files.lstat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

/** Opens a storage file that exists. No server makes one that other accounts can read: it is closed to them, with a line in the log. */
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
    if (!found.isFile() || found.nlink > 1) throw new StorageError(say("storage.notAlone", { file }));
    return fd;
  } catch (cause) {
    await files.close(fd);
    throw cause;
  }
}

export type OpenToRead = (file: string) => Promise<number>;

/** For the server whose folder it is: a file that others can read is closed to them. */
export function asOwner(log: Log): OpenToRead {
  return async (file) => openStorageFile(file, "read", log);
}

/** For a reader beside a server that may be running: everything stays as it is. */
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
  return fill(fd, Buffer.allocUnsafe(end - start), start);
}

async function fill(fd: number, into: Buffer, start: number): Promise<Buffer> {
  let filled = 0;
  while (filled < into.length) {
    const { bytesRead } = await files.read(fd, into, filled, Math.min(PIECE_BYTES, into.length - filled), start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return into.subarray(0, filled);
}

/** The bytes up to `size`, in pieces; each is good until the next is asked for, which is read meanwhile. */
export async function* readPieces(fd: number, size: number): AsyncGenerator<Buffer> {
  const length = Math.min(PIECE_BYTES, size);
  let [current, other] = [Buffer.allocUnsafe(length), Buffer.allocUnsafe(size > PIECE_BYTES ? length : 0)];
  const read = async (start: number): Promise<Buffer> => fill(fd, current.subarray(0, size - start), start);
  let reading: Promise<Buffer> | undefined = read(0);
  try {
    for (let start = 0; reading && start < size; ) {
      const piece: Buffer = await reading;
      reading = undefined;
      if (piece.length === 0) return;
      start += piece.length;
      [current, other] = [other, current];
      if (start < size) reading = read(start);
      yield piece;
    }
  } finally {
    // The file stays open, and an error is handled, until the last read has ended.
    await reading?.catch(() => undefined);
  }
}

const REMEDIES = {
  ENOSPC: "storage.freeDisk",
  EDQUOT: "storage.freeQuota",
  EROFS: "storage.makeWritable",
  EIO: "storage.checkDisk",
} as const;

export function cannotUse(file: string, cause: unknown): StorageError {
  const code = codeOf(cause);
  if (code === "ELOOP") return new StorageError(say("storage.symbolicLink", { file }), { cause });
  const folder = path.dirname(file);
  const remedy = isKeyOf(REMEDIES, code) ? say(REMEDIES[code]) : say("storage.giveAccess", { folder });
  return new StorageError(say("storage.fileUnusable", { file, code, remedy }), { cause });
}

export function damaged(file: string, what: string): StorageError {
  return new StorageError(say("storage.fileDamaged", { file, what, folder: path.dirname(file) }));
}

export function damagedLine(file: string, number: number, what: string): StorageError {
  return damaged(file, say("storage.atLine", { number, what }));
}
