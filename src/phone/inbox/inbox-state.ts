import type { Level } from "../../contract/levels.ts";
import type { AnswerOf } from "../../contract/operations.ts";

export type Device = AnswerOf<"ownDevice">;
export type Page = AnswerOf<"readInbox">;
type Message = Page["messages"][number];
export type NotificationMessage = Extract<Message, { type: "notification" }>;
export type ApprovalMessage = Extract<Message, { type: "approval_request" }>;
export type ResultMessage = Extract<Message, { type: "command_result" }>;
export type InboxItem = NotificationMessage | ApprovalMessage | ResultMessage;
/** An approval's status. The hash of its content is left out: the page computes it from what it shows. */
export type Settled = Omit<AnswerOf<"decideApproval">, "content_sha256">;

/** What this phone has of its messages. Saved, so that opening the page shows them at once. */
export interface InboxState {
  /** Whose messages these are: another pairing has others. */
  readonly device: Device;
  /** The seq to ask on from. */
  readonly next: number;
  /** When the computer last answered, by its clock. */
  readonly lastContactAt: number;
  /** In order. What became of an approval is part of its request. */
  readonly items: readonly InboxItem[];
  /** The message_id of each message that a person has seen here. */
  readonly seen: readonly string[];
  /** Seen, but not yet reported to the computer. */
  readonly untold: readonly string[];
  /** The message_id of each message that a person has cleared from the inbox. Absent where an earlier version saved it. */
  readonly cleared?: readonly string[];
}

/** As long as the computer keeps them. */
const MAX_AGE_MS = 7 * 24 * 60 * 60_000;
const MAX_ITEMS = 200;

/** The inbox of this phone: the saved one, if it is of the same pairing. */
export function inboxOf(device: Device, inbox: InboxState | undefined, now: number): InboxState {
  if (inbox && pairingOf(inbox.device) === pairingOf(device)) {
    // Another level has other messages: all are asked for again.
    return levelOf(inbox.device) === levelOf(device) ? { ...inbox, device } : { ...inbox, device, next: 0, items: [] };
  }
  return { device, next: 0, lastContactAt: now, items: [], seen: [], untold: [] };
}

/** An inbox that was saved by an earlier version has no level. */
export function levelOf({ level }: { readonly level?: Level }): Level {
  return level ?? "command";
}

function pairingOf({ device_id, user_id, paired_at }: Device): string {
  return JSON.stringify([user_id, device_id, paired_at]);
}

/** Adds a page of messages that was asked for from `inbox.next`. */
export function withPage(inbox: InboxState, { messages, next }: Page, now: number): InboxState {
  // Numbers that go back come from a restored store: only what it sends now exists.
  const items = new Map((next < inbox.next ? [] : inbox.items).map((item) => [item.message_id, item]));
  const settled: Settled[] = [];
  for (const message of messages) {
    if (message.type === "approval_settled") settled.push(message.payload);
    else items.set(message.message_id, message);
  }
  const current = [...items.values()]
    .filter(({ timestamp }) => now - Date.parse(timestamp) < MAX_AGE_MS)
    .sort((one, other) => one.seq - other.seq)
    .slice(-MAX_ITEMS);
  const ids = new Set(current.map(({ message_id }) => message_id));
  return settled.reduce<InboxState>(withSettled, {
    ...inbox,
    next,
    lastContactAt: now,
    items: current,
    seen: inbox.seen.filter((id) => ids.has(id)),
    untold: inbox.untold.filter((id) => ids.has(id)),
    cleared: (inbox.cleared ?? []).filter((id) => ids.has(id)),
  });
}

export function withSettled(inbox: InboxState, settled: Settled): InboxState {
  return {
    ...inbox,
    items: inbox.items.map((item) =>
      item.type === "approval_request" && item.payload.approval_id === settled.approval_id
        ? { ...item, payload: { ...item.payload, ...settled } }
        : item,
    ),
  };
}

export function withSeen(inbox: InboxState, messageId: string): InboxState {
  if (inbox.seen.includes(messageId)) return inbox;
  return { ...inbox, seen: [...inbox.seen, messageId], untold: [...inbox.untold, messageId] };
}

export function withReported(inbox: InboxState, reported: readonly string[]): InboxState {
  return { ...inbox, untold: inbox.untold.filter((id) => !reported.includes(id)) };
}

/** An approval's status at a moment. Past its time it is expired, whether or not the computer has reported that yet. */
export function statusAt({ payload }: ApprovalMessage, now: number): Settled["status"] {
  return payload.status === "pending" && now >= Date.parse(payload.requires_approval_by) ? "expired" : payload.status;
}

export function findApproval(inbox: InboxState, approvalId: string): ApprovalMessage | undefined {
  return inbox.items.find((item): item is ApprovalMessage => item.type === "approval_request" && item.payload.approval_id === approvalId);
}

/** What waits for an answer, the most pressing first. */
export function waitingAt({ items }: InboxState, now: number): readonly ApprovalMessage[] {
  return items
    .filter((item): item is ApprovalMessage => item.type === "approval_request" && statusAt(item, now) === "pending")
    .sort((one, other) => Date.parse(one.payload.requires_approval_by) - Date.parse(other.payload.requires_approval_by));
}

/** Everything else, the newest first. */
export function newsAt({ items }: InboxState, now: number): readonly InboxItem[] {
  return items.filter((item) => item.type !== "approval_request" || statusAt(item, now) !== "pending").reverse();
}

/** Whether the inbox shows it below what waits: it came today, and nobody has cleared it. */
export function isNews({ cleared = [] }: InboxState, { message_id, timestamp }: InboxItem, now: number): boolean {
  return !cleared.includes(message_id) && new Date(timestamp).toDateString() === new Date(now).toDateString();
}

/** What is cleared has been seen. */
export function withCleared(inbox: InboxState, messageIds: readonly string[]): InboxState {
  const seen = messageIds.reduce(withSeen, inbox);
  return { ...seen, cleared: [...(inbox.cleared ?? []), ...messageIds] };
}
