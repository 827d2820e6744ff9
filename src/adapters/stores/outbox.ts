import {
  changeInbox,
  type Device,
  deliveredUpTo,
  deliveryTo,
  deviceKey,
  emptyInbox,
  type Inbox,
  type InboxChange,
  type InboxFound,
  type InboxMessage,
  type InboxQuestion,
  type MessageWay,
  type OutboxMessage,
  type Recipient,
} from "../../core/index.ts";
import { createTimeIndex, type TimeIndex } from "./time-index.ts";

type Phone = Pick<Device, "userId" | "deviceId">;

/** Messages, each once, and what every phone has of them. */
export interface Outbox {
  inbox(phone: Phone): Inbox;
  /** Puts it, and drops the oldest where there is too much. Putting it twice is putting it once. */
  put(message: OutboxMessage): void;
  note(change: InboxChange): void;
  /** For a start: an inbox as it was written down. */
  restore(inbox: Inbox): void;
  read(question: InboxQuestion): InboxFound | undefined;
  find(messageId: string): OutboxMessage | undefined;
  way(message: OutboxMessage): MessageWay;
  /** The oldest first. */
  messages(): Iterable<OutboxMessage>;
  /** Ids of notifications by when they were sent. */
  readonly notifications: TimeIndex;
  inboxes(): Iterable<Inbox>;
  forget(messages: readonly OutboxMessage[]): void;
}

interface Queued {
  readonly seq: number;
  readonly message: OutboxMessage;
}

/** One phone that is away for long takes nobody else's place. */
const MOST_FOR_ONE = 10_000;
const MOST = 50_000;
const MOST_BYTES = 192 * 1024 * 1024;

export function inboxAfter(inbox: Inbox, { seq }: Recipient): Inbox {
  return seq > inbox.lastSeq ? { ...inbox, lastSeq: seq } : inbox;
}

export function createOutbox(): Outbox {
  const messages = new Map<string, OutboxMessage>();
  // Asked anew each time, a Map steps over all that it forgot before it finds its oldest entry.
  let oldest = messages.values();
  const notifications = createTimeIndex();
  const inboxes = new Map<string, Inbox>();
  /** Rising by `seq`. */
  const queues = new Map<string, Queued[]>();
  let bytes = 0;

  const inboxOf = (phone: Phone): Inbox => inboxes.get(deviceKey(phone)) ?? emptyInbox(phone);
  const note = (change: InboxChange): void => {
    const inbox = changeInbox(inboxOf(change), change);
    inboxes.set(deviceKey(change), inbox);
    if (change.kind !== "gone") return;
    const queue = queues.get(deviceKey(change)) ?? [];
    queue.splice(0, firstAfter(queue, inbox.goneSeq));
  };
  const remove = (message: OutboxMessage): boolean => {
    if (!messages.delete(message.messageId)) return false;
    bytes -= sizeOf(message);
    if (message.content.type === "notification") notifications.remove(message.messageId, message.sentAt);
    return true;
  };
  const drop = (message: OutboxMessage): void => {
    remove(message);
    for (const { userId, deviceId, seq } of message.to) note({ userId, deviceId, kind: "gone", seq, at: message.sentAt });
  };
  const enqueue = (message: OutboxMessage, recipient: Recipient): void => {
    const key = deviceKey(recipient);
    const inbox = inboxAfter(inboxOf(recipient), recipient);
    inboxes.set(key, inbox);
    if (recipient.seq <= inbox.goneSeq) return;
    const queue = queues.get(key) ?? [];
    queues.set(key, queue);
    queue.push({ seq: recipient.seq, message });
    const surplus = queue[queue.length - MOST_FOR_ONE - 1];
    if (surplus) note({ ...recipient, kind: "gone", seq: surplus.seq, at: message.sentAt });
  };

  return {
    inbox: inboxOf,
    put(message) {
      if (messages.has(message.messageId)) return;
      messages.set(message.messageId, message);
      bytes += sizeOf(message);
      if (message.content.type === "notification") notifications.add(message.messageId, message.sentAt);
      for (const recipient of message.to) enqueue(message, recipient);
      while (messages.size > MOST || bytes > MOST_BYTES) {
        const { value } = oldest.next();
        if (value) drop(value);
        else oldest = messages.values();
      }
    },
    note,
    restore: (inbox) => void inboxes.set(deviceKey(inbox), inbox),
    read({ userId, deviceId, since, most, at }) {
      const key = deviceKey({ userId, deviceId });
      const inbox = inboxes.get(key);
      if (!inbox) return undefined;
      const queue = queues.get(key) ?? [];
      const found: InboxMessage[] = [];
      const start = firstAfter(queue, since);
      for (const { seq, message } of start === 0 ? queue : queue.slice(start)) {
        if (found.length === most) break;
        const { messageId, content, sentAt, expiresAt } = message;
        if (at < expiresAt) found.push({ seq, messageId, content, sentAt, expiresAt });
      }
      return { messages: found, lastSeq: inbox.lastSeq, deliveredSeq: deliveredUpTo(inbox) };
    },
    find: (messageId) => messages.get(messageId),
    way: (message) => ({ message, deliveries: message.to.map((recipient) => deliveryTo(recipient, inboxOf(recipient))) }),
    messages: () => messages.values(),
    notifications,
    inboxes: () => inboxes.values(),
    forget(over) {
      const keys = new Set<string>();
      const ids = new Set<string>();
      for (const message of over) {
        if (!remove(message)) continue;
        ids.add(message.messageId);
        for (const recipient of message.to) keys.add(deviceKey(recipient));
      }
      for (const key of keys) {
        const kept = (queues.get(key) ?? []).filter(({ message }) => !ids.has(message.messageId));
        if (kept.length > 0) queues.set(key, kept);
        else queues.delete(key);
      }
    },
  };
}

/** Roughly what it takes in memory. */
function sizeOf({ content, to }: OutboxMessage): number {
  return 200 + 100 * to.length + (content.type === "notification" ? content.build.message.length : 0);
}

function firstAfter(queue: readonly Queued[], seq: number): number {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((queue[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
