import { randomFillSync } from "node:crypto";
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync } from "node:fs";
import type { Log } from "../../../core/index.ts";
import { CAUTIOUS, codeOf, createStorageFile, files, findPlainFile, openStorageFile, StorageError, writeAll } from "./storage-file.ts";

/** Room that is set aside while the disk has some, so that a lost phone can be revoked when it has none. */
export interface Reserve {
  /** Whether all of it is set aside. */
  whole(): boolean;
  /** Sets aside what is missing. Rejects when the disk has no room for it. */
  fill(): Promise<void>;
  /** Gives this many bytes of it, or what is left, back to the disk. Returns `false` when nothing was left. */
  giveUp(bytes: number): Promise<boolean>;
  close(): Promise<void>;
}

const SIZE = 1 << 20;
/** A block for the journal and one for the audit trail. What is given up and not used at once, other programs take. */
export const PIECE = 1 << 13;
const AFTER_FAILURE = 250;

export function isFull(cause: unknown): boolean {
  return ["ENOSPC", "EDQUOT"].includes(codeOf(cause instanceof StorageError ? cause.cause : cause));
}

/**
 * For a start on a full disk, which has no reserve open yet. Throws nothing: answers `false` when there is nothing to give up, or
 * nobody may.
 */
export function giveUpNow(file: string): boolean {
  try {
    const fd = openSync(file, constants.O_RDWR | CAUTIOUS);
    try {
      const found = fstatSync(fd);
      if (!found.isFile() || found.nlink > 1 || found.size === 0) return false;
      ftruncateSync(fd, Math.max(0, found.size - PIECE));
      fsyncSync(fd);
      return true;
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}

/** Opens the file that holds the room, or makes it. Its content means nothing. */
export async function openReserve(file: string, log: Log): Promise<Reserve> {
  const fd = (await findPlainFile(file)) ? await openStorageFile(file, "write", log) : await createStorageFile(file);
  let { size: reserved } = await files.fstat(fd);
  let filling: Promise<void> | undefined;
  let failure = { until: 0, cause: undefined as unknown };

  const fill = async (): Promise<void> => {
    if (performance.now() < failure.until) throw failure.cause;
    try {
      // Not zeros: file systems that compress would keep no room for them.
      await writeAll(fd, randomFillSync(Buffer.allocUnsafe(SIZE - reserved)), reserved);
      await files.fsync(fd);
      reserved = SIZE;
    } catch (cause) {
      await files.ftruncate(fd, reserved).catch(() => undefined);
      failure = { until: performance.now() + AFTER_FAILURE, cause };
      throw cause;
    }
  };
  return {
    whole: () => reserved >= SIZE,
    async fill() {
      if (reserved >= SIZE) return;
      filling ??= fill().finally(() => {
        filling = undefined;
      });
      await filling;
    },
    async giveUp(bytes) {
      await filling?.catch(() => undefined);
      if (reserved === 0) return false;
      reserved = Math.max(0, reserved - bytes);
      await files.ftruncate(fd, reserved);
      // Some file systems let go of the room only then.
      await files.fsync(fd);
      log.warn("the disk is full: room that was set aside for revocations is used", { left: reserved });
      return true;
    },
    async close() {
      await filling?.catch(() => undefined);
      await files.close(fd);
    },
  };
}
