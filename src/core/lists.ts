import { type Device, searchableTexts } from "./devices/device.ts";
import { asciiDigits } from "./digits.ts";
import { type PairingSession, type Status, statusOf } from "./pairing/session.ts";
import { type Approval, approvalStatus } from "./remote/approval.ts";
import type { BuildNews, OutboxMessage } from "./remote/outbox.ts";
import type { Instant } from "./time.ts";

/** The end of a page. Records added or removed elsewhere do not change the next page. */
export interface ListPosition {
  readonly at: Instant;
  readonly order: number;
  /** The start of the store whose order it refers to. */
  readonly life: number;
  readonly id: string;
}

export interface ListQuestion<Filter> {
  readonly filter?: Filter;
  /** Absent: from the newest on. */
  readonly after?: ListPosition;
  readonly most: number;
  readonly at: Instant;
}

export interface ListPage<Item> {
  /** Newest first. A short or empty page does not mean the end of the list. */
  readonly items: readonly Item[];
  /** Absent when the list has no more. */
  readonly next?: ListPosition;
}

interface TextFilter {
  /** Words that must all be found, ignoring case and accents; or a phone number in any spelling, whole or in part. */
  readonly text?: string | undefined;
  readonly userId?: string | undefined;
}
export interface PairingSessionFilter extends TextFilter {
  readonly statuses?: readonly Status[] | undefined;
  readonly methods?: readonly PairingSession["method"][] | undefined;
}
export interface DeviceFilter extends TextFilter {
  readonly deviceId?: string | undefined;
  readonly statuses?: readonly Device["status"][] | undefined;
}
export interface ApprovalFilter extends TextFilter {
  readonly statuses?: readonly Approval["status"][] | undefined;
}
export interface NotificationFilter extends TextFilter {
  readonly statuses?: readonly BuildNews["status"][] | undefined;
}

export function sessionMatcher(filter: PairingSessionFilter, at: Instant): (session: PairingSession) => boolean {
  const { statuses, methods, userId } = filter;
  const finds = textMatcher(filter.text);
  return (session) =>
    (!statuses || statuses.includes(statusOf(session, at))) &&
    (!methods || methods.includes(session.method)) &&
    (userId === undefined || session.userId === userId) &&
    finds(() => [session.sessionId, session.userId, session.userName, session.deviceId ?? ""], session.phoneNumber);
}

/** `phoneNumberOf`: the number that a phone was paired with. */
export function deviceMatcher(filter: DeviceFilter, phoneNumberOf: (device: Device) => string): (device: Device) => boolean {
  const { statuses, userId, deviceId } = filter;
  const finds = textMatcher(filter.text);
  return (device) =>
    (deviceId === undefined || device.deviceId === deviceId) &&
    (!statuses || statuses.includes(device.status)) &&
    (userId === undefined || device.userId === userId) &&
    finds(() => searchableTexts(device), filter.text === undefined ? "" : phoneNumberOf(device));
}

export function approvalMatcher(filter: ApprovalFilter, at: Instant): (approval: Approval) => boolean {
  const { statuses, userId } = filter;
  const finds = textMatcher(filter.text);
  return (approval) =>
    (!statuses || statuses.includes(approvalStatus(approval, at))) &&
    (userId === undefined || approval.userIds.includes(userId)) &&
    finds(() => [approval.approvalId, approval.buildId, approval.projectName, approval.plan, approval.comment ?? "", ...approval.userIds]);
}

/** Stored notifications only, no other messages. */
export function notificationMatcher(filter: NotificationFilter, at: Instant): (message: OutboxMessage) => boolean {
  const { statuses, userId } = filter;
  const finds = textMatcher(filter.text);
  return ({ messageId, content, expiresAt, to }) => {
    if (content.type !== "notification" || at >= expiresAt) return false;
    const { buildId, projectName, message, status } = content.build;
    return (
      (!statuses || statuses.includes(status)) &&
      (userId === undefined || to.some((recipient) => recipient.userId === userId)) &&
      finds(() => [messageId, buildId, projectName, message, ...to.flatMap((recipient) => [recipient.userId, recipient.deviceId])])
    );
  };
}

/** The texts are only computed when there is something to search for. */
type FindsText = (texts: () => readonly string[], phoneNumber?: string) => boolean;

const PHONE_NUMBER = /^[+(]?[\d\s()./\u2010-\u2015-]*$/u;
/** Fewer digits match almost every number. */
const MIN_DIGITS = 3;

function textMatcher(wanted: string | undefined): FindsText {
  const text = asciiDigits(wanted ?? "").trim();
  if (text === "") return () => true;
  const words = foldedText(text).split(/\s+/);
  const digits = PHONE_NUMBER.test(text) ? text.replace(/\D/g, "") : "";
  // The dialled form: with the international prefix, or national.
  const dialled = digits.replace(/^0+/, "");
  return (texts, phoneNumber = "") => {
    const number = phoneNumber.replace(/\D/g, "");
    if (dialled.length >= MIN_DIGITS && (number.includes(digits) || number.includes(dialled))) return true;
    const all = foldedText([...texts(), phoneNumber].join("\n"));
    return words.every((word) => all.includes(word));
  };
}

const PLAIN = /^[\n\x20-\x7e]*$/;
const ACCENTS = /(?=\p{M})\p{Diacritic}/gu;
/** Letters with a stroke: Unicode has no decomposition for them. */
const STROKES: Readonly<Record<string, string>> = { ø: "o", ł: "l", đ: "d", ħ: "h", ŧ: "t", ς: "σ" };

/** Without case and accents, for comparing: "ÉCOLE" and "école" and "ecole" are the same. */
function foldedText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  // Upper-casing first maps "ß" to "ss" and the dotless "ı" to "i".
  const lower = text.normalize("NFKD").replace(ACCENTS, "").toUpperCase().toLowerCase();
  return lower.replace(/[øłđħŧς]/g, (letter) => STROKES[letter] ?? letter);
}
