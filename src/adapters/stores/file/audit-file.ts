import type { Log } from "../../../core/index.ts";
import type { AuditLineRead } from "./journal.ts";
import { codeOf, createStorageFile, files, findPlainFile, openStorageFile, readBytes, writeAllNow } from "./storage-file.ts";

/** The trail that people read. Its lines are durable in the journal first, and synced here before the journal lets go of them. */
export interface AuditFile {
  readonly lastSeq: number;
  /** Never rejects: lines that cannot be written now wait for the next call. */
  append(lines: readonly string[]): Promise<void>;
  /** Resolves when every line is on disk in this file. Not while an `append` is under way. */
  sync(): Promise<void>;
  /** Gets most of the work of `sync` done, at any time. */
  syncEarly(): Promise<void>;
  close(): Promise<void>;
}

const NEWLINE = 10;
const LOOKED_AT_ONCE = 1 << 16;

/** Opens the trail, cuts off a torn last line and appends what the journal has and the trail has not. */
export async function openAuditFile(file: string, journaled: readonly AuditLineRead[], log: Log): Promise<AuditFile> {
  const fd = (await findPlainFile(file)) ? await openStorageFile(file, "write", log) : await createStorageFile(file);
  let end = 0;
  let lastSeq = 0;
  let waiting: string[] = [];
  let failing = false;
  try {
    const { size } = await files.fstat(fd);
    ({ end, lastSeq } = await findEnd(fd, size));
    if (end < size) {
      log.warn("cut a torn line off the audit trail", { file, bytes: size - end });
      await files.ftruncate(fd, end);
    }
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
    end += bytes.length;
    waiting = [];
  };

  const missing = journaled.filter(({ seq }) => seq > lastSeq);
  waiting.push(...missing.map(({ text }) => text));
  const known = missing.at(-1)?.seq ?? lastSeq;
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
      await files.fdatasync(fd);
    },
    syncEarly: () => files.fdatasync(fd),
    close: () => files.close(fd),
  };
}

/** The end of the last whole line, and its number. Looks from the end, so that a long trail costs a start nothing. */
async function findEnd(fd: number, size: number): Promise<{ readonly end: number; readonly lastSeq: number }> {
  let start = size;
  let tail = Buffer.alloc(0);
  while (start > 0) {
    const from = Math.max(0, start - LOOKED_AT_ONCE);
    tail = Buffer.concat([await readBytes(fd, from, start), tail]);
    start = from;
    for (let end = tail.lastIndexOf(NEWLINE); end >= 0; end = end === 0 ? -1 : tail.lastIndexOf(NEWLINE, end - 1)) {
      const before = end === 0 ? -1 : tail.lastIndexOf(NEWLINE, end - 1);
      if (before < 0 && start > 0) break;
      const lastSeq = seqOf(tail.toString("utf8", before + 1, end));
      if (lastSeq !== undefined) return { end: start + end + 1, lastSeq };
    }
  }
  return { end: 0, lastSeq: 0 };
}

function seqOf(line: string): number | undefined {
  try {
    const { seq } = JSON.parse(line) as { seq?: unknown };
    return typeof seq === "number" && Number.isSafeInteger(seq) ? seq : undefined;
  } catch {
    return undefined;
  }
}
