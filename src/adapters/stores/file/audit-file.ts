import path from "node:path";
import type { Instant, Log } from "../../../core/index.ts";
import { readAuditLine } from "../one-line.ts";
import { type AuditRotation, auditFromEnd, dropOldParts, isFull, linesFromEnd, listParts, setAside } from "./audit-parts.ts";
import { dropPartsForSize } from "./audit-size.ts";
import type { AuditLineRead } from "./journal-lines.ts";
import { syncFolder } from "./replace-file.ts";
import {
  asOwner,
  codeOf,
  createStorageFile,
  files,
  findPlainFile,
  openStorageFile,
  readBytes,
  writeAll,
  writeAllNow,
} from "./storage-file.ts";

/** The trail that people read. Its lines are durable in the journal first, and synced here before the journal lets go of them. */
export interface AuditFile {
  readonly lastSeq: number;
  /** Never rejects: lines that cannot be written now wait for the next call. */
  append(lines: readonly string[]): Promise<void>;
  /** Resolves when every line is on disk in this file, which may then become a part. Not while an `append` is under way. */
  sync(): Promise<void>;
  /** Gets most of the work of `sync` done, at any time. */
  syncEarly(): Promise<void>;
  /** Every line, the newest first. With `before`, what has this number or a later one may be left out. */
  read(before?: number): AsyncGenerator<string>;
  close(): Promise<void>;
}

const FIRST_LINE = 4096;

/**
 * Opens the trail and writes again what it lacks of the lines in the journal: they were not synced here, so a power cut may have taken
 * any part of them. A trail that goes further than the journal is left as it is, but for a torn last line. `readJournaled` answers
 * the journal's audit lines as they are now.
 */
export async function openAuditFile(
  file: string,
  journaled: readonly AuditLineRead[],
  readJournaled: () => Promise<readonly AuditLineRead[]>,
  log: Log,
  rotation: AuditRotation,
): Promise<AuditFile> {
  const parts = await listParts(file);
  let fd = (await findPlainFile(file)) ? await openStorageFile(file, "write", log) : await createStorageFile(file);
  let end = 0;
  let lastSeq = 0;
  let firstAt: Instant | undefined;
  let waiting: string[] = [];
  let failing = false;
  let namesDurable = true;
  /** Where the lines begin that are durable in the journal alone, and whether a sync of them failed. */
  let syncedEnd = 0;
  let doubtful = false;
  try {
    const { size } = await files.fstat(fd);
    const inParts = parts.at(-1)?.lastSeq ?? 0;
    const unsynced = lastRun(journaled).filter(({ seq }) => seq > inParts);
    const found = await findEnd(fd, size);
    const isBehind = unsynced.length > 0 && found.lastSeq <= (unsynced.at(-1)?.seq ?? 0);
    ({ end, lastSeq } = isBehind ? await findUnsynced(fd, size, unsynced[0]?.seq ?? 0) : found);
    syncedEnd = end;
    if (isBehind) ({ end, lastSeq } = await findMissing(fd, size, { end, lastSeq }, unsynced));
    if (end < size) {
      log.warn("cut an incomplete end off the audit trail; what the journal has of it is written again", { file, bytes: size - end });
      await files.ftruncate(fd, end);
    }
    lastSeq = Math.max(lastSeq, inParts);
    firstAt = end === 0 ? undefined : timeOf((await readBytes(fd, 0, Math.min(end, FIRST_LINE))).toString("utf8").split("\n", 1)[0]);
  } catch (cause) {
    await files.close(fd);
    throw cause;
  }

  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const bytes = Buffer.from(`${waiting.join("\n")}\n`);
    try {
      writeAllNow(fd, bytes, end);
    } catch (cause) {
      // Half a line would be read by somebody. Should this fail too, the next try writes over it.
      await files.ftruncate(fd, end).catch(() => undefined);
      throw cause;
    }
    firstAt ??= timeOf(waiting[0]);
    end += bytes.length;
    waiting = [];
  };

  const syncData = async (): Promise<void> => {
    const reached = end;
    try {
      await files.fdatasync(fd);
    } catch (cause) {
      // The kernel may call pages clean that never reached the disk: the next sync would succeed without them.
      doubtful = true;
      throw cause;
    }
    syncedEnd = reached;
  };
  const rewriteUnsynced = async (): Promise<void> => {
    if (!doubtful) return;
    const journaled = Buffer.from((await readJournaled()).map(({ text }) => `${text}\n`).join(""));
    if (journaled.length < end - syncedEnd) throw new Error("the journal has fewer audit lines than were written");
    await writeAll(fd, journaled.subarray(journaled.length - (end - syncedEnd)), syncedEnd);
    doubtful = false;
  };

  /** A trail that cannot be set aside goes on as it is: nothing is lost by its being large. */
  const rotate = async (): Promise<void> => {
    if (end === 0 || !isFull(rotation, end, firstAt)) return;
    try {
      const next = await setAside(file, (await findEnd(fd, end)).lastSeq);
      await files.close(fd).catch(() => undefined);
      fd = next;
      end = 0;
      syncedEnd = 0;
      firstAt = undefined;
      namesDurable = false;
    } catch (cause) {
      log.warn("the audit trail could not be divided; it goes on in one file", { file, reason: codeOf(cause) });
    }
  };

  const missing = journaled.filter(({ seq }) => seq > lastSeq);
  waiting.push(...missing.map(({ text }) => text));
  const known = missing.at(-1)?.seq ?? lastSeq;
  await dropOldParts(file, rotation, log);
  await dropPartsForSize(file, rotation, log);
  return {
    lastSeq: known,
    async append(lines) {
      for (const line of lines) waiting.push(line);
      try {
        await flush();
        if (failing) log.info("the audit trail is written again", { file });
        failing = false;
      } catch (cause) {
        if (!failing) log.warn("the audit trail cannot be written; its lines are kept in the journal", { file, reason: codeOf(cause) });
        failing = true;
      }
    },
    async sync() {
      await flush();
      await rewriteUnsynced();
      await syncData();
      await rotate();
      if (namesDurable) return;
      await syncFolder(path.dirname(file));
      namesDurable = true;
      await dropOldParts(file, rotation, log);
      await dropPartsForSize(file, rotation, log);
    },
    async syncEarly() {
      if (!doubtful) await syncData();
    },
    async *read(before) {
      yield* [...waiting].reverse();
      yield* auditFromEnd(file, asOwner(log), before);
    },
    close: () => files.close(fd),
  };
}

/** The end of the last whole line, and its number. Looks from the end, so that a long trail costs a start nothing. */
async function findEnd(fd: number, size: number): Promise<FoundEnd> {
  for await (const { text, end } of linesFromEnd(fd, size)) {
    const lastSeq = seqOf(text);
    if (lastSeq !== undefined) return { end, lastSeq };
  }
  return { end: 0, lastSeq: 0 };
}

interface FoundEnd {
  readonly end: number;
  readonly lastSeq: number;
}

/**
 * Where the lines from number `first` on begin, or would. Lines before them that cannot be read are not cut off; what never reached the
 * disk, and reads as zeros, is no line.
 */
async function findUnsynced(fd: number, size: number, first: number): Promise<FoundEnd> {
  let startsAfter = false;
  let start: number | undefined;
  for await (const { text, end } of linesFromEnd(fd, size)) {
    if (startsAfter) start = end;
    const seq = seqOf(text);
    if (seq === first - 1) return { end, lastSeq: seq };
    if (seq !== undefined && seq < first) return { end: start ?? end, lastSeq: seq };
    startsAfter = seq !== undefined;
  }
  const begins = startsAfter ? 0 : (start ?? 0);
  return { end: first === 1 || (await readBytes(fd, 0, begins)).includes(0) ? 0 : begins, lastSeq: 0 };
}

/** How far the lines after `from` are there as they were written. */
async function findMissing(fd: number, size: number, from: FoundEnd, lines: readonly AuditLineRead[]): Promise<FoundEnd> {
  const found = await readBytes(fd, from.end, size);
  let at = 0;
  let { lastSeq } = from;
  for (const { seq, text } of lines) {
    const line = Buffer.from(`${text}\n`);
    if (!found.subarray(at, at + line.length).equals(line)) break;
    at += line.length;
    lastSeq = seq;
  }
  return { end: from.end + at, lastSeq };
}

/** The last lines that follow one another by number: before them are lines of a folder that was restored from a backup. */
function lastRun(lines: readonly AuditLineRead[]): readonly AuditLineRead[] {
  const start = lines.findLastIndex(({ seq }, index) => index > 0 && lines[index - 1]?.seq !== seq - 1);
  return lines.slice(Math.max(0, start));
}

function seqOf(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line) as { seq?: unknown };
    return typeof seq === "number" && Number.isSafeInteger(seq) ? seq : undefined;
  } catch {
    return undefined;
  }
}

function timeOf(text: string | undefined): Instant | undefined {
  const at = Date.parse(readAuditLine(text ?? "")?.ts ?? "");
  return Number.isNaN(at) ? undefined : at;
}
