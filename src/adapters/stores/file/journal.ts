import path from "node:path";
import type { Log } from "../../../core/index.ts";
import type { JournalExtent } from "./read-journal.ts";
import { discardDraft, draftOf, removeDraft, renameDraft, syncFolder } from "./replace-file.ts";
import { createStorageFile, files, openStorageFile, readBytes, writeAll, writeAllNow } from "./storage-file.ts";

const COPIED_AT_ONCE = 1 << 20;
/** Spaces: after a crash in the middle they are a torn line like any other. */
const PROBE = Buffer.alloc(4096, " ");

/** The journal's front end: the one file that changes wait for. */
export interface Journal {
  /** Where the next line goes: everything before is on disk. */
  end(): number;
  /** Grows each time another file takes the journal's place. */
  generation(): number;
  /** `false` after an error that leaves open what is on disk. Then only `startAnew` helps. */
  trusted(): boolean;
  /** All of the lines are on disk, or none is to be found there. `landed` runs at the very moment `end` moves. */
  append(lines: Uint8Array, landed: () => void): Promise<void>;
  /** Rejects when a change could not be written now. */
  probe(): Promise<void>;
  /** Copies what comes after `start` into a draft, while changes go on. */
  prepareTail(start: number): Promise<Tail>;
  /** Drops everything before the tail's start. No change may be under way. */
  keepTail(tail: Tail): Promise<void>;
  /** Gives up a tail that was prepared. */
  dropTail(tail: Tail): Promise<void>;
  /** An empty journal in a fresh file. No change may be under way; the three files must hold everything. */
  startAnew(): Promise<void>;
  close(): Promise<void>;
}

interface Tail {
  /** Absent when there was nothing to copy. */
  readonly draft?: number;
  readonly start: number;
  readonly copied: number;
  readonly generation: number;
}

export async function createJournal(file: string): Promise<void> {
  await files.close(await createStorageFile(file));
}

/** Opens the journal for changes and cuts off a torn end. */
export async function openJournal(file: string, extent: JournalExtent, log: Log): Promise<Journal> {
  const folder = path.dirname(file);
  let fd = await openStorageFile(file, "write", log);
  let { end } = extent;
  let generation = 0;
  let trusted = true;
  let identity = await files.fstat(fd);
  try {
    if (extent.newlineMissing) {
      await writeAll(fd, Buffer.from("\n"), end);
      end += 1;
    } else if (extent.torn > 0) {
      log.warn("dropped the last changes of the journal: their writing was cut short, so nobody was answered", {
        file,
        bytes: extent.torn,
      });
      await files.ftruncate(fd, end);
    }
    await files.fsync(fd);
  } catch (cause) {
    await files.close(fd);
    throw cause;
  }

  /** A file without a name takes writes happily: what is written must be where the next start looks. */
  const checkStillThere = (): void => {
    const { dev, ino } = files.statNow(file);
    if (dev !== identity.dev || ino !== identity.ino) throw Object.assign(new Error("the journal was replaced"), { code: "ESTALE" });
  };
  const cutBack = async (): Promise<void> => {
    await files.ftruncate(fd, end).catch(() => {
      trusted = false;
    });
  };
  const makeDurable = async (): Promise<void> => {
    await files.fdatasync(fd);
    checkStillThere();
  };
  const write = async (bytes: Uint8Array): Promise<void> => {
    try {
      writeAllNow(fd, bytes, end);
    } catch (cause) {
      await cutBack();
      throw cause;
    }
    try {
      await makeDurable();
    } catch (cause) {
      // After a failed sync the kernel may call pages clean that never reached the disk: asking again would be believed wrongly.
      trusted = false;
      await cutBack();
      throw cause;
    }
  };
  const take = async (next: number, length: number): Promise<void> => {
    const before = fd;
    fd = next;
    end = length;
    generation += 1;
    identity = await files.fstat(fd);
    await files.close(before).catch(() => undefined);
  };
  const copy = async (to: number, from: number, until: number, shift: number): Promise<void> => {
    for (let start = from; start < until; start += COPIED_AT_ONCE) {
      const piece = await readBytes(fd, start, Math.min(until, start + COPIED_AT_ONCE));
      await writeAll(to, piece, start - shift);
    }
  };
  /** The draft takes the journal's place. If it is open whether that will be so after a crash, the journal is not trusted. */
  const install = async (draft: number, length: number): Promise<void> => {
    try {
      await files.fsync(draft);
      await renameDraft(file);
    } catch (cause) {
      await files.close(draft);
      await discardDraft(file);
      throw cause;
    }
    trusted = false;
    await take(draft, length);
    await syncFolder(folder);
    trusted = true;
  };

  return {
    end: () => end,
    generation: () => generation,
    trusted: () => trusted,
    async append(lines, landed) {
      await write(lines);
      end += lines.length;
      landed();
    },
    async probe() {
      await write(PROBE);
      await cutBack();
    },
    async prepareTail(start) {
      if (start === end) return { start, copied: start, generation };
      const until = end;
      const current = generation;
      await removeDraft(file);
      const draft = await createStorageFile(draftOf(file));
      try {
        await copy(draft, start, until, start);
        await files.fsync(draft);
        return { draft, start, copied: until, generation: current };
      } catch (cause) {
        await files.close(draft);
        await discardDraft(file);
        throw cause;
      }
    },
    async keepTail({ draft, start, copied, generation: current }) {
      if (current !== generation || !trusted) {
        if (draft !== undefined) await files.close(draft);
        return;
      }
      if (draft === undefined && start === end) {
        try {
          await files.ftruncate(fd, 0);
          end = 0;
          await files.fdatasync(fd);
        } catch (cause) {
          trusted = false;
          throw cause;
        }
        return;
      }
      if (draft === undefined) await removeDraft(file);
      const target = draft ?? (await createStorageFile(draftOf(file)));
      try {
        await copy(target, copied, end, start);
      } catch (cause) {
        await files.close(target);
        await discardDraft(file);
        throw cause;
      }
      await install(target, end - start);
    },
    async dropTail({ draft }) {
      if (draft !== undefined) await files.close(draft);
    },
    async startAnew() {
      await removeDraft(file);
      await install(await createStorageFile(draftOf(file)), 0);
    },
    close: () => files.close(fd),
  };
}
