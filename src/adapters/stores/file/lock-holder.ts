import { closeSync, constants, fstatSync, openSync, readFileSync, readlinkSync, statSync, unlinkSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { present } from "../../../base/present.ts";
import { type Found, folderOf, type Holder, MAX_UNTOUCHED_MS, readLock, readText, touchedAt } from "./lock-file.ts";
import { draftOf } from "./replace-file.ts";
import { CAUTIOUS, codeOf } from "./storage-file.ts";

const PROBE_EVERY_MS = 250;

/**
 * Who has the folder, as far as can be seen without taking it. `left`: its process is gone, and the next start takes it over.
 * `computer` is there when it is another one, or another container.
 */
export type LockStatus =
  | { readonly kind: "free" }
  | { readonly kind: "unreadable" }
  | { readonly kind: "held" | "left"; readonly pid: number; readonly computer?: string };

/** Changes nothing. Whether a holder elsewhere lives takes some seconds to see. */
export async function readLockStatus(lock: string): Promise<LockStatus> {
  const found = readLock(lock);
  if (found.kind === "none") return { kind: "free" };
  if (found.kind === "unreadable") return found;
  const { pid, host } = found.holder;
  const elsewhere = isElsewhere(found.holder, lock) ? { computer: host ?? "another computer" } : {};
  return { kind: (await lifeOf(lock, found)) === "alive" ? "held" : "left", pid, ...elsewhere };
}

export function ownHolder(lock: string): Holder {
  const linux = process.platform === "linux";
  return present({
    pid: process.pid,
    started: startOf(process.pid),
    boot: linux ? readText("/proc/sys/kernel/random/boot_id")?.trim() : undefined,
    host: hostname(),
    world: linux ? readlinkSync("/proc/self/ns/pid") : undefined,
    folder: folderOf(lock),
  });
}

/**
 * `untouched`: nobody can see its process, and it did not touch its lock for as long as no living holder leaves it alone. That takes
 * some seconds to see, unless `isOld` knows it at once.
 */
export async function lifeOf(
  lock: string,
  { holder, text }: Extract<Found, { kind: "holder" }>,
  isOld: () => boolean = () => false,
): Promise<"alive" | "dead" | "untouched"> {
  const own = ownHolder(lock);
  const byTouch = async () => ((await isTouched(lock, text)) ? "alive" : "untouched");
  if ((holder.host ?? own.host) !== own.host) return byTouch();
  // This computer before it was started again, or another one of the same name: containers often have a fixed one.
  if (isOfOtherBoot(holder, own)) return isOld() ? "untouched" : byTouch();
  // Other computers may count devices differently, so this counts only on the same one.
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
  // Where it is unknown when a process began, the number may be another's by now: a holder touches its lock.
  return byTouch();
}

function isOfOtherBoot(holder: Holder, own: Holder): boolean {
  return holder.boot !== undefined && own.boot !== undefined && holder.boot !== own.boot;
}

/**
 * Whether nobody has touched the lock since this computer was started, nor for as long as no living holder leaves it alone. Both times
 * are the disk's own: other computers' clocks may differ. `false` where that cannot be seen.
 */
export function isOlderThanBoot(lock: string): boolean {
  const probe = draftOf(lock);
  try {
    const fd = openSync(probe, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | CAUTIOUS, 0o600);
    try {
      return fstatSync(fd).ctimeMs - statSync(lock).ctimeMs > Math.max(uptime() * 1000, MAX_UNTOUCHED_MS);
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
  for (let waited = 0; waited < MAX_UNTOUCHED_MS; waited += PROBE_EVERY_MS) {
    await delay(PROBE_EVERY_MS);
    if (readText(lock) !== text) return true;
    if (touchedAt(lock) !== before) return true;
  }
  return false;
}

/** When a process began, in the kernel's own count; `dead` for a zombie; `undefined`: unknown. */
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

export function isElsewhere(holder: Holder, lock: string): boolean {
  const own = ownHolder(lock);
  const { host, world } = holder;
  return (host ?? own.host) !== own.host || (world ?? own.world) !== own.world || isOfOtherBoot(holder, own);
}
