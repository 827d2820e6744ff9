import { say } from "../../../words/say.ts";
import { type BatchPlace, batchPlace, isWhole, type JournalEntry, readLine, refuseNewer } from "./journal-lines.ts";
import { damagedLine, files, type OpenToRead, readBytes } from "./storage-file.ts";

const NEWLINE = 10;
/** Disks write whole sectors, so what did not reach one begins and ends with a sector. */
const SECTOR = 512;

/** How much of the file counts. What comes after `end` is the last batch, whose writing was cut short: it was never answered. */
export interface JournalExtent {
  readonly end: number;
  readonly torn: number;
  /** Only the last line's newline is missing: the batch is whole, the newline is to be added at `end`. */
  readonly newlineMissing: boolean;
}

/** The batch that is being read: its lines so far. */
interface OpenBatch {
  readonly start: number;
  readonly entries: JournalEntry[];
  of: number;
}

/**
 * Hands every change to `found`, in order, each when its batch is complete. Throws a StorageError at the first damage. The last
 * batch alone may be incomplete, as a power cut leaves it: cut short, or with blocks that never reached the disk and read as
 * zeros. `covered`: the changes up to this one are in other files.
 */
export async function readJournal(
  file: string,
  covered: number,
  open: OpenToRead,
  found: (entry: JournalEntry) => void,
): Promise<JournalExtent> {
  const fd = await open(file);
  let bytes: Buffer;
  try {
    bytes = await readBytes(fd, 0, (await files.fstat(fd)).size);
  } finally {
    await files.close(fd);
  }
  let batch: OpenBatch = { start: 0, entries: [], of: 0 };
  let previous: number | undefined;
  let number = 1;
  const take = (text: string, end: number): void => {
    const entry = readLine(file, number, text);
    const { place, of, upTo } = batchPlace(text) ?? { place: 1, of: 1 };
    const { length } = batch.entries;
    const expected = length === 0 ? previous : batch.entries[length - 1]?.seq;
    if (expected !== undefined && entry.seq !== expected + 1)
      throw damagedLine(file, number, say("storage.changeMissing", { seq: expected + 1 }));
    if (place !== length + 1 || (length > 0 && of !== batch.of) || (upTo !== undefined && end - upTo !== batch.start))
      throw damagedLine(file, number, say("storage.notOfBatch"));
    batch.entries.push(entry);
    batch.of = of;
    number += 1;
    if (place < of) return;
    for (const complete of batch.entries) found(complete);
    previous = entry.seq;
    batch = { start: end, entries: [], of: 0 };
  };
  const dropLast = (): JournalExtent => {
    const first = previous ?? covered;
    const fits = ({ seq, place }: { readonly seq: number; readonly place: number }): boolean =>
      previous === undefined ? seq - place <= first : seq - place === first;
    checkUnanswered(file, number - batch.entries.length, bytes, batch.start, fits);
    return { end: batch.start, torn: bytes.length - batch.start, newlineMissing: false };
  };

  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    const line = bytes.toString("utf8", start, end);
    refuseNewer(file, line);
    if (!isWhole(line)) return dropLast();
    take(line, end + 1);
    start = end + 1;
  }
  const rest = bytes.toString("utf8", start);
  if (isWhole(rest)) {
    take(rest, bytes.length + 1);
    if (batch.entries.length === 0) return { end: bytes.length, torn: 0, newlineMissing: true };
  }
  return dropLast();
}

/**
 * Throws unless everything from `start` on can be one batch that a power cut left incomplete. Lines of a later batch, or a whole
 * one, show that this one was answered; and a power cut does not change what it does not erase.
 */
function checkUnanswered(
  file: string,
  firstNumber: number,
  bytes: Buffer,
  start: number,
  fits: (line: { readonly seq: number; readonly place: number }) => boolean,
): void {
  let number = firstNumber;
  let from = start;
  let only: BatchPlace["of"] | undefined;
  while (from < bytes.length) {
    const newline = bytes.indexOf(NEWLINE, from);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.subarray(from, end);
    const text = line.toString("utf8");
    const mark = batchPlace(text);
    const whole = isWhole(text);
    if (mark) {
      only ??= mark.of;
      const isOfThisBatch = mark.of === only && (mark.upTo === undefined || end + 1 - mark.upTo === start);
      if (!isOfThisBatch) throw damagedLine(file, number, say("storage.wrongChecksum"));
    }
    if (whole && !fits({ seq: Number(/"seq":(\d+)/.exec(text)?.[1]), place: mark?.place ?? 1 })) {
      throw damagedLine(file, number, say("storage.wrongChecksum"));
    }
    // Without a mark each line is a batch of its own, and only the last can be incomplete.
    if (whole && !mark) throw damagedLine(file, number, say("storage.wrongChecksum"));
    if ((!whole && newline >= 0 && !line.includes(0)) || !areHoles(bytes, from, end, start))
      throw damagedLine(file, number, say("storage.wrongChecksum"));
    // A line that is whole but for its last byte was not cut short: its newline was changed into something else.
    if (newline < 0 && line.at(-1) !== 0 && isWhole(line.subarray(0, -1).toString("utf8")))
      throw damagedLine(file, number, say("storage.noNewline"));
    number += 1;
    from = end + 1;
  }
}

/** Whether every run of zeros between `from` and `end` is what was not written of a batch that begins at `start`. */
function areHoles(bytes: Buffer, from: number, end: number, start: number): boolean {
  for (let zero = bytes.indexOf(0, from); zero >= 0 && zero < end; ) {
    let after = zero;
    while (after < end && bytes[after] === 0) after += 1;
    if ((zero % SECTOR !== 0 && zero !== start) || (after % SECTOR !== 0 && after !== bytes.length)) return false;
    zero = bytes.indexOf(0, after);
  }
  return true;
}
