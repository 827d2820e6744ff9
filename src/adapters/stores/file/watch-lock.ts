import { closeSync, constants, fstatSync, futimesSync, openSync, statSync, utimesSync } from "node:fs";
import path from "node:path";
import { say } from "../../../words/say.ts";
import { createLock, type Found, folderOf, type Holder, MAX_UNTOUCHED_MS, readLock, readText, tryTo } from "./lock-file.ts";
import { CAUTIOUS, StorageError } from "./storage-file.ts";

/**
 * Nobody takes a lock over that was touched within `MAX_UNTOUCHED_MS`. So a lock is held while it is the same file and that time has not
 * passed, by neither clock: the wall clock goes on while a computer sleeps, and nobody sets the monotonic one. Later its content
 * decides: the same one is touched again (a laptop that slept), another one ends this holder.
 */
export function watchLock(lock: string, own: string, lost: (cause: StorageError) => void): { touch(): void; check(): void; close(): void } {
  // Open, so that no other file gets its inode. Windows lets nobody replace an open file, so there its content is read each time.
  const open = (): number | undefined => (process.platform === "win32" ? undefined : openSync(lock, constants.O_RDONLY | CAUTIOUS));
  let fd = open();
  let touched = { wall: Date.now(), monotonic: performance.now() };
  let taken: StorageError | undefined;
  let closed = false;

  const isLate = (): boolean => Math.max(Math.abs(Date.now() - touched.wall), performance.now() - touched.monotonic) > MAX_UNTOUCHED_MS;
  const isSameContent = (): boolean => {
    let found: Found;
    try {
      found = readLock(lock);
    } catch (cause) {
      // No descriptor left, or a disk that fails: its identity has to do.
      if (isSameFile(lock, fd)) return true;
      throw cause;
    }
    if (found.kind === "none") return makeAgain();
    return found.kind === "holder" && found.text === own;
  };
  /** Deleted by hand, or away together with its folder, which is the disk's matter and not another holder's. */
  const makeAgain = (): boolean => {
    if (folderOf(lock) !== (JSON.parse(own) as Holder).folder) return true;
    if (!createLock(lock, own)) return readText(lock) === own;
    if (fd !== undefined) closeSync(fd);
    fd = open();
    return true;
  };
  const refresh = (): void => {
    const now = { wall: Date.now(), monotonic: performance.now() };
    if (fd === undefined) utimesSync(lock, new Date(), new Date());
    else futimesSync(fd, new Date(), new Date());
    touched = now;
  };
  const check = (): void => {
    if (taken) throw taken;
    if (closed || (!isLate() && isSameFile(lock, fd))) return;
    // Touched first: a process that reads it from now on sees that this holder lives.
    if (isLate()) tryTo(refresh);
    if (isSameContent()) return;
    taken = takenOver(lock);
    lost(taken);
    throw taken;
  };
  return {
    check,
    // That the folder cannot be written now is an error of the next change.
    touch() {
      tryTo(check);
      if (!taken) tryTo(refresh);
    },
    close() {
      closed = true;
      if (fd !== undefined) closeSync(fd);
    },
  };
}

function isSameFile(lock: string, fd: number | undefined): boolean {
  if (fd === undefined) return false;
  const now = statSync(lock, { throwIfNoEntry: false });
  const { dev, ino } = fstatSync(fd);
  return now?.dev === dev && now.ino === ino;
}

function takenOver(lock: string): StorageError {
  const folder = path.dirname(lock);
  let sentence = say("storage.lockTaken", { folder });
  tryTo(() => {
    const found = readLock(lock);
    if (found.kind !== "holder") return;
    const { pid, host = say("storage.anotherComputer") } = found.holder;
    sentence = say("storage.lockTakenBy", { folder, pid, host });
  });
  return new StorageError(sentence);
}
