import { closeSync, constants, openSync, readFileSync, statSync, unlinkSync, writeSync } from "node:fs";
import path from "node:path";
import { giveUpNow, isFull } from "./reserve.ts";
import { CAUTIOUS, cannotUse, codeOf, isMissing } from "./storage-file.ts";

/** Who holds the folder. The start time distinguishes a process from a later one that got the same number. */
export interface Holder {
  readonly pid: number;
  readonly started?: string;
  readonly boot?: string;
  /** Where its number means something: the computer's (or container's) name, and the kernel's name for its processes' world. */
  readonly host?: string;
  readonly world?: string;
  /** The folder's device and inode: a lock that was copied with its folder is none. */
  readonly folder?: string;
  /** Different for each lock, also of processes with the same number. */
  readonly run?: string;
}

export type Found =
  | { readonly kind: "none" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "holder"; readonly holder: Holder; readonly text: string };

/** A holder shows that it lives by touching its lock, for those who cannot see its process: other containers and computers. */
export const TOUCH_EVERY_MS = 2000;
export const MAX_UNTOUCHED_MS = 3 * TOUCH_EVERY_MS;

/** Returns `false` when there is one. On a full disk it takes of the room that is set aside: without a lock nobody can be revoked. */
export function createLock(lock: string, own: string): boolean {
  for (;;) {
    try {
      return createNow(lock, own);
    } catch (cause) {
      if (!isFull(cause) || !giveUpNow(path.join(path.dirname(lock), "pairing.reserve"))) throw cannotUse(lock, cause);
    }
  }
}

function createNow(lock: string, own: string): boolean {
  try {
    const fd = openSync(lock, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | CAUTIOUS, 0o600);
    try {
      writeSync(fd, own);
    } catch (cause) {
      unlinkSync(lock);
      throw cause;
    } finally {
      closeSync(fd);
    }
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw cause;
  }
}

export function readLock(lock: string): Found {
  const text = readText(lock);
  if (text === undefined) return { kind: "none" };
  try {
    const { pid, started, boot, host, world, folder, run } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return { kind: "unreadable" };
    const words = Object.entries({ started, boot, host, world, folder, run }).filter(([, word]) => typeof word === "string");
    return { kind: "holder", text, holder: { pid, ...(Object.fromEntries(words) as Omit<Holder, "pid">) } };
  } catch {
    return { kind: "unreadable" };
  }
}

export function readText(file: string): string | undefined {
  try {
    const fd = openSync(file, constants.O_RDONLY | CAUTIOUS);
    try {
      return readFileSync(fd, "utf8");
    } finally {
      closeSync(fd);
    }
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw cannotUse(file, cause);
  }
}

/** Exact, also where inodes are larger than a number can say. */
export function folderOf(lock: string): string | undefined {
  const found = statSync(path.dirname(lock), { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

export function touchedAt(lock: string): number | undefined {
  return statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
}

export function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}
