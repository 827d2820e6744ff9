import {
  type CancelReason,
  type Device,
  deviceTypeOf,
  type Handoff,
  type Level,
  type Otp,
  type PairingSession,
  type PushSubscription,
} from "../../../core/index.ts";
import type { RevokedToken } from "../../../core/store/index.ts";
import { claimRecord, readClaim, readReceipt, receiptRecord } from "./claim-records.ts";
import {
  type Fields,
  fields,
  iso,
  list,
  type Mutable,
  maybeIso,
  oneOf,
  optional,
  sharedText,
  text,
  time,
  unknownFields,
  whole,
  withUnknown,
  wordsOf,
} from "./fields.ts";
import { isTexted } from "./text-records.ts";

/** Sessions and devices as they are in the files: words of the wire, times a person can read, and what is needed to go on after a restart. */

export function sessionRecord(session: PairingSession): Fields {
  return {
    ...unknownFields(session),
    session_id: session.sessionId,
    method: session.method,
    status: session.status,
    user_id: session.userId,
    user_name: session.userName,
    phone_number: session.phoneNumber,
    created_at: iso(session.createdAt),
    expires_at: iso(session.expiresAt),
    cancel_reason: session.cancelReason,
    accepted_at: maybeIso(session.acceptedAt),
    device_id: session.deviceId,
    revoked_at: maybeIso(session.revokedAt),
    text_id: session.textId,
    opened_at: maybeIso(session.openedAt),
    code_hash: session.codeHash,
    base_url: session.baseUrl,
    level: session.level,
    language: session.language,
    jti: session.jti,
    otp: session.otp,
    forgotten: session.forgotten,
    must_confirm: session.mustConfirm,
    claims: session.claims?.map(claimRecord),
    wrong_digits: session.wrongDigits,
    receipt: session.receipt && receiptRecord(session.receipt),
  };
}

/** What an auditor needs to follow a session to its phone and its token. Hashes of codes and passwords, and keys, are not part of it. */
export const EXPORTED_SESSION_FIELDS: ReadonlySet<string> = new Set([
  "session_id",
  "method",
  "status",
  "user_id",
  "user_name",
  "phone_number",
  "created_at",
  "expires_at",
  "accepted_at",
  "device_id",
  "revoked_at",
  "sends",
  "sent_at",
  "delivery",
  "opened_at",
  "level",
  "jti",
]);
/** Includes those of formats 1 and 2 that are read elsewhere: {@link formerText}. */
const SESSION_FIELDS: ReadonlySet<string> = new Set([
  ...EXPORTED_SESSION_FIELDS,
  "cancel_reason",
  "language",
  "text_id",
  "code_hash",
  "base_url",
  "otp",
  "forgotten",
  "must_confirm",
  "claims",
  "wrong_digits",
  "receipt",
  "test",
  "approval_id",
]);

/**
 * Throws a sentence that names the field when a record is not of this shape. `undefined`: a text message that formats 1 and 2 kept as a
 * session that was never good. A start reads a million of these: most have no optional field, and one object without detours is what
 * takes least time and memory.
 */
export function readSession(value: unknown): PairingSession | undefined {
  const record = fields(value);
  if (record["test"] === true || record["approval_id"] !== undefined) return undefined;
  const session: Mutable<PairingSession> = {
    sessionId: text(record, "session_id"),
    method: oneOf(record, "method", METHODS),
    codeHash: text(record, "code_hash"),
    status: oneOf(record, "status", SESSION_STATUSES),
    userId: sharedText(record, "user_id"),
    userName: sharedText(record, "user_name"),
    phoneNumber: text(record, "phone_number"),
    baseUrl: sharedText(record, "base_url"),
    createdAt: time(record, "created_at"),
    expiresAt: time(record, "expires_at"),
  };
  if (record["text_id"] !== undefined) session.textId = text(record, "text_id");
  else if (isTexted(record)) session.textId = session.sessionId;
  // Only shown: the word of another version is kept.
  if (record["cancel_reason"] !== undefined) session.cancelReason = text(record, "cancel_reason") as CancelReason;
  if (record["accepted_at"] !== undefined) session.acceptedAt = time(record, "accepted_at");
  if (record["device_id"] !== undefined) session.deviceId = text(record, "device_id");
  if (record["jti"] !== undefined) session.jti = text(record, "jti");
  if (record["revoked_at"] !== undefined) session.revokedAt = time(record, "revoked_at");
  if (record["opened_at"] !== undefined) session.openedAt = time(record, "opened_at");
  if (record["forgotten"] === true) session.forgotten = true;
  if (record["must_confirm"] === true) session.mustConfirm = true;
  if (record["claims"] !== undefined) session.claims = list(record, "claims").map(readClaim);
  if (record["wrong_digits"] !== undefined) session.wrongDigits = whole(record, "wrong_digits");
  if (record["level"] !== undefined) session.level = level(record, "level");
  if (record["language"] !== undefined) session.language = sharedText(record, "language");
  if (record["otp"] !== undefined) session.otp = otp(record, "otp");
  if (record["receipt"] !== undefined) session.receipt = readReceipt(record, "receipt");
  return withUnknown(session, record, SESSION_FIELDS);
}

const METHODS = wordsOf<PairingSession["method"]>({ sms: true, qr: true });
const SESSION_STATUSES = wordsOf<PairingSession["status"]>({ pending: true, accepted: true, expired: true, cancelled: true });
const DEVICE_STATUSES = wordsOf<Device["status"]>({ active: true, suspended: true, revoked: true });

export function deviceRecord(device: Device): Fields {
  return {
    ...unknownFields(device),
    device_id: device.deviceId,
    device_name: device.deviceName,
    device_type: device.deviceType,
    status: device.status,
    os_version: device.osVersion,
    app_version: device.appVersion,
    user_id: device.userId,
    paired_via: device.pairedVia,
    paired_at: iso(device.pairedAt),
    last_seen: iso(device.lastSeen),
    expires_at: iso(device.expiresAt),
    revoked_at: maybeIso(device.revokedAt),
    jti: device.jti,
    session_id: device.sessionId,
    push_token: device.pushToken,
    language: device.language,
    push: device.push && subscriptionRecord(device.push),
    handoff: device.handoff && handoffRecord(device.handoff),
    forgotten: device.forgotten,
    level: device.level,
    confirmed: device.confirmed,
  };
}

export const EXPORTED_DEVICE_FIELDS: ReadonlySet<string> = new Set([
  "device_id",
  "device_name",
  "device_type",
  "status",
  "os_version",
  "app_version",
  "user_id",
  "paired_via",
  "paired_at",
  "last_seen",
  "expires_at",
  "revoked_at",
  "jti",
  "session_id",
  "level",
]);
const DEVICE_FIELDS: ReadonlySet<string> = new Set([
  ...EXPORTED_DEVICE_FIELDS,
  "push_token",
  "language",
  "push",
  "handoff",
  "forgotten",
  "confirmed",
]);

export function readDevice(value: unknown): Device {
  const record = fields(value);
  const device: Device = {
    deviceId: text(record, "device_id"),
    userId: text(record, "user_id"),
    deviceName: text(record, "device_name"),
    deviceType: deviceTypeOf(text(record, "device_type")),
    osVersion: text(record, "os_version"),
    appVersion: text(record, "app_version"),
    status: oneOf(record, "status", DEVICE_STATUSES),
    pairedVia: oneOf(record, "paired_via", METHODS),
    pairedAt: time(record, "paired_at"),
    lastSeen: time(record, "last_seen"),
    expiresAt: time(record, "expires_at"),
    jti: text(record, "jti"),
    sessionId: text(record, "session_id"),
    ...optional("pushToken", record, "push_token", text),
    ...optional("language", record, "language", sharedText),
    ...optional("push", record, "push", subscription),
    ...optional("handoff", record, "handoff", handoff),
    ...optional("revokedAt", record, "revoked_at", time),
    ...optional("level", record, "level", level),
    ...(typeof record["confirmed"] === "boolean" ? { confirmed: record["confirmed"] } : {}),
    ...(record["forgotten"] === true ? { forgotten: true } : {}),
  };
  return withUnknown(device, record, DEVICE_FIELDS);
}

function subscriptionRecord({ endpoint, p256dh, auth, endsAt }: PushSubscription): Fields {
  return { endpoint, p256dh, auth, ends_at: maybeIso(endsAt) };
}

function subscription(record: Fields, name: string): PushSubscription {
  const read = fields(record[name]);
  return {
    endpoint: text(read, "endpoint"),
    p256dh: text(read, "p256dh"),
    auth: text(read, "auth"),
    ...optional("endsAt", read, "ends_at", time),
  };
}

function handoffRecord({ codeHash, expiresAt, usedBy }: Handoff): Fields {
  return { code_hash: codeHash, expires_at: iso(expiresAt), used_by: usedBy };
}

function handoff(record: Fields, name: string): Handoff {
  const read = fields(record[name]);
  return {
    codeHash: text(read, "code_hash"),
    expiresAt: time(read, "expires_at"),
    ...optional("usedBy", read, "used_by", text),
  };
}

export function readRevoked(value: unknown): RevokedToken {
  const record = fields(value);
  return { jti: text(record, "jti"), exp: whole(record, "exp") };
}

/** Read by `levelOf`: the word of another version is kept. */
function level(record: Fields, name: string): Level {
  return text(record, name) as Level;
}

function otp(record: Fields, name: string): Otp {
  const read = fields(record[name]);
  return { hash: text(read, "hash"), wrong: whole(read, "wrong") };
}
