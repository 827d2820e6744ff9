import {
  closeSync,
  constants,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { cannotUse, codeOf, findPlainFile, isMissing, StorageError } from "./storage-file.ts";

/** Who holds the folder. The start time tells a process from a later one that got the same number. */
interface Holder {
  readonly pid: number;
  readonly started?: string;
  readonly boot?: string;
  /** Where its number means something: the computer's (or container's) name, and the kernel's name for its processes' world. */
  readonly host?: string;
  readonly world?: string;
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

/** One process per folder. Answers how to let go. A lock whose process is gone is taken over; a living one is refused by its pid. */
export async function takeLock(lock: string): Promise<() => void> {
  const own = JSON.stringify(ownHolder());
  await findPlainFile(lock);
  await acquire(lock, own, 0);
  const touching = setInterval(() => touch(lock, own), TOUCH_EVERY);
  touching.unref();
  return () => {
    clearInterval(touching);
    // Only what is still ours: somebody may have cleared the folder and started another process on it.
    if (readText(lock) === `${own}\n`) unlinkSync(lock);
  };
}

/**
 * Who has the folder, as far as can be told without taking it. `left`: its process is gone, and the next start takes it over.
 * `computer` is there when it is another one, or another container.
 */
export type LockStanding =
  | { readonly kind: "free" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "held" | "left"; readonly pid: number; readonly computer?: string };

/** Looks, and leaves everything as it is. Of a holder elsewhere it takes some seconds to see whether it lives. */
export async function lookAtLock(lock: string): Promise<LockStanding> {
  const found = look(lock);
  if (found.kind === "none") return { kind: "free" };
  if (found.kind === "unreadable") return found;
  const { pid, host } = found.holder;
  const elsewhere = isElsewhere(found.holder) ? { computer: host ?? "another computer" } : {};
  return { kind: (await isAlive(lock, found)) ? "held" : "left", pid, ...elsewhere };
}

/**
 * An existing lock is replaced only by who holds the lock *on replacing it*, and after a second look. So of any number of
 * processes that find the same dead lock one takes it over, and none can take away the lock the winner just made.
 */
async function acquire(lock: string, own: string, depth: number): Promise<void> {
  let unreadable = 0;
  for (let tries = 0; tries < PATIENCE.tries * 4; tries += 1) {
    if (create(lock, own)) return;
    const found = look(lock);
    if (found.kind === "none") continue;
    if (found.kind === "unreadable" && unreadable < PATIENCE.tries) {
      unreadable += 1;
      await delay(PATIENCE.wait);
      continue;
    }
    if (found.kind === "holder" && (await isAlive(lock, found))) {
      // Looking may have taken a while.
      if (readText(lock) !== found.text) continue;
      if (depth === 0) throw heldBy(lock, found.holder);
      // Replacing takes its holder a moment.
      await delay(PATIENCE.wait);
      continue;
    }
    if (await replaceDead(lock, own, found, depth)) return;
  }
  throw new StorageError(`${lock} could not be taken: other processes keep taking it. Stop them, then start again.`);
}

async function replaceDead(lock: string, own: string, dead: Found, depth: number): Promise<boolean> {
  const turn = `${lock}.turn`;
  await acquire(turn, own, depth + 1);
  try {
    const now = look(lock);
    const same = now.kind === "holder" && dead.kind === "holder" ? now.text === dead.text : now.kind === dead.kind;
    if (!same) return false;
    const draft = `${lock}.${process.pid}.draft`;
    if (await findPlainFile(draft)) unlinkSync(draft);
    if (!create(draft, own)) return false;
    renameSync(draft, lock);
    return true;
  } catch (cause) {
    throw cause instanceof StorageError ? cause : cannotUse(lock, cause);
  } finally {
    unlinkSync(turn);
  }
}

function create(lock: string, own: string): boolean {
  try {
    const fd = openSync(lock, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0), 0o600);
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
    throw cannotUse(lock, cause);
  }
}

function look(lock: string): Found {
  const text = readText(lock);
  if (text === undefined) return { kind: "none" };
  try {
    const { pid, started, boot, host, world } = JSON.parse(text) as Record<string, unknown>;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) return { kind: "unreadable" };
    const words = Object.entries({ started, boot, host, world }).filter(([, word]) => typeof word === "string");
    return { kind: "holder", text, holder: { pid, ...(Object.fromEntries(words) as Omit<Holder, "pid">) } };
  } catch {
    return { kind: "unreadable" };
  }
}

function readText(file: string): string | undefined {
  try {
    const fd = openSync(file, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
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

function ownHolder(): Holder {
  const started = startOf(process.pid);
  const linux = process.platform === "linux";
  const boot = linux ? readText("/proc/sys/kernel/random/boot_id")?.trim() : undefined;
  return {
    pid: process.pid,
    ...(typeof started === "string" ? { started } : {}),
    ...(boot === undefined ? {} : { boot }),
    host: hostname(),
    ...(linux ? { world: readlinkSync("/proc/self/ns/pid") } : {}),
  };
}

async function isAlive(lock: string, { holder, text }: Extract<Found, { kind: "holder" }>): Promise<boolean> {
  const own = ownHolder();
  if ((holder.host ?? own.host) !== own.host) return isTouched(lock, text);
  if (holder.boot !== undefined && own.boot !== undefined && holder.boot !== own.boot) return false;
  if ((holder.world ?? own.world) !== own.world) return isTouched(lock, text);
  const started = startOf(holder.pid);
  if (started === "dead") return false;
  if (started !== undefined && holder.started !== undefined) return started === holder.started;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (cause) {
    // EPERM: it lives, under another account.
    return codeOf(cause) !== "ESRCH";
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

function touch(lock: string, own: string): void {
  try {
    const now = new Date();
    if (readText(lock) === `${own}\n`) utimesSync(lock, now, now);
  } catch {
    // A folder that cannot be written now says so where it matters, at the next change.
  }
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

function isElsewhere({ host, world }: Holder): boolean {
  const own = ownHolder();
  return (host ?? own.host) !== own.host || (world ?? own.world) !== own.world;
}

function heldBy(lock: string, holder: Holder): StorageError {
  const { pid, host } = holder;
  if (isElsewhere(holder)) {
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
