import { present } from "../../base/present.ts";
import type { AuditEntry } from "../audit.ts";
import { maskPhoneNumber } from "../names.ts";
import type { Instant } from "../time.ts";
import type { Delivery } from "./delivery.ts";

/** A text message to one number, sent once or several times. A record is never changed in place: a store replaces it. */
export interface TextMessage {
  /** Opaque: providers report about it under this name. */
  readonly id: string;
  /** What approvals may send and what the others may send is counted apart. */
  readonly purpose: "invite" | "test" | "approval";
  readonly to: string;
  /** The public address that its provider reports to. */
  readonly baseUrl: string;
  /** When each was asked for; the budget is counted from these. */
  readonly sends: readonly Instant[];
  /** Of the last one. Absent in mock mode, and until the provider has answered. */
  readonly delivery?: Delivery;
  /** Of an invite: the session that refers to it. */
  readonly sessionId?: string;
  readonly approvalId?: string;
  /** Who is to read it; of an approval together with the phone that it is for. */
  readonly userId?: string;
  readonly deviceId?: string;
  /** Marks a removed record until its removal is stored. */
  readonly forgotten?: true;
}

/** What an audit line says of a message. */
export function aboutText({ sessionId, approvalId, userId, deviceId, to }: TextMessage): Omit<AuditEntry, "event"> {
  return {
    ...present({ session_id: sessionId, approval_id: approvalId, user_id: userId, device_id: deviceId }),
    phone_number: maskPhoneNumber(to),
  };
}

/** Part of the path to which a provider reports: the message and which of its sends. It is no proof and contains no code. */
export function reportName({ id, sends }: TextMessage): string {
  return `${id}.${sends.length}`;
}

export function readReportName(name: string): { readonly textId: string; readonly send: number } | undefined {
  const [, textId, send] = /^([\w-]{1,64})\.(\d{1,6})$/.exec(name) ?? [];
  return textId === undefined ? undefined : { textId, send: Number(send) };
}
