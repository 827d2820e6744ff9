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
  /** In as many steps as there are recipients, between which anything else may be done. */
  forget(message: OutboxMessage): Generator<void>;
}

interface Queued {
  readonly seq: number;
  readonly message: OutboxMessage;
}

/** One phone that is away for long takes nobody else's place. */
const MAX_FOR_ONE = 10_000;
const MAX_BYTES_FOR_ONE = 16 * 1024 * 1024;
const MOST = 50_000;
const MAX_BYTES = 192 * 1024 * 1024;
const MAX_LOST = 1000;

/** What gives way first where there is too much. A question that waits for its answer never does. */
const CLASSES = ["low", "normal", "asked", "high", "critical"] as const;
type Class = (typeof CLASSES)[number];

function classOf({ content }: OutboxMessage): Class {
  if (content.type === "approval_request") return "asked";
  return content.type === "notification" ? content.build.priority : "normal";
}

export function inboxAfter(inbox: Inbox, { seq }: Recipient): Inbox {
  return seq > inbox.lastSeq ? { ...inbox, lastSeq: seq } : inbox;
}

/** Messages by class, the oldest first. */
function createOrder(): { add(message: OutboxMessage): void; forget(message: OutboxMessage): void; oldest(of: Class): string | undefined } {
  const ids = new Map<Class, Set<string>>(CLASSES.map((name) => [name, new Set()]));
  // Asked anew each time, a Set steps over all that it forgot before it finds its oldest entry.
  const places = new Map<Class, Iterator<string>>();
  const setOf = (of: Class): Set<string> => ids.get(of) ?? new Set();
  return {
    add: (message) => void setOf(classOf(message)).add(message.messageId),
    forget: (message) => void setOf(classOf(message)).delete(message.messageId),
    oldest(of) {
      const place = places.get(of) ?? setOf(of).values();
      const next = place.next();
      if (next.done !== true) {
        const { value } = next;
        places.set(of, place);
        // It stays in the order, behind the others, unless it is forgotten now.
        setOf(of).delete(value);
        setOf(of).add(value);
        return value;
      }
      places.delete(of);
      return setOf(of).size === 0 ? undefined : this.oldest(of);
    },
  };
}

/** `isPending`: whether an approval waits for its answer. */
export function createOutbox(isPending: (approvalId: string) => boolean): Outbox {
  const messages = new Map<string, OutboxMessage>();
  const order = createOrder();
  const notifications = createTimeIndex();
  const inboxes = new Map<string, Inbox>();
  /** Rising by `seq`. */
  const queues = new Map<string, Queued[]>();
  const queueBytes = new Map<string, number>();
  let bytes = 0;

  const inboxOf = (phone: Phone): Inbox => inboxes.get(deviceKey(phone)) ?? emptyInbox(phone);
  const waitsForAnswer = ({ content }: OutboxMessage): boolean => content.type === "approval_request" && isPending(content.approvalId);
  const takeBytes = (key: string, queued: readonly Queued[]): void => {
    const left = queued.reduce((sum, { message }) => sum - sizeOf(message), queueBytes.get(key) ?? 0);
    if (left > 0) queueBytes.set(key, left);
    else queueBytes.delete(key);
  };
  const note = (change: InboxChange): void => {
    const key = deviceKey(change);
    const inbox = changeInbox(inboxOf(change), change);
    inboxes.set(key, inbox);
    if (change.kind !== "gone") return;
    const queue = queues.get(key) ?? [];
    takeBytes(key, queue.splice(0, firstAfter(queue, inbox.goneSeq)));
  };
  /** Takes one message out of a phone's queue, whatever is before it. */
  const takeOut = (recipient: Recipient): void => {
    const key = deviceKey(recipient);
    const queue = queues.get(key) ?? [];
    const index = firstAfter(queue, recipient.seq) - 1;
    if (queue[index]?.seq !== recipient.seq) return;
    takeBytes(key, queue.splice(index, 1));
    const inbox = inboxOf(recipient);
    if (recipient.seq <= deliveredUpTo(inbox)) return;
    inboxes.set(key, { ...inbox, lost: [...(inbox.lost ?? []), recipient.seq].slice(-MAX_LOST) });
  };
  const remove = (message: OutboxMessage): boolean => {
    if (!messages.delete(message.messageId)) return false;
    order.forget(message);
    bytes -= sizeOf(message);
    if (message.content.type === "notification") notifications.remove(message.messageId, message.sentAt);
    return true;
  };
  const drop = (message: OutboxMessage): void => {
    remove(message);
    for (const recipient of message.to) takeOut(recipient);
  };
  /** What a phone misses least: of the lowest class the oldest. */
  const leastOf = (queue: readonly Queued[]): Queued | undefined => {
    let least: Queued | undefined;
    let rank: number = CLASSES.length;
    for (const queued of queue) {
      const its = CLASSES.indexOf(classOf(queued.message));
      if (its >= rank || waitsForAnswer(queued.message)) continue;
      least = queued;
      rank = its;
      if (rank === 0) break;
    }
    return least;
  };
  const enqueue = (message: OutboxMessage, recipient: Recipient): void => {
    const key = deviceKey(recipient);
    const inbox = inboxAfter(inboxOf(recipient), recipient);
    inboxes.set(key, inbox);
    if (recipient.seq <= inbox.goneSeq || inbox.lost?.includes(recipient.seq)) return;
    const queue = queues.get(key) ?? [];
    queues.set(key, queue);
    queue.push({ seq: recipient.seq, message });
    queueBytes.set(key, (queueBytes.get(key) ?? 0) + sizeOf(message));
    while (queue.length > MAX_FOR_ONE || (queue.length > 1 && (queueBytes.get(key) ?? 0) > MAX_BYTES_FOR_ONE)) {
      const least = leastOf(queue);
      if (!least) break;
      takeOut({ ...recipient, seq: least.seq });
    }
  };
  /** Of all messages, the one that is missed least. */
  const leastOfAll = (): OutboxMessage | undefined => {
    for (const name of CLASSES) {
      const first = order.oldest(name);
      for (let id = first; id !== undefined; ) {
        const message = messages.get(id);
        if (message && !waitsForAnswer(message)) return message;
        id = order.oldest(name);
        if (id === first) break;
      }
    }
    return undefined;
  };

  return {
    inbox: inboxOf,
    put(message) {
      if (messages.has(message.messageId)) return;
      messages.set(message.messageId, message);
      order.add(message);
      bytes += sizeOf(message);
      if (message.content.type === "notification") notifications.add(message.messageId, message.sentAt);
      for (const recipient of message.to) enqueue(message, recipient);
      while (messages.size > MOST || bytes > MAX_BYTES) {
        const least = leastOfAll();
        if (!least) break;
        drop(least);
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
    *forget(message) {
      if (!remove(message)) return;
      for (const recipient of message.to) {
        const key = deviceKey(recipient);
        const queue = queues.get(key) ?? [];
        const index = firstAfter(queue, recipient.seq) - 1;
        if (queue[index]?.message === message) takeBytes(key, queue.splice(index, 1));
        if (queue.length === 0) queues.delete(key);
        yield;
      }
    },
  };
}

/** Roughly what it takes in memory. */
function sizeOf({ content, to }: OutboxMessage): number {
  const fixed = 200 + 100 * to.length;
  if (content.type === "command_result") return fixed + 2 * content.result.message.length;
  if (content.type !== "notification") return fixed;
  const { message, projectName, buildId } = content.build;
  return fixed + 2 * (message.length + projectName.length + buildId.length);
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
