import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  openSync,
  readFileSync,
  readlinkSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname, uptime } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { draftOf, renameFile } from "./replace-file.ts";
import { giveUpNow, isFull } from "./reserve.ts";
import { CAUTIOUS, cannotUse, codeOf, findPlainFile, isMissing, StorageError } from "./storage-file.ts";

/** Who holds the folder. The start time tells a process from a later one that got the same number. */
interface Holder {
  readonly pid: number;
  readonly started?: string;
  readonly boot?: string;
  /** Where its number means something: the computer's (or container's) name, and the kernel's name for its processes' world. */
  readonly host?: string;
  readonly world?: string;
  /** The folder's device and inode: a lock that was copied with its folder is none. */
  readonly folder?: string;
  /** Tells this lock from any other of a process with the same number. */
  readonly run?: string;
}

type Found =
  | { readonly kind: "none" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "holder"; readonly holder: Holder; readonly text: string };

/** How long a lock may be without content: its maker writes it in the same breath, unless it died there. */
const PATIENCE = { tries: 25, wait: 20 };

/** A holder shows that it lives by touching its lock, for those who cannot see its process: other containers and computers. */
const TOUCH_EVERY = 2000;
const UNTOUCHED_FOR = 3 * TOUCH_EVERY;
const LOOK_EVERY = 250;

/** A folder that this process holds. */
export interface Lock {
  /**
   * Throws when the folder is not this process's any more: it was paused for so long (a stopped container, a virtual machine's snapshot)
   * that another one took over. Cheap enough to be asked before every change and every answer.
   */
  check(): void;
  /** Whether the holder before may still live: it could not be seen, only that it did not touch its lock. It may still write. */
  readonly formerMayLive: boolean;
  release(): void;
}

/** One process per folder. A lock whose process is gone is taken over; a living one is refused by its pid. `lost` is called once. */
export async function takeLock(lock: string, lost: (cause: StorageError) => void): Promise<Lock> {
  const own = JSON.stringify({ ...ownHolder(lock), run: randomBytes(8).toString("hex") });
  await findPlainFile(lock);
  const formerMayLive = (await acquire(lock, own, 0)) === "untouched";
  const held = watchLock(lock, own, lost);
  const touching = setInterval(() => held.touch(), TOUCH_EVERY);
  touching.unref();
  return {
    check: () => held.check(),
    formerMayLive,
    release() {
      clearInterval(touching);
      held.close();
      // Only what is still ours: somebody may have cleared the folder and started another process on it.
      if (readText(lock) === `${own}\n`) unlinkSync(lock);
    },
  };
}

/**
 * Nobody takes a lock over that was touched within `UNTOUCHED_FOR`. So a lock is held while it is the same file and that time has not
 * passed, by neither clock: the wall clock goes on while a computer sleeps, and nobody sets the monotonic one. Later its content
 * decides: the same one is touched again (a laptop that slept), another one ends this holder.
 */
function watchLock(lock: string, own: string, lost: (cause: StorageError) => void): { touch(): void; check(): void; close(): void } {
  // Open, so that no other file gets its inode. Windows lets nobody replace an open file, so there its content is read each time.
  const open = (): number | undefined => (process.platform === "win32" ? undefined : openSync(lock, constants.O_RDONLY | CAUTIOUS));
  let fd = open();
  let touched = { wall: Date.now(), monotonic: performance.now() };
  let taken: StorageError | undefined;
  let closed = false;

  const isLate = (): boolean => Math.max(Math.abs(Date.now() - touched.wall), performance.now() - touched.monotonic) > UNTOUCHED_FOR;
  const isSameFile = (): boolean => {
    if (fd === undefined) return false;
    const now = statSync(lock, { throwIfNoEntry: false });
    const { dev, ino } = fstatSync(fd);
    return now?.dev === dev && now.ino === ino;
  };
  const isSameContent = (): boolean => {
    let found: Found;
    try {
      found = look(lock);
    } catch (cause) {
      // No descriptor left, or a disk that fails: its identity has to do.
      if (isSameFile()) return true;
      throw cause;
    }
    if (found.kind === "none") return makeAgain();
    return found.kind === "holder" && found.text === `${own}\n`;
  };
  /** Deleted by hand, or away together with its folder, which is the disk's matter and not another holder's. */
  const makeAgain = (): boolean => {
    if (folderOf(lock) !== (JSON.parse(own) as Holder).folder) return true;
    if (!create(lock, own)) return readText(lock) === `${own}\n`;
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
    if (closed || (!isLate() && isSameFile())) return;
    // Touched first: whoever looks from now on sees that this holder lives.
    if (isLate()) tryTo(refresh);
    if (isSameContent()) return;
    taken = takenOver(lock);
    lost(taken);
    throw taken;
  };
  return {
    check,
    // A folder that cannot be written now says so where it matters, at the next change.
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

function tryTo(work: () => void): void {
  try {
    work();
  } catch {
    return;
  }
}

function takenOver(lock: string): StorageError {
  let by = "";
  tryTo(() => {
    const found = look(lock);
    if (found.kind === "holder") by = ` (pid ${found.holder.pid} on ${found.holder.host ?? "another computer"})`;
  });
  return new StorageError(
    `Another process${by} took over the storage folder ${path.dirname(lock)} while this one was paused. This server stops: what it knows may be out of date.`,
  );
}

/**
 * Who has the folder, as far as can be told without taking it. `left`: its process is gone, and the next start takes it over.
 * `computer` is there when it is another one, or another container.
 */
export type LockStatus =
  | { readonly kind: "free" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "held" | "left"; readonly pid: number; readonly computer?: string };

/** Looks, and leaves everything as it is. Of a holder elsewhere it takes some seconds to see whether it lives. */
export async function readLockStatus(lock: string): Promise<LockStatus> {
  const found = look(lock);
  if (found.kind === "none") return { kind: "free" };
  if (found.kind === "unreadable") return found;
  const { pid, host } = found.holder;
  const elsewhere = isElsewhere(found.holder, lock) ? { computer: host ?? "another computer" } : {};
  return { kind: (await lifeOf(lock, found)) === "alive" ? "held" : "left", pid, ...elsewhere };
}

/**
 * An existing lock is replaced only by who holds the lock *on replacing it*, and after a second look. So of any number of
 * processes that find the same dead lock one takes it over, and none can take away the lock the winner just made.
 */
async function acquire(lock: string, own: string, depth: number): Promise<"free" | "dead" | "untouched"> {
  let unreadable = 0;
  for (let tries = 0; tries < PATIENCE.tries * 4; tries += 1) {
    if (create(lock, own)) return "free";
    const found = look(lock);
    if (found.kind === "none") continue;
    if (found.kind === "unreadable" && unreadable < PATIENCE.tries) {
      unreadable += 1;
      await delay(PATIENCE.wait);
      continue;
    }
    const life = found.kind === "holder" ? await lifeOf(lock, found, () => isOlderThanBoot(lock)) : "untouched";
    if (life === "alive" && found.kind === "holder") {
      // Looking may have taken a while.
      if (readText(lock) !== found.text) continue;
      if (depth === 0) throw heldBy(lock, found.holder);
      // Replacing takes its holder a moment.
      await delay(PATIENCE.wait);
      continue;
    }
    if (await replaceDead(lock, own, found, depth)) return life === "dead" ? "dead" : "untouched";
  }
  throw new StorageError(`${lock} could not be taken: other processes keep taking it. Stop them, then start again.`);
}

/** The holder shows that it lives, so its lock stays. */
class TouchedMeanwhile extends Error {}

async function replaceDead(lock: string, own: string, dead: Found, depth: number): Promise<boolean> {
  const turn = `${lock}.turn`;
  const touchedBefore = touchedAt(lock);
  await acquire(turn, own, depth + 1);
  try {
    if (touchedAt(lock) !== touchedBefore) return false;
    const now = look(lock);
    const same = now.kind === "holder" && dead.kind === "holder" ? now.text === dead.text : now.kind === dead.kind;
    if (!same) return false;
    const draft = draftOf(lock);
    if (await findPlainFile(draft)) unlinkSync(draft);
    if (!create(draft, own)) return false;
    try {
      await renameFile(draft, lock, () => {
        if (touchedAt(lock) !== touchedBefore) throw new TouchedMeanwhile();
      });
    } catch (cause) {
      tryTo(() => unlinkSync(draft));
      if (cause instanceof TouchedMeanwhile) return false;
      throw cause;
    }
    return true;
  } catch (cause) {
    throw cause instanceof StorageError ? cause : cannotUse(lock, cause);
  } finally {
    if (readText(turn) === `${own}\n`) unlinkSync(turn);
  }
}

/** Answers `false` when there is one. On a full disk it takes of the room that is set aside: without a lock nobody can be revoked. */
function create(lock: string, own: string): boolean {
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
      writeSync(fd, `${own}\n`);
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

function look(lock: string): Found {
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

function readText(file: string): string | undefined {
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
function folderOf(lock: string): string | undefined {
  const found = statSync(path.dirname(lock), { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev}:${found.ino}`;
}

function ownHolder(lock: string): Holder {
  const folder = folderOf(lock);
  const started = startOf(process.pid);
  const linux = process.platform === "linux";
  const boot = linux ? readText("/proc/sys/kernel/random/boot_id")?.trim() : undefined;
  return {
    pid: process.pid,
    ...(typeof started === "string" ? { started } : {}),
    ...(boot === undefined ? {} : { boot }),
    host: hostname(),
    ...(linux ? { world: readlinkSync("/proc/self/ns/pid") } : {}),
    ...(folder === undefined ? {} : { folder }),
  };
}

/**
 * `untouched`: nobody can see its process, and it did not touch its lock for as long as no living holder leaves it alone. That takes
 * some seconds to see, unless `isOld` knows it at once.
 */
async function lifeOf(
  lock: string,
  { holder, text }: Extract<Found, { kind: "holder" }>,
  isOld: () => boolean = () => false,
): Promise<"alive" | "dead" | "untouched"> {
  const own = ownHolder(lock);
  const byTouch = async () => ((await isTouched(lock, text)) ? "alive" : "untouched");
  if ((holder.host ?? own.host) !== own.host) return byTouch();
  // This computer before it was started again, or another one of the same name: containers often have a fixed one.
  if (isOfOtherBoot(holder, own)) return isOld() ? "untouched" : byTouch();
  // Other computers may count devices differently, so this tells only on the same one.
  if (holder.folder !== undefined && holder.folder !== own.folder) return "dead";
  if ((holder.world ?? own.world) !== own.world) return byTouch();
  const started = startOf(holder.pid);
  if (started === "dead") return "dead";
  if (started !== undefined && holder.started !== undefined) return started === holder.started ? "alive" : "dead";
  try {
    process.kill(holder.pid, 0);
  } catch (cause) {
    // EPERM: it lives, under another account.
    if (codeOf(cause) === "ESRCH") return "dead";
  }
  // Where nobody tells when a process began, the number may be another's by now: a holder touches its lock.
  return byTouch();
}

function isOfOtherBoot(holder: Holder, own: Holder): boolean {
  return holder.boot !== undefined && own.boot !== undefined && holder.boot !== own.boot;
}

/**
 * Whether nobody has touched the lock since this computer was started, nor for as long as no living holder leaves it alone. Both times
 * are the disk's own: other computers' clocks may differ. `false` where that cannot be told.
 */
function isOlderThanBoot(lock: string): boolean {
  const probe = draftOf(lock);
  try {
    const fd = openSync(probe, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | CAUTIOUS, 0o600);
    try {
      return fstatSync(fd).ctimeMs - statSync(lock).ctimeMs > Math.max(uptime() * 1000, UNTOUCHED_FOR);
    } finally {
      closeSync(fd);
      unlinkSync(probe);
    }
  } catch {
    return false;
  }
}

/** Watches the lock until it is touched, or has not been for longer than any living holder leaves it alone. */
async function isTouched(lock: string, text: string): Promise<boolean> {
  const before = touchedAt(lock);
  for (let waited = 0; waited < UNTOUCHED_FOR; waited += LOOK_EVERY) {
    await delay(LOOK_EVERY);
    if (readText(lock) !== text) return true;
    if (touchedAt(lock) !== before) return true;
  }
  return false;
}

function touchedAt(lock: string): number | undefined {
  return statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
}

/** When a process began, in the kernel's own count; `dead` for one that only waits to be buried; `undefined`: cannot be told. */
function startOf(pid: number): string | undefined {
  if (process.platform !== "linux") return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command's name stands in brackets and may hold anything, brackets and blanks too.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "dead" : fields[19];
  } catch {
    return undefined;
  }
}

function isElsewhere(holder: Holder, lock: string): boolean {
  const own = ownHolder(lock);
  const { host, world } = holder;
  return (host ?? own.host) !== own.host || (world ?? own.world) !== own.world || isOfOtherBoot(holder, own);
}

function heldBy(lock: string, holder: Holder): StorageError {
  const { pid, host } = holder;
  if (isElsewhere(holder, lock)) {
    return new StorageError(
      `${lock} is held by a running process elsewhere (pid ${pid} on ${host ?? "another computer"}). Stop it, or set PAIRING_STORAGE_PATH to another folder.`,
    );
  }
  return new StorageError(
    pid === process.pid
      ? `${lock} is held by this very process (pid ${pid}): the storage folder is open already. Close it first.`
      : `${lock} is held by another running process (pid ${pid}). Stop it, or set PAIRING_STORAGE_PATH to another folder.`,
  );
}
