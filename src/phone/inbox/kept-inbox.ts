import type { AnswerOf } from "../../contract/operations.ts";

export type Device = AnswerOf<"ownDevice">;
export type Page = AnswerOf<"readInbox">;
type Message = Page["messages"][number];
export type NotificationMessage = Extract<Message, { type: "notification" }>;
export type ApprovalMessage = Extract<Message, { type: "approval_request" }>;
export type ResultMessage = Extract<Message, { type: "command_result" }>;
export type InboxItem = NotificationMessage | ApprovalMessage | ResultMessage;
/** How an approval stands. What was approved is never taken from here: the page computes it from what it shows. */
export type Settled = Omit<AnswerOf<"decideApproval">, "content_sha256">;

/** What this phone has of its messages. Kept over reloads, so that opening the page shows them at once. */
export interface KeptInbox {
  /** Whose messages these are: another pairing has others. */
  readonly device: Device;
  /** The seq to ask on from. */
  readonly next: number;
  /** When the computer was last heard from, by its clock. */
  readonly lastContactAt: number;
  /** In order. A settled approval stands in its request. */
  readonly items: readonly InboxItem[];
  /** message_id of what a person has seen here. */
  readonly seen: readonly string[];
  /** Seen, and the computer does not know yet. */
  readonly untold: readonly string[];
}

/** As long as the computer keeps them. */
const LONGEST = 7 * 24 * 60 * 60_000;
const MAX_ITEMS = 200;

/** For a phone that the computer has just told about: with what is kept, where it is of the same pairing. */
export function inboxOf(device: Device, kept: KeptInbox | undefined, now: number): KeptInbox {
  if (kept && pairingOf(kept.device) === pairingOf(device)) return { ...kept, device };
  return { device, next: 0, lastContactAt: now, items: [], seen: [], untold: [] };
}

function pairingOf({ device_id, user_id, paired_at }: Device): string {
  return JSON.stringify([user_id, device_id, paired_at]);
}

/** With what the computer answered to a question that went on from `kept.next`. */
export function withPage(kept: KeptInbox, { messages, next }: Page, now: number): KeptInbox {
  // Numbers that go back are another life of the computer: what is told now is all there is.
  const items = new Map((next < kept.next ? [] : kept.items).map((item) => [item.message_id, item]));
  const settled: Settled[] = [];
  for (const message of messages) {
    if (message.type === "approval_settled") settled.push(message.payload);
    else items.set(message.message_id, message);
  }
  const current = [...items.values()]
    .filter(({ timestamp }) => now - Date.parse(timestamp) < LONGEST)
    .sort((one, other) => one.seq - other.seq)
    .slice(-MAX_ITEMS);
  const ids = new Set(current.map(({ message_id }) => message_id));
  return settled.reduce<KeptInbox>(withSettled, {
    ...kept,
    next,
    lastContactAt: now,
    items: current,
    seen: kept.seen.filter((id) => ids.has(id)),
    untold: kept.untold.filter((id) => ids.has(id)),
  });
}

export function withSettled(kept: KeptInbox, settled: Settled): KeptInbox {
  return {
    ...kept,
    items: kept.items.map((item) =>
      item.type === "approval_request" && item.payload.approval_id === settled.approval_id
        ? { ...item, payload: { ...item.payload, ...settled } }
        : item,
    ),
  };
}

export function withSeen(kept: KeptInbox, messageId: string): KeptInbox {
  if (kept.seen.includes(messageId)) return kept;
  return { ...kept, seen: [...kept.seen, messageId], untold: [...kept.untold, messageId] };
}

export function withTold(kept: KeptInbox, told: readonly string[]): KeptInbox {
  return { ...kept, untold: kept.untold.filter((id) => !told.includes(id)) };
}

/** An approval's state at a moment: what nobody answered in time is over, whether or not the computer has said so. */
export function statusAt({ payload }: ApprovalMessage, now: number): Settled["status"] {
  return payload.status === "pending" && now >= Date.parse(payload.requires_approval_by) ? "expired" : payload.status;
}

export function findApproval(kept: KeptInbox, approvalId: string): ApprovalMessage | undefined {
  return kept.items.find((item): item is ApprovalMessage => item.type === "approval_request" && item.payload.approval_id === approvalId);
}

/** What waits for an answer, the most pressing first. */
export function waitingAt({ items }: KeptInbox, now: number): readonly ApprovalMessage[] {
  return items
    .filter((item): item is ApprovalMessage => item.type === "approval_request" && statusAt(item, now) === "pending")
    .sort((one, other) => Date.parse(one.payload.requires_approval_by) - Date.parse(other.payload.requires_approval_by));
}

/** Everything else, the newest first. */
export function newsAt({ items }: KeptInbox, now: number): readonly InboxItem[] {
  return items.filter((item) => item.type !== "approval_request" || statusAt(item, now) !== "pending").reverse();
}
