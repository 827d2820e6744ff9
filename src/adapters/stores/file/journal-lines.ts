import { hash } from "node:crypto";
import { say } from "../../../words/say.ts";
import type { LedgerChange, UnknownRecord } from "../ledger.ts";
import { oneLine } from "../one-line.ts";
import { approvalRecord, readApproval } from "./approval-records.ts";
import { fields, list } from "./fields.ts";
import { inboxChangeRecord, messageRecord, readInboxChange, readMessage, readUnknownRecord } from "./outbox-records.ts";
import { deviceRecord, readDevice, readRevoked, readSession, sessionRecord } from "./records.ts";
import { codeOf, damagedLine, StorageError } from "./storage-file.ts";
import { formerText, readText, textRecord } from "./text-records.ts";

/**
 * Since 2 there are messages and approvals, since 3 text messages of their own. An older program would drop them without a word, so it is
 * not to read this. Fields, and records of further kinds (`{kind, key, value}`), may be added without a new number: a program that does
 * not know them keeps them.
 */
export const VERSION = 3;
const READABLE: ReadonlySet<string> = new Set(["1", "2", String(VERSION)]);

const LINE = /^\{"version":(\d+),"seq":(\d+),"sum":"([0-9a-f]{16})","change":(.*)\}$/s;
const NO_SUM = "0".repeat(16);
const BATCH_AT_END = /"batch":\[(\d{1,9}),(\d{1,9}),(\d{1,15})\]\}\}$/;

/** A change as it stands in its line, but for the closing bracket: the line's place in its batch is known only when all are decided. */
export function encodeChange({ sessions, texts, devices, revoked, messages, inboxes, approvals, audit }: LedgerChange): string {
  const parts = [
    ...(sessions?.length ? [`"sessions":${oneLine(sessions.map(sessionRecord))}`] : []),
    ...(texts?.length ? [`"texts":${oneLine(texts.map(textRecord))}`] : []),
    ...(devices?.length ? [`"devices":${oneLine(devices.map(deviceRecord))}`] : []),
    ...(revoked?.length ? [`"revoked":${oneLine(revoked)}`] : []),
    ...(messages?.length ? [`"messages":${oneLine(messages.map(messageRecord))}`] : []),
    ...(inboxes?.length ? [`"inboxes":${oneLine(inboxes.map(inboxChangeRecord))}`] : []),
    ...(approvals?.length ? [`"approvals":${oneLine(approvals.map(approvalRecord))}`] : []),
    `"audit":[${audit.join(",")}]`,
  ];
  return `{${parts.join(",")}`;
}

/**
 * The lines of changes that are written and synced together: one change, one line, one checksum (of the line as it is without
 * `sum`). From `batch` a start knows which lines belong together, all or none: the line's place, how many there are, and how
 * many bytes of the batch end with this line. Programs that do not know it skip it.
 */
export function journalBatch(firstSeq: number, changes: readonly string[]): Buffer {
  let upTo = 0;
  const lines = changes.map((opened, index) => {
    const seq = firstSeq + index;
    const marked = `${opened},"batch":[${index + 1},${changes.length},`;
    const withoutNumber = upTo + Buffer.byteLength(lineOf(seq, NO_SUM, `${marked}]}`));
    // The number counts its own digits.
    upTo = withoutNumber + String(withoutNumber).length;
    if (withoutNumber + String(upTo).length !== upTo) upTo += 1;
    const change = `${marked}${upTo}]}`;
    return lineOf(seq, checksum(VERSION, seq, change), change);
  });
  return Buffer.from(lines.join(""));
}

function lineOf(seq: number, sum: string, change: string): string {
  return `{"version":${VERSION},"seq":${seq},"sum":"${sum}","change":${change}}\n`;
}

function checksum(version: number | string, seq: number | string, change: string): string {
  return hash("sha256", `{"version":${version},"seq":${seq},"change":${change}}`).slice(0, 16);
}

export interface JournalEntry {
  readonly seq: number;
  readonly change: LedgerChange & { readonly unknownRecords: readonly UnknownRecord[] };
  readonly auditLines: readonly AuditLineRead[];
}

export interface AuditLineRead {
  readonly seq: number;
  readonly text: string;
}

/** Where a line stands in its batch. Lines of versions that did not mark batches are batches of one. */
export interface BatchPlace {
  readonly place: number;
  readonly of: number;
  /** Bytes from the batch's beginning to this line's end; absent in lines that are not marked. */
  readonly upTo?: number;
}

/** Reads the mark at the end of a line, of which the beginning may be missing. */
export function batchPlace(line: string): BatchPlace | undefined {
  const [, place, of, upTo] = BATCH_AT_END.exec(line) ?? [];
  return place === undefined ? undefined : { place: Number(place), of: Number(of), upTo: Number(upTo) };
}

export function isWhole(line: string): boolean {
  const [, version = "", seq = "", sum, change = ""] = LINE.exec(line) ?? [];
  return READABLE.has(version) && checksum(version, seq, change) === sum;
}

/** What a whole line says. Throws a StorageError when that is no change. */
export function readLine(file: string, number: number, line: string): JournalEntry {
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
        sessions: part("sessions")
          .map(readSession)
          .filter((session) => session !== undefined),
        texts: [
          ...part("texts").map(readText),
          ...part("sessions")
            .map(formerText)
            .filter((message) => message !== undefined),
        ],
        devices: part("devices").map(readDevice),
        revoked: part("revoked").map(readRevoked),
        messages: part("messages").map(readMessage),
        inboxes: part("inboxes").map(readInboxChange),
        approvals: part("approvals").map(readApproval),
        unknownRecords: part("records").map(readUnknownRecord),
        audit: auditLines.map(({ text }) => text),
        auditSeq: auditLines.at(-1)?.seq ?? 0,
      },
    };
  } catch (cause) {
    throw damagedLine(file, number, codeOf(cause));
  }
}

export function refuseNewer(file: string, text: string): void {
  const version = Number(/^\s*\{\s*"version"\s*:\s*(\d{1,9})\b/.exec(text)?.[1] ?? VERSION);
  if (version > VERSION) {
    throw new StorageError(say("storage.newerFormat", { file, version }));
  }
}
