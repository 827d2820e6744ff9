import {
  type Approval,
  type Device,
  deviceKey,
  type Inbox,
  type Instant,
  isUnconfirmed,
  type OutboxMessage,
  type PairingSession,
  type TextMessage,
} from "../../../core/index.ts";
import { MESSAGE_CLASSES, messageClass, type RevokedToken } from "../../../core/store/index.ts";
import { approvalRecord } from "../file/approval-records.ts";
import { messageRecord, outboxRecord } from "../file/outbox-records.ts";
import { deviceRecord, sessionRecord } from "../file/records.ts";
import { textRecord } from "../file/text-records.ts";
import { claimsEnd, type Ledger } from "../ledger.ts";
import type { Pool } from "./loaded-counts.ts";

type Column = readonly [name: string, type: "text" | "text[]" | "bigint" | "boolean" | "json"];

/** A table's columns with their types, in the order in which `valuesOf` gives them. The first is the key. */
export interface Table<Item> {
  readonly name: string;
  readonly columns: readonly [Column, ...Column[]];
  readonly valuesOf: (item: Item) => readonly unknown[];
}

const BACKSLASH_OR_LONE = /[\0\\]|\p{Surrogate}/gu;

/**
 * A text as a column can hold it: PostgreSQL takes no NUL, and half of a surrogate pair would become another character on its way. Two
 * different texts are two different columns.
 */
export function columnText(text: string): string {
  return text.replace(BACKSLASH_OR_LONE, (found) => `\\${found.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function maybeText(text: string | undefined): string | null {
  return text === undefined ? null : columnText(text);
}

/** A device as one column. */
export function deviceColumn(phone: Pick<Device, "userId" | "deviceId">): string {
  return columnText(deviceKey(phone));
}

/** In the place of the phones of a change: too many to name. */
export const EVERY_PHONE = '["*"]';

export const SESSIONS: Table<PairingSession> = {
  name: "sessions",
  columns: [
    ["code_hash", "text"],
    ["session_id", "text"],
    ["status", "text"],
    ["phone_number", "text"],
    ["text_id", "text"],
    ["created_at", "bigint"],
    ["expires_at", "bigint"],
    ["claims_end", "bigint"],
    ["data", "json"],
  ],
  valuesOf: (session) => [
    columnText(session.codeHash),
    columnText(session.sessionId),
    session.status,
    columnText(session.phoneNumber),
    maybeText(session.textId),
    session.createdAt,
    session.expiresAt,
    claimsEnd(session) ?? null,
    JSON.stringify(sessionRecord(session)),
  ],
};

export const TEXTS: Table<TextMessage> = {
  name: "texts",
  columns: [
    ["text_id", "text"],
    ["purpose", "text"],
    ["session_id", "text"],
    ["approval_id", "text"],
    ["user_id", "text"],
    ["first_sent_at", "bigint"],
    ["last_sent_at", "bigint"],
    ["data", "json"],
  ],
  valuesOf: (text) => [
    columnText(text.id),
    text.purpose,
    maybeText(text.sessionId),
    maybeText(text.approvalId),
    maybeText(text.userId),
    text.sends[0] ?? 0,
    text.sends.at(-1) ?? 0,
    JSON.stringify(textRecord(text)),
  ],
};

export const DEVICES: Table<Device> = {
  name: "devices",
  columns: [
    ["device_key", "text"],
    ["user_id", "text"],
    ["device_id", "text"],
    ["jti", "text"],
    ["session_id", "text"],
    ["status", "text"],
    ["unconfirmed", "boolean"],
    ["paired_at", "bigint"],
    ["handoff", "text"],
    ["endpoint", "text"],
    ["subscription_end", "bigint"],
    ["revoked_at", "bigint"],
    ["data", "json"],
  ],
  valuesOf: (device) => [
    deviceColumn(device),
    columnText(device.userId),
    columnText(device.deviceId),
    columnText(device.jti),
    columnText(device.sessionId),
    device.status,
    isUnconfirmed(device),
    device.pairedAt,
    maybeText(device.handoff?.codeHash),
    maybeText(device.push?.endpoint),
    device.push ? device.expiresAt : null,
    device.status === "revoked" ? (device.revokedAt ?? device.lastSeen) : null,
    JSON.stringify(deviceRecord(device)),
  ],
};

export const APPROVALS: Table<Approval> = {
  name: "approvals",
  columns: [
    ["approval_id", "text"],
    ["status", "text"],
    ["user_ids", "text[]"],
    ["requested_at", "bigint"],
    ["expires_at", "bigint"],
    ["settled_at", "bigint"],
    ["data", "json"],
  ],
  valuesOf: (approval) => [
    columnText(approval.approvalId),
    approval.status,
    arrayLiteral(approval.userIds.map(columnText)),
    approval.requestedAt,
    approval.expiresAt,
    approval.settledAt ?? null,
    JSON.stringify(approvalRecord(approval)),
  ],
};

export const MESSAGES: Table<OutboxMessage> = {
  name: "messages",
  columns: [
    ["message_id", "text"],
    ["type", "text"],
    ["approval_id", "text"],
    ["sent_at", "bigint"],
    ["expires_at", "bigint"],
    ["data", "json"],
  ],
  valuesOf: (message) => [
    columnText(message.messageId),
    message.content.type,
    maybeText("approvalId" in message.content ? message.content.approvalId : undefined),
    message.sentAt,
    message.expiresAt,
    JSON.stringify(messageRecord(message)),
  ],
};

/** An inbox with how much waits in its queue. */
export interface InboxRow {
  readonly inbox: Inbox;
  readonly queued: number;
  readonly bytes: number;
}

export const INBOXES: Table<InboxRow> = {
  name: "inboxes",
  columns: [
    ["device_key", "text"],
    ["queued", "bigint"],
    ["queued_bytes", "bigint"],
    ["data", "json"],
  ],
  valuesOf: ({ inbox, queued, bytes }) => [deviceColumn(inbox), queued, bytes, JSON.stringify(outboxRecord({ inbox })["inbox"])],
};

export interface QueueRow {
  readonly device: string;
  readonly seq: number;
  /** The place of its class among `MESSAGE_CLASSES`. */
  readonly rank: number;
  readonly bytes: number;
  readonly messageId: string;
}

export const QUEUE: Table<QueueRow> = {
  name: "queue",
  columns: [
    ["device_key", "text"],
    ["seq", "bigint"],
    ["rank", "bigint"],
    ["bytes", "bigint"],
    ["message_id", "text"],
  ],
  valuesOf: ({ device, seq, rank, bytes, messageId }) => [device, seq, rank, bytes, columnText(messageId)],
};

export const REVOKED: Table<RevokedToken> = {
  name: "revoked",
  columns: [
    ["jti", "text"],
    ["exp", "bigint"],
  ],
  valuesOf: ({ jti, exp }) => [columnText(jti), exp],
};

interface SendRow {
  readonly pool: Pool;
  readonly phoneNumber: string;
  readonly at: Instant;
}

export const SENDS: Table<SendRow> = {
  name: "sends",
  columns: [
    ["pool", "text"],
    ["phone_number", "text"],
    ["sent_at", "bigint"],
  ],
  valuesOf: ({ pool, phoneNumber, at }) => [pool, columnText(phoneNumber), at],
};

export const MONTHS: Table<readonly [month: Instant, messages: number]> = {
  name: "months",
  columns: [
    ["month", "bigint"],
    ["messages", "bigint"],
  ],
  valuesOf: (month) => month,
};

/** A line of the audit trail with what it is found by. */
export interface AuditRow {
  readonly seq: number;
  readonly at: Instant;
  readonly event: string;
  readonly line: string;
}

export const AUDIT: Table<AuditRow> = {
  name: "audit",
  columns: [
    ["seq", "bigint"],
    ["at", "bigint"],
    ["event", "text"],
    ["line", "text"],
  ],
  valuesOf: ({ seq, at, event, line }) => [seq, at, event, line],
};

/** What a ledger has counted of text messages, as rows. */
export function* sendRows({ sends, approvalSends }: Pick<Ledger, "sends" | "approvalSends">): Generator<SendRow> {
  for (const entry of sends.entries()) yield { pool: "pairing", ...entry };
  for (const entry of approvalSends.entries()) yield { pool: "approval", ...entry };
}

export function rankOf(message: OutboxMessage): number {
  return MESSAGE_CLASSES.indexOf(messageClass(message));
}

/** `unnest` takes no arrays of different lengths; a list in a cell is written as text and read by a cast. */
function arrayLiteral(texts: readonly string[]): string {
  return `{${texts.map((text) => `"${text.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
