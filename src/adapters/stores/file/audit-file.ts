import path from "node:path";
import type { Instant, Log } from "../../../core/index.ts";
import { readAuditLine } from "../one-line.ts";
import { findEnd, findWholeEnd, lastRun, type WholeEnd } from "./audit-end.ts";
import { type AuditRotation, auditFromEnd, dropOldParts, isFull, listParts, setAside } from "./audit-parts.ts";
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

const MAX_FIRST_LINE_BYTES = 4096;

interface OpenTrail {
  readonly file: string;
  readonly rotation: AuditRotation;
  readonly readJournaled: () => Promise<readonly AuditLineRead[]>;
  readonly log: Log;
  fd: number;
  end: number;
  firstAt: Instant | undefined;
  waiting: string[];
  /** Where the lines begin that are durable in the journal alone. */
  syncedEnd: number;
  /** Whether a sync of them failed. */
  doubtful: boolean;
  failing: boolean;
  namesDurable: boolean;
}

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
  const inParts = (await listParts(file)).at(-1)?.lastSeq ?? 0;
  const fd = (await findPlainFile(file)) ? await openStorageFile(file, "write", log) : await createStorageFile(file);
  const unsynced = lastRun(journaled).filter(({ seq }) => seq > inParts);
  const { firstAt, ...found } = await cutEnd(file, fd, unsynced, log).catch(async (cause: unknown) => {
    await files.close(fd);
    throw cause;
  });
  const lastSeq = Math.max(found.lastSeq, inParts);
  const missing = journaled.filter(({ seq }) => seq > lastSeq);
  const trail: OpenTrail = {
    ...{ file, rotation, readJournaled, log, fd, firstAt },
    ...{ end: found.end, syncedEnd: found.syncedEnd, waiting: missing.map(({ text }) => text) },
    ...{ doubtful: false, failing: false, namesDurable: true },
  };
  await dropParts(trail);
  return {
    lastSeq: missing.at(-1)?.seq ?? lastSeq,
    append: async (lines) => append(trail, lines),
    async sync() {
      await flush(trail);
      await rewriteUnsynced(trail);
      await syncData(trail);
      await rotate(trail);
      if (trail.namesDurable) return;
      await syncFolder(path.dirname(file));
      trail.namesDurable = true;
      await dropParts(trail);
    },
    async syncEarly() {
      if (!trail.doubtful) await syncData(trail);
    },
    async *read(before) {
      yield* [...trail.waiting].reverse();
      yield* auditFromEnd(file, asOwner(log), before);
    },
    close: () => files.close(trail.fd),
  };
}

interface FoundStart extends WholeEnd {
  readonly firstAt: Instant | undefined;
}

/** Cuts off what is not whole: the journal has it. */
async function cutEnd(file: string, fd: number, unsynced: readonly AuditLineRead[], log: Log): Promise<FoundStart> {
  const { size } = await files.fstat(fd);
  const found = await findWholeEnd(fd, size, unsynced);
  const { end } = found;
  if (end < size) {
    log.warn("cut an incomplete end off the audit trail; what the journal has of it is written again", { file, bytes: size - end });
    await files.ftruncate(fd, end);
  }
  const firstLine = (await readBytes(fd, 0, Math.min(end, MAX_FIRST_LINE_BYTES))).toString("utf8").split("\n", 1)[0];
  return { ...found, firstAt: timeOf(firstLine) };
}

async function append(trail: OpenTrail, lines: readonly string[]): Promise<void> {
  const { file, log } = trail;
  for (const line of lines) trail.waiting.push(line);
  try {
    await flush(trail);
    if (trail.failing) log.info("the audit trail is written again", { file });
    trail.failing = false;
  } catch (cause) {
    if (!trail.failing) log.warn("the audit trail cannot be written; its lines are kept in the journal", { file, reason: codeOf(cause) });
    trail.failing = true;
  }
}

async function flush(trail: OpenTrail): Promise<void> {
  const { fd, end, waiting } = trail;
  if (waiting.length === 0) return;
  const bytes = Buffer.from(`${waiting.join("\n")}\n`);
  try {
    writeAllNow(fd, bytes, end);
  } catch (cause) {
    // Half a line would be read by somebody. Should this fail too, the next try writes over it.
    await files.ftruncate(fd, end).catch(() => undefined);
    throw cause;
  }
  trail.firstAt ??= timeOf(waiting[0]);
  trail.end += bytes.length;
  trail.waiting = [];
}

async function syncData(trail: OpenTrail): Promise<void> {
  const reached = trail.end;
  try {
    await files.fdatasync(trail.fd);
  } catch (cause) {
    // The kernel may call pages clean that never reached the disk: the next sync would succeed without them.
    trail.doubtful = true;
    throw cause;
  }
  trail.syncedEnd = reached;
}

async function rewriteUnsynced(trail: OpenTrail): Promise<void> {
  if (!trail.doubtful) return;
  const journaled = Buffer.from((await trail.readJournaled()).map(({ text }) => `${text}\n`).join(""));
  const { fd, end, syncedEnd } = trail;
  if (journaled.length < end - syncedEnd) throw new Error("the journal has fewer audit lines than were written");
  await writeAll(fd, journaled.subarray(journaled.length - (end - syncedEnd)), syncedEnd);
  trail.doubtful = false;
}

/** A trail that cannot be set aside goes on as it is: nothing is lost by its being large. */
async function rotate(trail: OpenTrail): Promise<void> {
  const { file, rotation, fd, end } = trail;
  if (end === 0 || !isFull(rotation, end, trail.firstAt)) return;
  try {
    const next = await setAside(file, (await findEnd(fd, end)).lastSeq);
    await files.close(fd).catch(() => undefined);
    Object.assign(trail, { fd: next, end: 0, syncedEnd: 0, firstAt: undefined, namesDurable: false });
  } catch (cause) {
    trail.log.warn("the audit trail could not be divided; it goes on in one file", { file, reason: codeOf(cause) });
  }
}

async function dropParts({ file, rotation, log }: OpenTrail): Promise<void> {
  await dropOldParts(file, rotation, log);
  await dropPartsForSize(file, rotation, log);
}

function timeOf(text: string | undefined): Instant | undefined {
  const at = Date.parse(readAuditLine(text ?? "")?.ts ?? "");
  return Number.isNaN(at) ? undefined : at;
}
