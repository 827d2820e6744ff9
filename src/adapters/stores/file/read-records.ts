import { createHash } from "node:crypto";
import { say } from "../../../words/say.ts";
import { refuseNewer } from "./journal-lines.ts";
import { codeOf, damaged, files, type OpenToRead, readPieces } from "./storage-file.ts";

/** What stands in the place of a file's digest while the digest is computed. */
export const NO_DIGEST = "0".repeat(64);

const HEADER = /^\{"version":(\d+),"seq":(\d+)(?:,"audit_seq":(\d+))?,"sha256":"([0-9a-f]{64})","(sessions|devices|revoked|outbox)":\[\n/;
const MAX_HEADER_BYTES = 256;
const NEWLINE = 10;
const LAST_LINE = "]}";
/** Records that are parsed by one call: a call for each of a million costs more than what it parses. */
const BATCH_BYTES = 16 * 1024;

export interface RecordsHeader {
  readonly version: number;
  readonly seq: number;
  readonly auditSeq: number;
}

/**
 * Hands every record of a file to `found`, in order, while the rest is read. Rejects with a StorageError for anything but a file as it
 * was written; what was handed over by then does not count.
 */
export async function readRecords(
  file: string,
  kind: "sessions" | "devices" | "revoked" | "outbox" | undefined,
  open: OpenToRead,
  found: (value: unknown) => void,
): Promise<RecordsHeader> {
  const fd = await open(file);
  try {
    const { size } = await files.fstat(fd);
    const digest = createHash("sha256");
    const lines = createLines(found);
    let header: (RecordsHeader & { readonly sha256: string }) | undefined;
    let broken: { readonly cause: unknown } | undefined;
    for await (const piece of readPieces(fd, size)) {
      let from = 0;
      if (!header) {
        const opening = piece.subarray(0, MAX_HEADER_BYTES).toString("latin1");
        refuseNewer(file, opening);
        const [start, version = "", seq = "", auditSeq = "0", sha256 = "", named] = HEADER.exec(opening) ?? [];
        if (start === undefined || (kind !== undefined && named !== kind)) throw damaged(file, say("storage.unknownContent"));
        header = { version: Number(version), seq: Number(seq), auditSeq: Number(auditSeq), sha256 };
        from = start.length;
        const digestAt = start.indexOf(sha256);
        digest.update(piece.subarray(0, digestAt)).update(NO_DIGEST);
        digest.update(piece.subarray(digestAt + NO_DIGEST.length));
      } else digest.update(piece);
      // A wrong digest explains a record that cannot be read, so the file is read to its end first.
      if (broken) continue;
      try {
        lines.take(piece, from);
      } catch (cause) {
        broken = { cause };
      }
    }
    if (!header) throw damaged(file, say("storage.unknownContent"));
    if (digest.digest("hex") !== header.sha256) throw damaged(file, say("storage.wrongHash"));
    if (broken) throw broken.cause;
    return header;
  } catch (cause) {
    if (cause instanceof Error && cause.name === "StorageError") throw cause;
    throw damaged(file, codeOf(cause));
  } finally {
    await files.close(fd);
  }
}

/** Puts lines together from the pieces of a file, and parses them. */
function createLines(found: (value: unknown) => void): { take(piece: Buffer, from: number): void } {
  /** The beginning of a line whose end is in the next piece. */
  let opened: Buffer[] = [];
  let ended = false;
  return {
    take(piece, start) {
      let from = start;
      if (opened.length > 0) {
        const end = piece.indexOf(NEWLINE, from);
        opened.push(Buffer.from(piece.subarray(from, end < 0 ? piece.length : end)));
        if (end < 0) return;
        const line = Buffer.concat(opened).toString();
        opened = [];
        from = end + 1;
        if (!ended) ended = parseLine(line, found);
      }
      while (!ended) {
        let to = from;
        let count = 0;
        for (let end = piece.indexOf(NEWLINE, from); end >= 0; end = piece.indexOf(NEWLINE, to)) {
          count += 1;
          to = end + 1;
          if (to - from >= BATCH_BYTES) break;
        }
        if (count === 0) break;
        ended = parseLines(piece.toString("utf8", from, to - 1), count, found);
        from = to;
      }
      if (!ended && from < piece.length) opened.push(Buffer.from(piece.subarray(from)));
    },
  };
}

/** Returns whether the last line was among them. */
function parseLines(text: string, count: number, found: (value: unknown) => void): boolean {
  if (!text.endsWith(LAST_LINE)) {
    const records = parseTogether(text.endsWith(",") ? text.slice(0, -1) : text);
    if (records?.length === count) {
      for (const record of records) found(record);
      return false;
    }
  }
  return text.split("\n").some((line) => parseLine(line, found));
}

/** `undefined` when one of them is no record: each is parsed for itself then, which says what is wrong with it. */
function parseTogether(text: string): readonly unknown[] | undefined {
  try {
    return JSON.parse(`[${text}]`) as readonly unknown[];
  } catch {
    return undefined;
  }
}

function parseLine(line: string, found: (value: unknown) => void): boolean {
  if (line === LAST_LINE) return true;
  found(JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line));
  return false;
}
