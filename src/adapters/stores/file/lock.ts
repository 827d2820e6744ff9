import { randomBytes } from "node:crypto";
import { unlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { say } from "../../../words/say.ts";
import { createLock, type Found, type Holder, readLock, readText, TOUCH_EVERY_MS, touchedAt, tryTo } from "./lock-file.ts";
import { isElsewhere, isOlderThanBoot, lifeOf, ownHolder } from "./lock-holder.ts";
import { draftOf, renameFile } from "./replace-file.ts";
import { cannotUse, findPlainFile, StorageError } from "./storage-file.ts";
import { watchLock } from "./watch-lock.ts";

/** How long a lock may be without content: its maker writes it in the same breath, unless it died there. */
const UNREADABLE_TRIES = 25;
const RETRY_MS = 20;

/** A folder that this process holds. */
export interface Lock {
  /**
   * Throws when the folder is not this process's any more: it was paused for so long (a stopped container, a virtual machine's snapshot)
   * that another one took over. Cheap enough for every change and every answer.
   */
  check(): void;
  /** Whether the holder before may still live: it could not be seen, only that it did not touch its lock. It may still write. */
  readonly formerMayLive: boolean;
  release(): void;
}

/** One process per folder. A lock whose process is gone is taken over; a living one is refused by its pid. `lost` is called once. */
export async function takeLock(lock: string, lost: (cause: StorageError) => void): Promise<Lock> {
  const own = `${JSON.stringify({ ...ownHolder(lock), run: randomBytes(8).toString("hex") })}\n`;
  await findPlainFile(lock);
  const formerMayLive = (await acquire(lock, own, 0)) === "untouched";
  const held = watchLock(lock, own, lost);
  const touching = setInterval(() => held.touch(), TOUCH_EVERY_MS);
  touching.unref();
  return {
    check: () => held.check(),
    formerMayLive,
    release() {
      clearInterval(touching);
      held.close();
      // Only what is still ours: somebody may have cleared the folder and started another process on it.
      if (readText(lock) === own) unlinkSync(lock);
    },
  };
}

/**
 * An existing lock is replaced only by the process that holds the lock *on replacing it*, which reads it a second time. So of any number of
 * processes that find the same dead lock one takes it over, and none can take away the lock the winner just made.
 */
async function acquire(lock: string, own: string, depth: number): Promise<"free" | "dead" | "untouched"> {
  let unreadable = 0;
  for (let tries = 0; tries < UNREADABLE_TRIES * 4; tries += 1) {
    if (createLock(lock, own)) return "free";
    const found = readLock(lock);
    if (found.kind === "none") continue;
    if (found.kind === "unreadable" && unreadable < UNREADABLE_TRIES) {
      unreadable += 1;
      await delay(RETRY_MS);
      continue;
    }
    const life = found.kind === "holder" ? await lifeOf(lock, found, () => isOlderThanBoot(lock)) : "untouched";
    if (life === "alive" && found.kind === "holder") {
      // That may have taken seconds.
      if (readText(lock) !== found.text) continue;
      if (depth === 0) throw heldBy(lock, found.holder);
      // Replacing takes its holder a moment.
      await delay(RETRY_MS);
      continue;
    }
    if (await replaceDead(lock, own, found, depth)) return life === "dead" ? "dead" : "untouched";
  }
  throw new StorageError(say("storage.lockContended", { lock }));
}

/** The holder shows that it lives, so its lock stays. */
class TouchedMeanwhile extends Error {}

async function replaceDead(lock: string, own: string, dead: Found, depth: number): Promise<boolean> {
  const turn = `${lock}.turn`;
  const touchedBefore = touchedAt(lock);
  await acquire(turn, own, depth + 1);
  try {
    if (touchedAt(lock) !== touchedBefore) return false;
    const now = readLock(lock);
    const same = now.kind === "holder" && dead.kind === "holder" ? now.text === dead.text : now.kind === dead.kind;
    if (!same) return false;
    const draft = draftOf(lock);
    if (await findPlainFile(draft)) unlinkSync(draft);
    if (!createLock(draft, own)) return false;
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
    if (readText(turn) === own) unlinkSync(turn);
  }
}

function heldBy(lock: string, holder: Holder): StorageError {
  const { pid, host } = holder;
  if (isElsewhere(holder, lock)) {
    return new StorageError(say("storage.lockElsewhere", { lock, pid, host: host ?? say("storage.anotherComputer") }));
  }
  return new StorageError(say(pid === process.pid ? "storage.lockOwn" : "storage.lockOther", { lock, pid }));
}
