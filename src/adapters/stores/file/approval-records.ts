import { type Approval, approvalContent, type DecidedBy, type NumberMatch, RISKS, type Risk } from "../../../core/index.ts";
import { systemDigest } from "../../system/digest.ts";
import { type Fields, fields, iso, list, maybeIso, oneOf, optional, text, time, unknownFields, whole, withUnknown } from "./fields.ts";

/** Approvals as they are in the files. */

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
    risk: approval.risk,
    number_match: approval.match,
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
    ...optional("risk", record, "risk", risk),
    ...optional("match", record, "number_match", numberMatch),
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
  "risk",
  "number_match",
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

function risk(record: Fields, name: string): Risk {
  return oneOf(record, name, RISKS);
}

function numberMatch(record: Fields, name: string): NumberMatch {
  const read = fields(record[name]);
  return {
    number: text(read, "number"),
    choices: list(read, "choices").map((choice) => text({ choice }, "choice")),
    wrong: whole(read, "wrong"),
  };
}
