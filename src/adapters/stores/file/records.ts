import {
  CANCEL_REASONS,
  type Delivery,
  type Device,
  type Handoff,
  type Instant,
  type Otp,
  type PairingSession,
  type PushSubscription,
} from "../../../core/index.ts";
import type { RevokedToken } from "../../../core/store/index.ts";

/** Records as they stand in the files: words of the wire, times a person can read, and what is needed to go on after a restart. */

export type Fields = Readonly<Record<string, unknown>>;

export function sessionRecord(session: PairingSession): Fields {
  const { receipt } = session;
  return {
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
    sends: session.sentAt.length,
    delivery: session.delivery && deliveryRecord(session.delivery),
    opened_at: maybeIso(session.openedAt),
    test: session.test,
    approval_id: session.approvalId,
    code_hash: session.codeHash,
    base_url: session.baseUrl,
    sent_at: session.sentAt.map(iso),
    jti: session.jti,
    otp: session.otp,
    forgotten: session.forgotten,
    receipt: receipt && { key_hash: receipt.keyHash, request_hash: receipt.requestHash, accepted_at: iso(receipt.acceptedAt) },
  };
}

/**
 * Throws a sentence that names the field when a record is not of this shape. A start reads a million of these: most have no optional
 * field, and one object without detours is what takes least time and memory.
 */
export function readSession(value: unknown): PairingSession {
  const record = fields(value);
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
    sentAt: list(record, "sent_at").map(readSentAt),
  };
  if (record["cancel_reason"] !== undefined) session.cancelReason = oneOf(record, "cancel_reason", CANCEL_REASONS);
  if (record["accepted_at"] !== undefined) session.acceptedAt = time(record, "accepted_at");
  if (record["device_id"] !== undefined) session.deviceId = text(record, "device_id");
  if (record["jti"] !== undefined) session.jti = text(record, "jti");
  if (record["revoked_at"] !== undefined) session.revokedAt = time(record, "revoked_at");
  if (record["delivery"] !== undefined) session.delivery = delivery(record, "delivery");
  if (record["opened_at"] !== undefined) session.openedAt = time(record, "opened_at");
  if (record["test"] === true) session.test = true;
  if (record["forgotten"] === true) session.forgotten = true;
  if (record["approval_id"] !== undefined) session.approvalId = text(record, "approval_id");
  if (record["otp"] !== undefined) session.otp = otp(record, "otp");
  if (record["receipt"] !== undefined) session.receipt = receipt(record, "receipt");
  return session;
}

const METHODS = ["sms", "qr"] as const;
const SESSION_STATUSES = ["pending", "accepted", "expired", "cancelled"] as const;

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

function readSentAt(sent: unknown): Instant {
  return instant(sent, "sent_at");
}

export function deviceRecord(device: Device): Fields {
  return {
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
    push: device.push && subscriptionRecord(device.push),
    handoff: device.handoff && handoffRecord(device.handoff),
    forgotten: device.forgotten,
  };
}

export function readDevice(value: unknown): Device {
  const record = fields(value);
  return {
    deviceId: text(record, "device_id"),
    userId: text(record, "user_id"),
    deviceName: text(record, "device_name"),
    deviceType: oneOf(record, "device_type", ["ios", "android", "web", "unknown"]),
    osVersion: text(record, "os_version"),
    appVersion: text(record, "app_version"),
    status: oneOf(record, "status", ["active", "suspended", "revoked"]),
    pairedVia: oneOf(record, "paired_via", ["sms", "qr"]),
    pairedAt: time(record, "paired_at"),
    lastSeen: time(record, "last_seen"),
    expiresAt: time(record, "expires_at"),
    jti: text(record, "jti"),
    sessionId: text(record, "session_id"),
    ...optional("pushToken", record, "push_token", text),
    ...optional("push", record, "push", subscription),
    ...optional("handoff", record, "handoff", handoff),
    ...optional("revokedAt", record, "revoked_at", time),
    ...(record["forgotten"] === true ? { forgotten: true } : {}),
  };
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

/** All there are: the compiler names one that is missing. */
const STATES = Object.keys({
  unknown: true,
  handed_over: true,
  sent: true,
  delivered: true,
  undelivered: true,
  failed: true,
} satisfies Record<Delivery["state"], true>) as Delivery["state"][];

function deliveryRecord({ at, provider, fault, providerCode, ...kept }: Delivery): Fields {
  return { ...kept, at: iso(at), provider, fault, provider_code: providerCode };
}

function delivery(record: Fields, name: string): Delivery {
  // Version 0.1.0 kept a word.
  if (typeof record[name] === "string") {
    return { state: oneOf(record, name, ["sent", "unknown", "failed"]), at: time(record, "created_at"), more: false };
  }
  const read = fields(record[name]);
  return {
    state: oneOf(read, "state", STATES),
    at: time(read, "at"),
    more: read["more"] === true,
    ...optional("provider", read, "provider", text),
    // A word of another version is kept: it is only shown.
    ...optional("fault", read, "fault", (from, field) => text(from, field) as NonNullable<Delivery["fault"]>),
    ...optional("providerCode", read, "provider_code", text),
  };
}

function receipt(record: Fields, name: string): NonNullable<PairingSession["receipt"]> {
  const read = fields(record[name]);
  return { keyHash: text(read, "key_hash"), requestHash: text(read, "request_hash"), acceptedAt: time(read, "accepted_at") };
}

function otp(record: Fields, name: string): Otp {
  const read = fields(record[name]);
  return { hash: text(read, "hash"), wrong: whole(read, "wrong") };
}

export function fields(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("not a record");
  return value as Fields;
}

export function list(record: Fields, name: string): readonly unknown[] {
  const value = record[name];
  if (!Array.isArray(value)) throw new Error(`${name} is not a list`);
  return value;
}

export function whole(record: Fields, name: string): number {
  const value = record[name];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new Error(`${name} is not a whole number`);
  return value;
}

export function text(record: Fields, name: string): string {
  const value = record[name];
  if (typeof value !== "string") throw new Error(`${name} is not a text`);
  return value;
}

const MAX_SHARED = 1024;
const shared: string[] = new Array<string>(MAX_SHARED).fill("");

/** Most records have some texts in common, which are kept once then. Comparing two texts takes less than a look into a map. */
function sharedText(record: Fields, name: string): string {
  const value = text(record, name);
  const { length } = value;
  if (length < 2) return value;
  const place = (length * 31 + value.charCodeAt(length - 1) * 17 + value.charCodeAt(length - 2)) % MAX_SHARED;
  const known = shared[place];
  if (known === value) return known;
  shared[place] = value;
  return value;
}

export function oneOf<const Word extends string>(record: Fields, name: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === record[name]);
  if (word === undefined) throw new Error(`${name} is none of ${words.join(", ")}`);
  return word;
}

export function time(record: Fields, name: string): Instant {
  return instant(record[name], name);
}

export function instant(value: unknown, name: string): Instant {
  const at = typeof value === "string" ? parseTime(value) : Number.NaN;
  if (Number.isNaN(at)) throw new Error(`${name} is not a time`);
  return at;
}

const ZERO = 48;
let lastDay = { text: "", at: 0 };

/** As `Date.parse`, which takes several times as long for the form that `iso` writes. */
function parseTime(text: string): Instant {
  if (text.length !== 24 || text[10] !== "T" || text[13] !== ":" || text[16] !== ":" || text[19] !== "." || text[23] !== "Z")
    return Date.parse(text);
  const hours = twoDigits(text, 11);
  const minutes = twoDigits(text, 14);
  const seconds = twoDigits(text, 17);
  const hundredths = twoDigits(text, 20);
  const thousandth = text.charCodeAt(22) - ZERO;
  // A comparison with NaN is false.
  const isPlain = hours < 24 && minutes < 60 && seconds < 60 && hundredths < 100 && thousandth >= 0 && thousandth < 10;
  if (!isPlain) return Date.parse(text);
  if (!text.startsWith(lastDay.text) || lastDay.text === "") {
    const day = text.slice(0, 10);
    lastDay = { text: day, at: Date.parse(`${day}T00:00:00.000Z`) };
  }
  return lastDay.at + ((hours * 60 + minutes) * 60 + seconds) * 1000 + hundredths * 10 + thousandth;
}

function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at) - ZERO;
  const ones = text.charCodeAt(at + 1) - ZERO;
  return tens >= 0 && tens < 10 && ones >= 0 && ones < 10 ? tens * 10 + ones : Number.NaN;
}

export function optional<Key extends string, Value>(
  key: Key,
  record: Fields,
  name: string,
  read: (record: Fields, name: string) => Value,
): { readonly [K in Key]?: Value } {
  return record[name] === undefined ? {} : ({ [key]: read(record, name) } as { readonly [K in Key]: Value });
}

export function iso(at: Instant): string {
  return new Date(at).toISOString();
}

export function maybeIso(at: Instant | undefined): string | undefined {
  return at === undefined ? undefined : iso(at);
}
