import { hash } from "node:crypto";
import path from "node:path";
import type { Log } from "../../../core/index.ts";
import type { LedgerChange } from "../ledger.ts";
import { oneLine } from "../one-line.ts";
import { approvalRecord, inboxChangeRecord, messageRecord, readApproval, readInboxChange, readMessage } from "./outbox-records.ts";
import { deviceRecord, fields, list, readDevice, readRevoked, readSession, sessionRecord } from "./records.ts";
import {
  codeOf,
  createStorageFile,
  damaged,
  draftOf,
  files,
  type OpenToRead,
  openStorageFile,
  readBytes,
  removeDraft,
  StorageError,
  syncFolder,
  writeAll,
  writeAllNow,
} from "./storage-file.ts";

/** Since 2 there are messages and approvals. An older program would drop them without a word, so it is not to read this. */
export const VERSION = 2;
const FIRST_VERSION = 1;

const LINE = /^\{"version":(\d+),"seq":(\d+),"sum":"([0-9a-f]{16})","change":(.*)\}$/s;
const NEWLINE = 10;
const COPIED_AT_ONCE = 1 << 20;
/** Spaces: after a crash in the middle they are a torn line like any other. */
const PROBE = Buffer.alloc(4096, " ");

/** One change, one line, one checksum: of the line as it is without `sum`. */
export function journalLine(seq: number, { sessions, devices, revoked, messages, inboxes, approvals, audit }: LedgerChange): string {
  const parts = [
    ...(sessions?.length ? [`"sessions":${oneLine(sessions.map(sessionRecord))}`] : []),
    ...(devices?.length ? [`"devices":${oneLine(devices.map(deviceRecord))}`] : []),
    ...(revoked?.length ? [`"revoked":${oneLine(revoked)}`] : []),
    ...(messages?.length ? [`"messages":${oneLine(messages.map(messageRecord))}`] : []),
    ...(inboxes?.length ? [`"inboxes":${oneLine(inboxes.map(inboxChangeRecord))}`] : []),
    ...(approvals?.length ? [`"approvals":${oneLine(approvals.map(approvalRecord))}`] : []),
    `"audit":[${audit.join(",")}]`,
  ];
  const change = `{${parts.join(",")}}`;
  return `{"version":${VERSION},"seq":${seq},"sum":"${checksum(VERSION, seq, change)}","change":${change}}\n`;
}

function checksum(version: number | string, seq: number | string, change: string): string {
  return hash("sha256", `{"version":${version},"seq":${seq},"change":${change}}`).slice(0, 16);
}

export interface JournalEntry {
  readonly seq: number;
  readonly change: LedgerChange;
  readonly auditLines: readonly AuditLineRead[];
}

export interface AuditLineRead {
  readonly seq: number;
  readonly text: string;
}

/** How much of the file counts. What comes after `end` is a line whose writing was cut short: it was never answered. */
export interface JournalExtent {
  readonly end: number;
  readonly torn: number;
  /** Only the last line's newline is missing: the change is whole, the newline is to be added at `end`. */
  readonly newlineMissing: boolean;
}

/** Hands every line to `found`, in order. Throws a StorageError at the first that is damaged. */
export async function readJournal(file: string, open: OpenToRead, found: (entry: JournalEntry) => void): Promise<JournalExtent> {
  const fd = await open(file);
  try {
    const { size } = await files.fstat(fd);
    const bytes = await readBytes(fd, 0, size);
    let start = 0;
    let number = 1;
    let previous: number | undefined;
    const take = (text: string): void => {
      const entry = readLine(file, number, text);
      if (previous !== undefined && entry.seq !== previous + 1) throw damaged(file, `line ${number}: change ${previous + 1} is missing`);
      previous = entry.seq;
      number += 1;
      found(entry);
    };
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const line = bytes.subarray(start, end);
      // Blocks that never reached the disk read as zeros after a power cut. Only the last line can have been on its way.
      if (end === bytes.length - 1 && line.includes(0)) break;
      take(line.toString("utf8"));
      start = end + 1;
    }
    const rest = bytes.subarray(start).toString("utf8");
    if (isWhole(rest)) {
      take(rest);
      return { end: bytes.length, torn: 0, newlineMissing: true };
    }
    // A line that is whole but for its last byte was not cut short: its newline was changed into something else.
    if (isWhole(rest.slice(0, -1))) throw damaged(file, `line ${number}: no newline`);
    return { end: start, torn: bytes.length - start, newlineMissing: false };
  } finally {
    await files.close(fd);
  }
}

function isWhole(line: string): boolean {
  const [, version = "", seq = "", sum, change = ""] = LINE.exec(line) ?? [];
  return [VERSION, FIRST_VERSION].some((known) => version === String(known)) && checksum(version, seq, change) === sum;
}

function readLine(file: string, number: number, line: string): JournalEntry {
  refuseNewer(file, line);
  if (!isWhole(line)) throw damaged(file, `line ${number}: wrong checksum`);
  try {
    const record = fields(JSON.parse(line));
    const change = fields(record["change"]);
    const part = (name: string): readonly unknown[] => (change[name] === undefined ? [] : list(change, name));
    const auditLines = part("audit").map((value) => {
      const { seq } = fields(value);
      if (typeof seq !== "number") throw new Error("an audit line without a number");
      return { seq, text: oneLine(value) };
    });
    return {
      seq: Number(record["seq"]),
      auditLines,
      change: {
        sessions: part("sessions").map(readSession),
        devices: part("devices").map(readDevice),
        revoked: part("revoked").map(readRevoked),
        messages: part("messages").map(readMessage),
        inboxes: part("inboxes").map(readInboxChange),
        approvals: part("approvals").map(readApproval),
        audit: auditLines.map(({ text }) => text),
        auditSeq: auditLines.at(-1)?.seq ?? 0,
      },
    };
  } catch (cause) {
    throw damaged(file, `line ${number}: ${codeOf(cause)}`);
  }
}

export function refuseNewer(file: string, text: string): void {
  const version = Number(/^\s*\{\s*"version"\s*:\s*(\d{1,9})\b/.exec(text)?.[1] ?? VERSION);
  if (version > VERSION) {
    throw new StorageError(
      `${file} was written by a newer version of Top Dog (format ${version}). Update Top Dog, or restore the folder from an older backup.`,
    );
  }
}

/** The journal's front end: the one file that changes wait for. */
export interface Journal {
  /** Where the next line goes: everything before is on disk. */
  end(): number;
  /** Grows each time another file takes the journal's place. */
  generation(): number;
  /** `false` after an error that leaves open what is on disk. Then only `startAnew` helps. */
  trusted(): boolean;
  /** All of the lines are on disk, or none is to be found there. `landed` runs at the very moment `end` moves. */
  append(lines: string, landed: () => void): Promise<void>;
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
      log.warn("dropped a journal line whose writing was cut short", { file, bytes: extent.torn });
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
      await files.rename(draftOf(file), file);
    } catch (cause) {
      await files.close(draft);
      await files.unlink(draftOf(file)).catch(() => undefined);
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
      const bytes = Buffer.from(lines);
      await write(bytes);
      end += bytes.length;
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
        await files.unlink(draftOf(file)).catch(() => undefined);
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
        await files.unlink(draftOf(file)).catch(() => undefined);
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
