import type { Delivery, TextMessage } from "../../../core/index.ts";
import {
  type Fields,
  fields,
  instant,
  iso,
  list,
  type Mutable,
  oneOf,
  optional,
  sharedText,
  text,
  time,
  unknownFields,
  withUnknown,
  wordsOf,
} from "./fields.ts";

/** Text messages as they are in the files. */
export function textRecord(message: TextMessage): Fields {
  return {
    ...unknownFields(message),
    text_id: message.id,
    purpose: message.purpose,
    phone_number: message.to,
    base_url: message.baseUrl,
    sent_at: message.sends.map(iso),
    delivery: message.delivery && deliveryRecord(message.delivery),
    session_id: message.sessionId,
    approval_id: message.approvalId,
    user_id: message.userId,
    device_id: message.deviceId,
    forgotten: message.forgotten,
  };
}

const TEXT_FIELDS: ReadonlySet<string> = new Set([
  "text_id",
  "purpose",
  "phone_number",
  "base_url",
  "sent_at",
  "delivery",
  "session_id",
  "approval_id",
  "user_id",
  "device_id",
  "forgotten",
  "created_at",
]);

export function readText(value: unknown): TextMessage {
  const record = fields(value);
  const message: Mutable<TextMessage> = {
    id: text(record, "text_id"),
    purpose: oneOf(record, "purpose", PURPOSES),
    to: text(record, "phone_number"),
    baseUrl: sharedText(record, "base_url"),
    sends: list(record, "sent_at").map((at) => instant(at, "sent_at")),
  };
  if (record["delivery"] !== undefined) message.delivery = delivery(record, "delivery");
  if (record["session_id"] !== undefined) message.sessionId = text(record, "session_id");
  if (record["approval_id"] !== undefined) message.approvalId = text(record, "approval_id");
  if (record["user_id"] !== undefined) message.userId = sharedText(record, "user_id");
  if (record["device_id"] !== undefined) message.deviceId = text(record, "device_id");
  if (record["forgotten"] === true) message.forgotten = true;
  return withUnknown(message, record, TEXT_FIELDS);
}

/** Whether a session record of format 1 or 2 holds a text message. */
export function isTexted(session: Fields): boolean {
  return Array.isArray(session["sent_at"]) && session["sent_at"].length > 0;
}

/**
 * The text message that a session record of format 1 or 2 holds. It gets the session's id, under which
 * providers report. Texts of tests and approvals were stored as sessions that were cancelled from the start.
 */
export function formerText(value: unknown): TextMessage | undefined {
  const record = fields(value);
  if (!isTexted(record)) return undefined;
  const id = text(record, "session_id");
  const { test, approval_id, user_id, device_id, phone_number, base_url, sent_at, delivery: known, created_at, forgotten } = record;
  const about =
    approval_id !== undefined
      ? { purpose: "approval", approval_id, user_id, device_id }
      : test === true
        ? { purpose: "test" }
        : { purpose: "invite", session_id: id, user_id };
  return readText({ text_id: id, phone_number, base_url, sent_at, delivery: known, created_at, forgotten, ...about });
}

const PURPOSES = wordsOf<TextMessage["purpose"]>({ invite: true, test: true, approval: true });
const STATES = wordsOf<Delivery["state"]>({
  unknown: true,
  handed_over: true,
  sent: true,
  delivered: true,
  undelivered: true,
  failed: true,
});

function deliveryRecord({ at, provider, fault, providerCode, ...delivery }: Delivery): Fields {
  return { ...delivery, at: iso(at), provider, fault, provider_code: providerCode };
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
    // Only shown: the word of another version is kept.
    ...optional("fault", read, "fault", (from, field) => text(from, field) as NonNullable<Delivery["fault"]>),
    ...optional("providerCode", read, "provider_code", text),
  };
}
