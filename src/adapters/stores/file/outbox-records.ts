import {
  type Approval,
  approvalContent,
  BUILD_STATUSES,
  type BuildNews,
  type DecidedBy,
  type Inbox,
  type InboxChange,
  type MessageContent,
  type OutboxMessage,
  PRIORITIES,
  type TextMessage,
} from "../../../core/index.ts";
import { systemDigest } from "../../system/digest.ts";
import type { UnknownRecord } from "../ledger.ts";
import {
  type Fields,
  fields,
  instant,
  iso,
  list,
  maybeIso,
  oneOf,
  optional,
  text,
  time,
  unknownFields,
  whole,
  withUnknown,
} from "./fields.ts";
import { readText, textRecord } from "./text-records.ts";

/** Messages, inboxes, approvals and text messages as they are in the files. What there is very much of is written short. */

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

function buildRecord({ buildId, projectName, status, message, priority, actionRequired }: BuildNews): Fields {
  return { build_id: buildId, project_name: projectName, status, message, priority, action_required: actionRequired };
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

export function approvalRecord(approval: Approval): Fields {
  const { decidedBy } = approval;
  return {
    ...unknownFields(approval),
    approval_id: approval.approvalId,
    message_id: approval.messageId,
    status: approval.status,
    user_ids: approval.userIds,
    requested_by: approval.requestedBy,
    build_id: approval.buildId,
    project_name: approval.projectName,
    plan: approval.plan,
    affected_files: approval.affectedFiles,
    estimated_duration: approval.estimatedDuration,
    content_sha256: approval.contentSha256,
    requested_at: iso(approval.requestedAt),
    expires_at: iso(approval.expiresAt),
    settled_at: maybeIso(approval.settledAt),
    decided_by: decidedBy && decidedByRecord(decidedBy),
    decided_via: decidedBy?.kind,
    comment: approval.comment,
  };
}

export function readApproval(value: unknown): Approval {
  const record = fields(value);
  const duration = record["estimated_duration"];
  const shown = {
    projectName: text(record, "project_name"),
    plan: text(record, "plan"),
    affectedFiles: list(record, "affected_files").map((file) => text({ file }, "file")),
  };
  const approval: Approval = {
    approvalId: text(record, "approval_id"),
    messageId: text(record, "message_id"),
    status: oneOf(record, "status", ["pending", "approved", "rejected", "expired", "cancelled"]),
    userIds: list(record, "user_ids").map((user) => text({ user }, "user")),
    buildId: text(record, "build_id"),
    ...shown,
    // Written before approvals had one: what is approved is the same, and so is its digest.
    contentSha256:
      record["content_sha256"] === undefined ? systemDigest.contentSha256(approvalContent(shown)) : text(record, "content_sha256"),
    estimatedDuration: typeof duration === "number" ? duration : text(record, "estimated_duration"),
    requestedAt: time(record, "requested_at"),
    expiresAt: time(record, "expires_at"),
    ...optional("requestedBy", record, "requested_by", text),
    ...optional("settledAt", record, "settled_at", time),
    ...optional("decidedBy", record, "decided_by", decidedBy),
    ...optional("comment", record, "comment", text),
  };
  return withUnknown(approval, record, APPROVAL_FIELDS);
}

const APPROVAL_FIELDS: ReadonlySet<string> = new Set([
  "approval_id",
  "message_id",
  "status",
  "user_ids",
  "requested_by",
  "build_id",
  "project_name",
  "plan",
  "affected_files",
  "estimated_duration",
  "content_sha256",
  "requested_at",
  "expires_at",
  "settled_at",
  "decided_by",
  "decided_via",
  "comment",
]);

function decidedByRecord(by: DecidedBy): Fields {
  if (by.kind !== "phone") return { kind: "desk" };
  return { kind: by.kind, user_id: by.userId, device_id: by.deviceId, device_name: by.deviceName };
}

function decidedBy(record: Fields, name: string): DecidedBy {
  const read = fields(record[name]);
  const kind = oneOf(read, "kind", ["desk", "phone"]);
  // Earlier versions do not say which of the two it was.
  if (kind === "desk") return { kind: record["decided_via"] === "admin" ? "admin" : "computer" };
  return { kind, userId: text(read, "user_id"), deviceId: text(read, "device_id"), deviceName: text(read, "device_name") };
}
