import { DAY, type Instant } from "../time.ts";

/** How long a phone may be away and still find what was sent to it. */
export const MESSAGE_DAYS = 7;
/** An IDE waits no longer than its question can be read. */
export const MAX_APPROVAL = MESSAGE_DAYS * DAY;

export const BUILD_STATUSES = ["initiated", "in_progress", "success", "failure", "approval_pending", "cancelled"] as const;
export const PRIORITIES = ["low", "normal", "high", "critical"] as const;

export interface BuildNews {
  readonly buildId: string;
  readonly projectName: string;
  readonly status: (typeof BUILD_STATUSES)[number];
  readonly message: string;
  readonly priority: (typeof PRIORITIES)[number];
  readonly actionRequired: boolean;
}

/** What is said to phones. An approval's own words are read from the approval, so that no message is out of date. */
export type MessageContent =
  | { readonly type: "notification"; readonly build: BuildNews }
  | { readonly type: "approval_request" | "approval_settled"; readonly approvalId: string }
  | { readonly type: "command_result"; readonly result: CommandResult };

/** What came of a voice command that the IDE took. */
export interface CommandResult {
  readonly commandId: string;
  readonly status: "done" | "failed";
  readonly message: string;
}

/** A message as it was sent, once, to any number of phones. */
export interface OutboxMessage {
  readonly messageId: string;
  readonly content: MessageContent;
  readonly sentAt: Instant;
  readonly expiresAt: Instant;
  readonly to: readonly Recipient[];
}

/** `seq`: its place in this phone's own numbering. */
export interface Recipient {
  readonly userId: string;
  readonly deviceId: string;
  readonly seq: number;
}

/** What a phone has of its messages. The messages themselves are kept once for all. */
export interface Inbox {
  readonly userId: string;
  readonly deviceId: string;
  /** The number that was given last. */
  readonly lastSeq: number;
  /** Everything up to here is gone: there was too much of it, or the phone lost its access. */
  readonly goneSeq: number;
  /** Rising: at which time everything up to which number was with the phone. */
  readonly deliveries: readonly Receipt[];
  /** What a person has seen, the latest last. */
  readonly reads: readonly Receipt[];
  /** Numbers after `goneSeq` that gave way to other messages before the phone had them, the latest last. */
  readonly lost?: readonly number[];
}

interface Receipt {
  readonly seq: number;
  readonly at: Instant;
}

/** Something that became known of a phone's messages. Noting it twice is noting it once. */
export interface InboxChange extends Receipt {
  readonly userId: string;
  readonly deviceId: string;
  /** `delivered` and `gone`: everything up to `seq`; `read`: this one. */
  readonly kind: "delivered" | "read" | "gone";
}

/** So that a phone's history costs a bounded place, however often it asks. */
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

/** How a message fared with one of those it was sent to. */
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
