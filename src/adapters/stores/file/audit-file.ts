import path from "node:path";
import type { Instant, Log } from "../../../core/index.ts";
import { readAuditLine } from "../one-line.ts";
import { type AuditRotation, auditFromEnd, dropOldParts, isFull, linesFromEnd, listParts, setAside } from "./audit-parts.ts";
import type { AuditLineRead } from "./journal.ts";
import {
  asOwner,
  codeOf,
  createStorageFile,
  files,
  findPlainFile,
  openStorageFile,
  readBytes,
  syncFolder,
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
  /** Every line, the newest first. */
  read(): AsyncGenerator<string>;
  close(): Promise<void>;
}

const FIRST_LINE = 4096;

/** Opens the trail, cuts off a torn last line and appends what the journal has and the trail has not. */
export async function openAuditFile(
  file: string,
  journaled: readonly AuditLineRead[],
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
  try {
    const { size } = await files.fstat(fd);
    ({ end, lastSeq } = await findEnd(fd, size));
    if (end < size) {
      log.warn("cut a torn line off the audit trail", { file, bytes: size - end });
      await files.ftruncate(fd, end);
    }
    lastSeq = Math.max(lastSeq, parts.at(-1)?.lastSeq ?? 0);
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

  /** A trail that cannot be set aside goes on as it is: nothing is lost by its being large. */
  const rotate = async (): Promise<void> => {
    if (end === 0 || !isFull(rotation, end, firstAt)) return;
    try {
      const next = await setAside(file, (await findEnd(fd, end)).lastSeq);
      await files.close(fd).catch(() => undefined);
      fd = next;
      end = 0;
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
      await rotate();
      if (namesDurable) return;
      await syncFolder(path.dirname(file));
      namesDurable = true;
      await dropOldParts(file, rotation, log);
    },
    syncEarly: () => files.fdatasync(fd),
    async *read() {
      yield* [...waiting].reverse();
      yield* auditFromEnd(file, asOwner(log));
    },
    close: () => files.close(fd),
  };
}

/** The end of the last whole line, and its number. Looks from the end, so that a long trail costs a start nothing. */
async function findEnd(fd: number, size: number): Promise<{ readonly end: number; readonly lastSeq: number }> {
  for await (const { text, end } of linesFromEnd(fd, size)) {
    const lastSeq = seqOf(text);
    if (lastSeq !== undefined) return { end, lastSeq };
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

function timeOf(text: string | undefined): Instant | undefined {
  const at = Date.parse(readAuditLine(text ?? "")?.ts ?? "");
  return Number.isNaN(at) ? undefined : at;
}
