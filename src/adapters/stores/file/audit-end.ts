import { linesFromEnd } from "./audit-parts.ts";
import type { AuditLineRead } from "./journal-lines.ts";
import { readBytes } from "./storage-file.ts";

/** A position after a whole line of the trail, and the number of that line. */
export interface FoundEnd {
  readonly end: number;
  readonly lastSeq: number;
}

export interface WholeEnd extends FoundEnd {
  readonly syncedEnd: number;
}

/**
 * How far the trail is whole, and how far of that is certain to be on disk. The lines in the journal were not synced in the trail, so a
 * power cut may have taken any part of them. A trail that goes further than the journal is whole to its last line.
 */
export async function findWholeEnd(fd: number, size: number, unsynced: readonly AuditLineRead[]): Promise<WholeEnd> {
  const found = await findEnd(fd, size);
  const [first] = unsynced;
  if (!first || found.lastSeq > (unsynced.at(-1)?.seq ?? 0)) return { ...found, syncedEnd: found.end };
  const synced = await findUnsynced(fd, size, first.seq);
  return { ...(await findMissing(fd, size, synced, unsynced)), syncedEnd: synced.end };
}

/** The end of the last whole line, and its number. Reads backwards, so that a long trail costs a start nothing. */
export async function findEnd(fd: number, size: number): Promise<FoundEnd> {
  for await (const { text, end } of linesFromEnd(fd, size)) {
    const lastSeq = seqOf(text);
    if (lastSeq !== undefined) return { end, lastSeq };
  }
  return { end: 0, lastSeq: 0 };
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
export function lastRun(lines: readonly AuditLineRead[]): readonly AuditLineRead[] {
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
