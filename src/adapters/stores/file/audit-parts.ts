import { readdir } from "node:fs/promises";
import path from "node:path";
import { DAY, type Instant, type Log } from "../../../core/index.ts";
import { readAuditLine } from "../one-line.ts";
import { createDraft, renameDraft, renameFile } from "./replace-file.ts";
import { codeOf, files, findPlainFile, type OpenToRead, openStorageFile, readBytes } from "./storage-file.ts";

/** A former part of the trail, whole and never written again: `pairing_audit.000000012345.jsonl` ends with line 12345. */
export interface AuditPart {
  readonly file: string;
  readonly lastSeq: number;
}

export interface AuditRotation {
  /** The trail in use becomes a part when it holds this much. */
  readonly bytes: number;
  readonly retentionDays: number;
  /** What the whole trail may hold. */
  readonly maxBytes: number;
  /** Called with the number of the last line after parts were deleted because there was too much. */
  readonly droppedForSize: (lastSeq: number) => void;
  readonly now: () => Instant;
}

const NEWLINE = 10;
const BLOCK_BYTES = 1 << 16;
/** A part goes as a whole, so each holds at most this part of the time that lines are kept. */
const PARTS_IN_RETENTION = 12;

/** Whether the trail in use is large, or old enough that its first lines would be kept for much too long. */
export function isFull({ bytes, retentionDays, now }: AuditRotation, size: number, firstAt: Instant | undefined): boolean {
  return size >= bytes || (firstAt !== undefined && now() - firstAt > Math.max(1, retentionDays / PARTS_IN_RETENTION) * DAY);
}

/** Oldest first. */
export async function listParts(audit: string): Promise<readonly AuditPart[]> {
  const { name, dir } = path.parse(audit);
  const parts = (await readdir(dir, { withFileTypes: true })).flatMap((found) => {
    if (!found.isFile() || !found.name.startsWith(`${name}.`)) return [];
    const [, digits] = /^\.(\d{12,})\.jsonl$/.exec(found.name.slice(name.length)) ?? [];
    return digits === undefined ? [] : [{ file: path.join(dir, found.name), lastSeq: Number(digits) }];
  });
  return parts.sort((one, other) => one.lastSeq - other.lastSeq);
}

/**
 * The trail in use becomes a part and an empty one takes its place, which is answered, open. Throws, with everything as it was,
 * when that cannot be done. The folder must be synced before the new one is written.
 */
export async function setAside(audit: string, lastSeq: number): Promise<number> {
  const { name, dir } = path.parse(audit);
  const part = path.join(dir, `${name}.${String(lastSeq).padStart(12, "0")}.jsonl`);
  if (await findPlainFile(part)) throw Object.assign(new Error("a part of this name exists"), { code: "EEXIST" });
  const next = await createDraft(audit);
  try {
    await renameFile(audit, part);
    await renameDraft(audit).catch(async (cause: unknown) => {
      await renameFile(part, audit);
      throw cause;
    });
    return next;
  } catch (cause) {
    await files.close(next);
    throw cause;
  }
}

/**
 * Deletes the parts whose last line has been kept for long enough, but never the newest: a trail without lines would look robbed. Their
 * age is counted from the newest line, and never from a later moment than `now`. What cannot be deleted now stays until the next time.
 */
export async function dropOldParts(audit: string, { retentionDays, now }: AuditRotation, log: Log): Promise<void> {
  const parts = await listParts(audit);
  const old = parts.slice(0, -1);
  const newest = parts.at(-1);
  if (old.length === 0 || !newest) return;
  const inUse = (await findPlainFile(audit)) ? await lastTime(audit, log) : undefined;
  const until = Math.min(now(), inUse ?? (await lastTime(newest.file, log)) ?? 0);
  for (const { file } of old) {
    try {
      const at = await lastTime(file, log);
      if (at === undefined || until - at <= retentionDays * DAY) return;
      await files.unlink(file);
      log.info("deleted a part of the audit trail that was kept for long enough", { file, days: retentionDays });
    } catch (cause) {
      log.warn("an old part of the audit trail could not be deleted", { file, reason: codeOf(cause) });
      return;
    }
  }
}

async function lastTime(file: string, log: Log): Promise<Instant | undefined> {
  const fd = await openStorageFile(file, "read", log);
  try {
    for await (const { text } of linesFromEnd(fd, (await files.fstat(fd)).size)) {
      const at = Date.parse(readAuditLine(text)?.ts ?? "");
      if (!Number.isNaN(at)) return at;
    }
    return undefined;
  } finally {
    await files.close(fd);
  }
}

/** The whole lines of the first `size` bytes, the last one first, each with the position after its newline. */
export async function* linesFromEnd(fd: number, size: number): AsyncGenerator<{ readonly text: string; readonly end: number }> {
  let rest = Buffer.alloc(0);
  for (let start = size; start > 0; ) {
    const from = Math.max(0, start - BLOCK_BYTES);
    const bytes = Buffer.concat([await readBytes(fd, from, start), rest]);
    start = from;
    let end = bytes.lastIndexOf(NEWLINE);
    while (end >= 0) {
      const before = end === 0 ? -1 : bytes.lastIndexOf(NEWLINE, end - 1);
      // The line may begin in what was not read yet.
      if (before < 0 && start > 0) break;
      yield { text: bytes.toString("utf8", before + 1, end), end: start + end + 1 };
      end = before;
    }
    rest = end < 0 ? bytes : bytes.subarray(0, end + 1);
  }
}

/**
 * Every line on disk, the newest first, across all parts. Lines that are added meanwhile are not among them. With `before`, what has
 * this number or a later one may be left out: parts are chosen by their names, and within one the place is searched for.
 */
export async function* auditFromEnd(audit: string, open: OpenToRead, before = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
  // Opened before the parts are listed: should it become a part in between, it is read here, and skipped there.
  const inUse = await openPart(audit, open);
  const reached = (inUse && (await firstSeq(inUse))) ?? Number.POSITIVE_INFINITY;
  if (inUse && before < reached && reached !== Number.POSITIVE_INFINITY) await files.close(inUse.fd);
  else if (inUse) yield* linesOf(inUse, before);
  const parts = (await listParts(audit)).filter(({ lastSeq }) => lastSeq < reached);
  // The first that reaches as far holds the line; those after it hold later ones only.
  const holding = parts.findIndex(({ lastSeq }) => lastSeq >= before);
  for (const { file } of parts.slice(0, holding === -1 ? parts.length : holding + 1).reverse()) {
    const part = await openPart(file, open);
    if (part) yield* linesOf(part, before);
  }
}

/** The same from its beginning. What becomes a part in between is read once. */
export async function* auditFromStart(audit: string, open: OpenToRead): AsyncGenerator<AuditText> {
  const inUse = await openPart(audit, open);
  try {
    const first = inUse ? await firstSeq(inUse) : undefined;
    for (const { file, lastSeq } of await listParts(audit)) {
      const part = lastSeq < (first ?? Number.POSITIVE_INFINITY) ? await openPart(file, open) : undefined;
      if (!part) continue;
      try {
        for await (const text of linesFromStart(part)) yield { file, text };
      } finally {
        await files.close(part.fd);
      }
    }
    if (inUse) for await (const text of linesFromStart(inUse)) yield { file: audit, text };
  } finally {
    if (inUse) await files.close(inUse.fd);
  }
}

export interface AuditText {
  readonly file: string;
  readonly text: string;
}

async function firstSeq(part: OpenPart): Promise<number | undefined> {
  for await (const text of linesFromStart(part)) {
    const seq = readAuditLine(text)?.seq;
    if (seq !== undefined) return seq;
  }
  return undefined;
}

/** The whole lines; one that is cut short at the end is none. */
async function* linesFromStart({ fd, size }: OpenPart): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for (let start = 0; start < size; start += BLOCK_BYTES) {
    const bytes = Buffer.concat([rest, await readBytes(fd, start, Math.min(size, start + BLOCK_BYTES))]);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      yield bytes.toString("utf8", from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
}

/** The end of a line that has the number or a later one, not far behind it; the end of the part where that is unknown. */
async function endOf({ fd, size }: OpenPart, before: number): Promise<number> {
  let start = 0;
  let end = size;
  while (before !== Number.POSITIVE_INFINITY && end - start > BLOCK_BYTES) {
    const middle = start + Math.floor((end - start) / 2);
    const bytes = await readBytes(fd, middle, Math.min(end, middle + BLOCK_BYTES));
    const line = firstLine(bytes);
    if (!line) return end;
    if (line.seq >= before) end = middle + line.end;
    else start = middle + line.end;
  }
  return end;
}

/** The first whole line after a newline that has a number. */
function firstLine(bytes: Buffer): { readonly seq: number; readonly end: number } | undefined {
  let from = bytes.indexOf(NEWLINE) + 1;
  for (let end = bytes.indexOf(NEWLINE, from); from > 0 && end >= 0; end = bytes.indexOf(NEWLINE, from)) {
    const seq = readAuditLine(bytes.toString("utf8", from, end))?.seq;
    if (seq !== undefined) return { seq, end: end + 1 };
    from = end + 1;
  }
  return undefined;
}

interface OpenPart {
  readonly fd: number;
  readonly size: number;
}

async function openPart(file: string, open: OpenToRead): Promise<OpenPart | undefined> {
  if (!(await findPlainFile(file))) return undefined;
  const fd = await open(file);
  return { fd, size: (await files.fstat(fd)).size };
}

async function* linesOf(part: OpenPart, before: number): AsyncGenerator<string> {
  const { fd } = part;
  try {
    for await (const { text } of linesFromEnd(fd, await endOf(part, before))) yield text;
  } finally {
    await files.close(fd);
  }
}
