import type { Device } from "./devices/device.ts";
import { asciiDigits } from "./digits.ts";
import { type PairingSession, type Status, statusOf } from "./pairing/session.ts";
import { type Approval, approvalStatus } from "./remote/approval.ts";
import type { BuildNews, OutboxMessage } from "./remote/outbox.ts";
import type { Instant } from "./time.ts";

/** Where a page of a list ended. What is added or removed elsewhere changes nothing for the page after it. */
export interface ListPosition {
  readonly at: Instant;
  readonly order: number;
  /** Of which start of the store the order is. */
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
  /** Newest first. Fewer than were asked for, or none, do not mean that there are no more. */
  readonly items: readonly Item[];
  /** Absent when the list has no more. */
  readonly next?: ListPosition;
}

interface TextFilter {
  /** Words that all must be found, whatever their case and accents; or a phone number in any spelling, whole or in part. */
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
    finds(
      () => [device.deviceId, device.deviceName, device.userId, device.deviceType, device.osVersion, device.appVersion],
      filter.text === undefined ? "" : phoneNumberOf(device),
    );
}

export function approvalMatcher(filter: ApprovalFilter, at: Instant): (approval: Approval) => boolean {
  const { statuses, userId } = filter;
  const finds = textMatcher(filter.text);
  return (approval) =>
    (!statuses || statuses.includes(approvalStatus(approval, at))) &&
    (userId === undefined || approval.userIds.includes(userId)) &&
    finds(() => [approval.approvalId, approval.buildId, approval.projectName, approval.plan, approval.comment ?? "", ...approval.userIds]);
}

/** Notifications that are kept still; other messages never. */
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

/** The texts are asked for only where there is something to look for. */
type FindsText = (texts: () => readonly string[], phoneNumber?: string) => boolean;

const PHONE_NUMBER = /^[+(]?[\d\s()./\u2010-\u2015-]*$/u;
/** Fewer digits than this are found in every number. */
const MIN_DIGITS = 3;

function textMatcher(wanted: string | undefined): FindsText {
  const text = asciiDigits(wanted ?? "").trim();
  if (text === "") return () => true;
  const words = foldedText(text).split(/\s+/);
  const digits = PHONE_NUMBER.test(text) ? text.replace(/\D/g, "") : "";
  // As it is dialled: with the prefix for calls abroad, or within a country.
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
/** Letters with a stroke, which Unicode does not take apart. */
const STROKES: Readonly<Record<string, string>> = { ø: "o", ł: "l", đ: "d", ħ: "h", ŧ: "t", ς: "σ" };

/** Without case and accents, for comparing: "ÉCOLE" and "école" and "ecole" are the same. */
function foldedText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  // By way of capitals, "ß" is "ss" and the dotless "ı" an "i".
  const lower = text.normalize("NFKD").replace(ACCENTS, "").toUpperCase().toLowerCase();
  return lower.replace(/[øłđħŧς]/g, (letter) => STROKES[letter] ?? letter);
}
