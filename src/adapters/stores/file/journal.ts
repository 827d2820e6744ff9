import path from "node:path";
import type { Log } from "../../../core/index.ts";
import type { JournalExtent } from "./read-journal.ts";
import { createDraft, discardDraft, renameDraft, syncFolder } from "./replace-file.ts";
import { createStorageFile, files, openStorageFile, PIECE_BYTES, readBytes, writeAll, writeAllNow } from "./storage-file.ts";

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

/** The file that is the journal now. */
interface OpenFile {
  readonly file: string;
  fd: number;
  end: number;
  generation: number;
  trusted: boolean;
  identity: { readonly dev: number; readonly ino: number };
}

/** Opens the journal for changes and cuts off a torn end. */
export async function openJournal(file: string, extent: JournalExtent, log: Log): Promise<Journal> {
  const fd = await openStorageFile(file, "write", log);
  const journal: OpenFile = { file, fd, end: extent.end, generation: 0, trusted: true, identity: await files.fstat(fd) };
  try {
    if (extent.newlineMissing) {
      await writeAll(fd, Buffer.from("\n"), extent.end);
      journal.end += 1;
    } else if (extent.torn > 0) {
      log.warn("dropped the last changes of the journal: their writing was cut short, so nobody was answered", {
        file,
        bytes: extent.torn,
      });
      await files.ftruncate(fd, extent.end);
    }
    await files.fsync(fd);
  } catch (cause) {
    await files.close(fd);
    throw cause;
  }
  return {
    end: () => journal.end,
    generation: () => journal.generation,
    trusted: () => journal.trusted,
    async append(lines, landed) {
      await write(journal, lines);
      journal.end += lines.length;
      landed();
    },
    async probe() {
      await write(journal, PROBE);
      await cutBack(journal);
    },
    prepareTail: async (start) => prepareTail(journal, start),
    keepTail: async (tail) => keepTail(journal, tail),
    dropTail,
    startAnew: async () => install(journal, await createDraft(file), 0),
    close: () => files.close(journal.fd),
  };
}

async function write(journal: OpenFile, bytes: Uint8Array): Promise<void> {
  try {
    writeAllNow(journal.fd, bytes, journal.end);
  } catch (cause) {
    await cutBack(journal);
    throw cause;
  }
  try {
    await files.fdatasync(journal.fd);
    checkStillThere(journal);
  } catch (cause) {
    // After a failed sync the kernel may call pages clean that never reached the disk: asking again would be believed wrongly.
    journal.trusted = false;
    await cutBack(journal);
    throw cause;
  }
}

/** A file without a name takes writes happily: what is written must be where the next start looks. */
function checkStillThere({ file, identity }: OpenFile): void {
  const { dev, ino } = files.statNow(file);
  if (dev !== identity.dev || ino !== identity.ino) throw Object.assign(new Error("the journal was replaced"), { code: "ESTALE" });
}

async function cutBack(journal: OpenFile): Promise<void> {
  await files.ftruncate(journal.fd, journal.end).catch(() => {
    journal.trusted = false;
  });
}

async function prepareTail(journal: OpenFile, start: number): Promise<Tail> {
  const { file, end: copied, generation } = journal;
  if (start === copied) return { start, copied, generation };
  const draft = await createDraft(file);
  await orDiscard(file, draft, async () => {
    await copy(journal.fd, start, copied, draft, start);
    await files.fsync(draft);
  });
  return { draft, start, copied, generation };
}

async function keepTail(journal: OpenFile, tail: Tail): Promise<void> {
  const { draft, start, copied, generation } = tail;
  if (generation !== journal.generation || !journal.trusted) return dropTail(tail);
  if (draft === undefined && start === journal.end) return empty(journal);
  const target = draft ?? (await createDraft(journal.file));
  await orDiscard(journal.file, target, async () => copy(journal.fd, copied, journal.end, target, start));
  await install(journal, target, journal.end - start);
}

async function dropTail({ draft }: Tail): Promise<void> {
  if (draft !== undefined) await files.close(draft);
}

async function empty(journal: OpenFile): Promise<void> {
  try {
    await files.ftruncate(journal.fd, 0);
    journal.end = 0;
    await files.fdatasync(journal.fd);
  } catch (cause) {
    journal.trusted = false;
    throw cause;
  }
}

/** What comes before `start` is left out of the copy. */
async function copy(fd: number, from: number, until: number, to: number, start: number): Promise<void> {
  for (let at = from; at < until; at += PIECE_BYTES)
    await writeAll(to, await readBytes(fd, at, Math.min(until, at + PIECE_BYTES)), at - start);
}

/** The draft takes the journal's place. If it is open whether that will be so after a crash, the journal is not trusted. */
async function install(journal: OpenFile, draft: number, length: number): Promise<void> {
  await orDiscard(journal.file, draft, async () => {
    await files.fsync(draft);
    await renameDraft(journal.file);
  });
  journal.trusted = false;
  const { fd: before } = journal;
  Object.assign(journal, { fd: draft, end: length, generation: journal.generation + 1 });
  journal.identity = await files.fstat(draft);
  await files.close(before).catch(() => undefined);
  await syncFolder(path.dirname(journal.file));
  journal.trusted = true;
}

/** A draft is closed and deleted when the work on it fails. */
async function orDiscard(file: string, draft: number, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    await files.close(draft);
    await discardDraft(file);
    throw cause;
  }
}
