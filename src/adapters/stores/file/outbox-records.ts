import {
  ALERT_KINDS,
  type Approval,
  BUILD_STATUSES,
  type BuildNews,
  type Inbox,
  type InboxChange,
  type MessageContent,
  type OutboxMessage,
  PRIORITIES,
  type TextMessage,
} from "../../../core/index.ts";
import type { UnknownRecord } from "../ledger.ts";
import { approvalRecord, readApproval } from "./approval-records.ts";
import { type Fields, fields, instant, iso, list, oneOf, optional, text, time, unknownFields, whole, withUnknown } from "./fields.ts";
import { readText, textRecord } from "./text-records.ts";

/** Messages, inboxes and text messages as they are in the files. What there is very much of is written short. */

export type OutboxEntry =
  | { readonly inbox: Inbox }
  | { readonly message: OutboxMessage }
  | { readonly approval: Approval }
  | { readonly text: TextMessage }
  | { readonly record: UnknownRecord };

export function outboxRecord(entry: OutboxEntry): Fields {
  if ("inbox" in entry) return { inbox: inboxRecord(entry.inbox) };
  if ("message" in entry) return { message: messageRecord(entry.message) };
  if ("approval" in entry) return { approval: approvalRecord(entry.approval) };
  return "text" in entry ? { text: textRecord(entry.text) } : { record: entry.record };
}

export function readOutbox(value: unknown): OutboxEntry {
  const record = fields(value);
  if (record["inbox"] !== undefined) return { inbox: readInbox(record["inbox"]) };
  if (record["message"] !== undefined) return { message: readMessage(record["message"]) };
  if (record["approval"] !== undefined) return { approval: readApproval(record["approval"]) };
  if (record["text"] !== undefined) return { text: readText(record["text"]) };
  return { record: readUnknownRecord(record["record"]) };
}

/** `value` is whatever it is; `null`: there is none with this key any more. */
export function readUnknownRecord(value: unknown): UnknownRecord {
  const record = fields(value);
  return { kind: text(record, "kind"), key: text(record, "key"), value: record["value"] };
}

export function messageRecord(message: OutboxMessage): Fields {
  const { messageId, content, sentAt, expiresAt, to } = message;
  return {
    ...unknownFields(message),
    message_id: messageId,
    sent_at: iso(sentAt),
    expires_at: iso(expiresAt),
    type: content.type,
    ...contentRecord(content),
    to: to.map(({ userId, deviceId, seq }) => [userId, deviceId, seq]),
  };
}

export function readMessage(value: unknown): OutboxMessage {
  const record = fields(value);
  const message: OutboxMessage = {
    messageId: text(record, "message_id"),
    content: content(record),
    sentAt: time(record, "sent_at"),
    expiresAt: time(record, "expires_at"),
    to: list(record, "to").map((recipient) => {
      const [user_id, device_id, seq] = list({ recipient }, "recipient");
      const read = { user_id, device_id, seq };
      return { userId: text(read, "user_id"), deviceId: text(read, "device_id"), seq: whole(read, "seq") };
    }),
  };
  return withUnknown(message, record, MESSAGE_FIELDS);
}

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  "message_id",
  "sent_at",
  "expires_at",
  "type",
  "to",
  "build",
  "result",
  "approval_id",
]);

function content(record: Fields): MessageContent {
  const type = oneOf(record, "type", ["notification", "approval_request", "approval_settled", "command_result"]);
  if (type === "command_result") {
    const result = fields(record["result"]);
    return {
      type,
      result: {
        commandId: text(result, "command_id"),
        status: oneOf(result, "status", ["done", "failed"]),
        message: text(result, "message"),
      },
    };
  }
  if (type !== "notification") return { type, approvalId: text(record, "approval_id") };
  const build = fields(record["build"]);
  return {
    type,
    build: {
      buildId: text(build, "build_id"),
      projectName: text(build, "project_name"),
      status: oneOf(build, "status", BUILD_STATUSES),
      message: text(build, "message"),
      priority: oneOf(build, "priority", PRIORITIES),
      actionRequired: build["action_required"] === true,
      ...(build["alert"] === undefined ? {} : { alert: oneOf(build, "alert", ALERT_KINDS) }),
    },
  };
}

function contentRecord(content: MessageContent): Fields {
  switch (content.type) {
    case "notification":
      return { build: buildRecord(content.build) };
    case "command_result": {
      const { commandId, status, message } = content.result;
      return { result: { command_id: commandId, status, message } };
    }
    case "approval_request":
    case "approval_settled":
      return { approval_id: content.approvalId };
    default:
      return content satisfies never;
  }
}

function buildRecord({ buildId, projectName, status, message, priority, actionRequired, alert }: BuildNews): Fields {
  return { build_id: buildId, project_name: projectName, status, message, priority, action_required: actionRequired, alert };
}

function inboxRecord(inbox: Inbox): Fields {
  const { userId, deviceId, lastSeq, goneSeq, deliveries, reads, lost } = inbox;
  return {
    ...unknownFields(inbox),
    user_id: userId,
    device_id: deviceId,
    last_seq: lastSeq,
    gone_seq: goneSeq,
    deliveries: deliveries.map(({ seq, at }) => [seq, iso(at)]),
    reads: reads.map(({ seq, at }) => [seq, iso(at)]),
    lost,
  };
}

function readInbox(value: unknown): Inbox {
  const record = fields(value);
  const inbox: Inbox = {
    userId: text(record, "user_id"),
    deviceId: text(record, "device_id"),
    lastSeq: whole(record, "last_seq"),
    goneSeq: whole(record, "gone_seq"),
    deliveries: receipts(record, "deliveries"),
    reads: receipts(record, "reads"),
    ...optional("lost", record, "lost", (from, name) => list(from, name).map((seq) => whole({ seq }, "seq"))),
  };
  return withUnknown(inbox, record, INBOX_FIELDS);
}

const INBOX_FIELDS: ReadonlySet<string> = new Set(["user_id", "device_id", "last_seq", "gone_seq", "deliveries", "reads", "lost"]);

function receipts(record: Fields, name: string): Inbox["deliveries"] {
  return list(record, name).map((receipt) => {
    const [seq, at] = list({ receipt }, "receipt");
    return { seq: whole({ seq }, "seq"), at: instant(at, "at") };
  });
}

export function inboxChangeRecord({ userId, deviceId, kind, seq, at }: InboxChange): Fields {
  return { user_id: userId, device_id: deviceId, kind, seq, at: iso(at) };
}

export function readInboxChange(value: unknown): InboxChange {
  const record = fields(value);
  return {
    userId: text(record, "user_id"),
    deviceId: text(record, "device_id"),
    kind: oneOf(record, "kind", ["delivered", "read", "gone"]),
    seq: whole(record, "seq"),
    at: time(record, "at"),
  };
}
