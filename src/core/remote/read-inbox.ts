import type { Device } from "../devices/device.ts";
import { hasLevel } from "../devices/level.ts";
import { PairingError, unlessUnwritable } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Approval } from "./approval.ts";
import { type BuildNews, type CommandResult, type InboxMessage, levelOfMessage } from "./outbox.ts";

/** A message with its current details. */
export type WholeMessage = Pick<InboxMessage, "seq" | "messageId" | "sentAt"> &
  (
    | { readonly type: "notification"; readonly build: BuildNews }
    | { readonly type: "approval_request" | "approval_settled"; readonly approval: Approval }
    | { readonly type: "command_result"; readonly result: CommandResult }
  );

export interface InboxPage {
  readonly messages: readonly WholeMessage[];
  /** The `since` of the next request. */
  readonly next: number;
}

/** The maximum of messages in one answer; a phone that was offline for long requests more. */
const PAGE = 100;
/** The maximum of plans in one answer: each can have ten thousand characters. */
const MAX_PAGE = 256 * 1024;

/** Messages that its level does not allow are left out. */
type Phone = Pick<Device, "userId" | "deviceId" | "level">;
type Deps = Pick<Ports, "clock" | "clockWatch" | "store" | "changeEvents">;

/**
 * The messages after `since`, in order. `since` also acknowledges everything before it. A number that was never issued comes
 * from another state of this server: then everything is sent again.
 */
export async function readInbox(deps: Deps, phone: Phone, since: number): Promise<InboxPage> {
  const { userId, deviceId } = phone;
  const question = { userId, deviceId, most: PAGE, at: deps.clockWatch.retentionNow() };
  let from = since;
  let inbox = await deps.store.readInbox({ ...question, since: from });
  const lastSeq = inbox?.lastSeq ?? 0;
  if (from > lastSeq) {
    from = 0;
    inbox = await deps.store.readInbox({ ...question, since: from });
  } else if (from > 0) await unlessUnwritable(noteDelivered(deps, phone, from));
  const { messages, next } = await pageOf(deps, phone, inbox?.messages ?? [], from);
  return { messages, next: messages.length === 0 && from !== since ? lastSeq : next };
}

/**
 * What a connected phone has not received: after `since`, and after everything acknowledged. It stores nothing. `next`: the end
 * of what was read.
 */
export async function waitingMessages(deps: Deps, phone: Phone, since: number): Promise<InboxPage> {
  const { userId, deviceId } = phone;
  const question = { userId, deviceId, most: PAGE, at: deps.clockWatch.retentionNow() };
  const found = await deps.store.readInbox({ ...question, since });
  const from = Math.max(since, found?.deliveredSeq ?? 0);
  const inbox = from === since ? found : await deps.store.readInbox({ ...question, since: from });
  return pageOf(deps, phone, inbox?.messages ?? [], from);
}

async function pageOf(deps: Deps, phone: Phone, found: readonly InboxMessage[], from: number): Promise<InboxPage> {
  const messages: WholeMessage[] = [];
  let size = 0;
  let next = from;
  for (const message of found) {
    const whole = hasLevel(phone, levelOfMessage(message.content)) ? await wholeMessage(deps, message) : undefined;
    size += whole?.type === "approval_request" ? whole.approval.plan.length + 1000 : 1000;
    if (size > MAX_PAGE) break;
    next = message.seq;
    if (whole) messages.push(whole);
  }
  return { messages, next };
}

async function noteDelivered(deps: Deps, { userId, deviceId }: Phone, seq: number): Promise<void> {
  const at = deps.clock.now();
  const changeEvents = await deps.store.noteReceipt({ userId, deviceId, receipt: { kind: "delivered", seq }, at, audit: [] });
  if (changeEvents) deps.changeEvents.emit("messages");
}

export interface Acknowledgment {
  /** Everything up to here was delivered. */
  readonly seq?: number | undefined;
  /** These were read by a person. */
  readonly read?: readonly string[] | undefined;
}

/**
 * Stores a phone's receipts. Unknown message ids and numbers that were never issued are ignored; the latter come from another
 * state of this server.
 */
export async function acknowledge(deps: Deps, phone: Phone, { seq, read = [] }: Acknowledgment): Promise<{ readonly isKnown: boolean }> {
  const { userId, deviceId } = phone;
  if (seq === undefined && read.length === 0) {
    throw new PairingError("invalid_request", { params: { reason: "nothing_acknowledged" } });
  }
  // Clients can remember a number longer than this state does. It must not cover new messages with lower numbers.
  const isKnown = seq !== undefined && seq <= (await lastSeqOf(deps, phone, seq));
  const at = deps.clock.now();
  const receipts = [
    ...(isKnown ? [{ kind: "delivered", seq } as const] : []),
    ...read.map((messageId) => ({ kind: "read", messageId }) as const),
  ];
  const changeEvents = await Promise.all(
    receipts.map(async (receipt) => deps.store.noteReceipt({ userId, deviceId, receipt, at, audit: [] })),
  );
  if (changeEvents.includes(true)) deps.changeEvents.emit("messages");
  return { isKnown };
}

async function lastSeqOf({ store, clockWatch }: Deps, { userId, deviceId }: Phone, since: number): Promise<number> {
  return (await store.readInbox({ userId, deviceId, since, most: 0, at: clockWatch.retentionNow() }))?.lastSeq ?? 0;
}

/** `undefined`: its approval is no longer stored. Approvals are sent with their current status. */
async function wholeMessage(
  { store }: Pick<Ports, "store">,
  { seq, messageId, sentAt, content }: InboxMessage,
): Promise<WholeMessage | undefined> {
  if (content.type === "notification") return { seq, messageId, sentAt, type: content.type, build: content.build };
  if (content.type === "command_result") return { seq, messageId, sentAt, type: content.type, result: content.result };
  const approval = await store.findApproval(content.approvalId);
  if (!approval) return undefined;
  return { seq, messageId, sentAt, type: content.type, approval };
}
