import type { Level } from "../devices/level.ts";
import { DAY, type Instant } from "../time.ts";

/** How long messages are stored for a phone that is offline. */
export const MESSAGE_DAYS = 7;
/** An approval cannot outlive the message that asks for it. */
export const MAX_APPROVAL = MESSAGE_DAYS * DAY;

export const BUILD_STATUSES = ["initiated", "in_progress", "success", "failure", "approval_pending", "cancelled"] as const;
export const PRIORITIES = ["low", "normal", "high", "critical"] as const;

/** What an alert is about: a new phone, a link that was used again from another phone, or guesses of the admin token. */
export const ALERT_KINDS = ["phone_paired", "link_used_again", "wrong_admin_tokens"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];

export interface BuildNews {
  readonly buildId: string;
  readonly projectName: string;
  readonly status: (typeof BUILD_STATUSES)[number];
  readonly message: string;
  readonly priority: (typeof PRIORITIES)[number];
  readonly actionRequired: boolean;
  /** It is about Top Dog itself, not about a build. */
  readonly alert?: AlertKind;
}

/** The content of messages to phones. An approval's text is read from the approval, so that no message is outdated. */
export type MessageContent =
  | { readonly type: "notification"; readonly build: BuildNews }
  | { readonly type: "approval_request" | "approval_settled"; readonly approvalId: string }
  | { readonly type: "command_result"; readonly result: CommandResult };

/** The level that a phone needs to receive a message. */
export function levelOfMessage({ type }: MessageContent): Level {
  return type === "approval_request" || type === "approval_settled" ? "answer" : "view";
}

/** The result of a voice command that the IDE accepted. */
export interface CommandResult {
  readonly commandId: string;
  readonly status: "done" | "failed";
  readonly message: string;
}

/** A message, sent once to any number of phones. */
export interface OutboxMessage {
  readonly messageId: string;
  readonly content: MessageContent;
  readonly sentAt: Instant;
  readonly expiresAt: Instant;
  readonly to: readonly Recipient[];
}

/** `seq`: its number in this phone's sequence. */
export interface Recipient {
  readonly userId: string;
  readonly deviceId: string;
  readonly seq: number;
}

/** A phone's state of delivery. The messages themselves are stored once for all phones. */
export interface Inbox {
  readonly userId: string;
  readonly deviceId: string;
  /** The last assigned number. */
  readonly lastSeq: number;
  /** Messages up to here were dropped: there were too many, or the phone lost its access. */
  readonly goneSeq: number;
  /** Ascending: the times at which everything up to a number was delivered. */
  readonly deliveries: readonly Receipt[];
  /** The messages that a person has read, the latest last. */
  readonly reads: readonly Receipt[];
  /** Numbers after `goneSeq` that were superseded before delivery, the latest last. */
  readonly lost?: readonly number[];
}

interface Receipt {
  readonly seq: number;
  readonly at: Instant;
}

/** A receipt of a phone. Storing it is idempotent. */
export interface InboxChange extends Receipt {
  readonly userId: string;
  readonly deviceId: string;
  /** `delivered` and `gone`: everything up to `seq`; `read`: this one. */
  readonly kind: "delivered" | "read" | "gone";
}

/** Bounds the size of a phone's history. */
const MAX_RECEIPTS = 1000;

export function emptyInbox({ userId, deviceId }: { readonly userId: string; readonly deviceId: string }): Inbox {
  return { userId, deviceId, lastSeq: 0, goneSeq: 0, deliveries: [], reads: [] };
}

export function deliveredUpTo({ deliveries }: Inbox): number {
  return deliveries.at(-1)?.seq ?? 0;
}

export function changeInbox(inbox: Inbox, { kind, seq, at }: InboxChange): Inbox {
  switch (kind) {
    case "gone":
      return seq > inbox.goneSeq ? { ...inbox, goneSeq: seq } : inbox;
    case "delivered":
      return seq > deliveredUpTo(inbox) ? { ...inbox, deliveries: [...inbox.deliveries, { seq, at }].slice(-MAX_RECEIPTS) } : inbox;
    case "read":
      if (inbox.reads.some((read) => read.seq === seq)) return inbox;
      return { ...inbox, reads: [...inbox.reads, { seq, at }].slice(-MAX_RECEIPTS) };
    default:
      return kind satisfies never;
  }
}

export interface MessageDelivery extends Recipient {
  readonly state: "waiting" | "delivered" | "read" | "gone";
  readonly at?: Instant;
}

/** The delivery of a message to one recipient. */
export function deliveryTo(recipient: Recipient, inbox: Inbox): MessageDelivery {
  const read = inbox.reads.find(({ seq }) => seq === recipient.seq);
  if (read) return { ...recipient, state: "read", at: read.at };
  if (inbox.lost?.includes(recipient.seq)) return { ...recipient, state: "gone" };
  const delivered = inbox.deliveries.find(({ seq }) => seq >= recipient.seq);
  if (delivered) return { ...recipient, state: "delivered", at: delivered.at };
  return { ...recipient, state: recipient.seq <= inbox.goneSeq ? "gone" : "waiting" };
}

/** A message as one phone gets it. */
export interface InboxMessage extends Pick<OutboxMessage, "messageId" | "content" | "sentAt" | "expiresAt"> {
  readonly seq: number;
}
