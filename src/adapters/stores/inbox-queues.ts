import {
  changeInbox,
  type Device,
  deliveredUpTo,
  deviceKey,
  emptyInbox,
  type Inbox,
  type InboxChange,
  type OutboxMessage,
  type Recipient,
} from "../../core/index.ts";
import { firstIndex, leastImportant, MAX_BYTES_FOR_ONE, MAX_FOR_ONE, MAX_LOST, messageBytes } from "../../core/store/index.ts";

type Phone = Pick<Device, "userId" | "deviceId">;

/** What each phone has to read, and what it has of it. */
export interface InboxQueues {
  inbox(phone: Phone): Inbox;
  inboxes(): Iterable<Inbox>;
  /** Whether anything was ever sent to it. */
  has(phone: Phone): boolean;
  /** For a start: an inbox as it was written down. */
  restore(inbox: Inbox): void;
  note(change: InboxChange): void;
  /** Puts a message behind the others, and drops what is least important where there is too much. */
  enqueue(message: OutboxMessage, recipient: Recipient): void;
  /** Drops a message because there are too many. The phone learns that it missed something. */
  drop(recipient: Recipient): void;
  /** Takes out a message that is past its time. */
  forget(message: OutboxMessage, recipient: Recipient): void;
  after(phone: Phone, seq: number): readonly Queued[];
  /** How many messages all phones have in their queues. */
  count(): number;
}

interface Queued {
  readonly seq: number;
  readonly message: OutboxMessage;
}

/** Rising by `seq`. */
interface Queue {
  readonly entries: Queued[];
  bytes: number;
}

/** Both by device key. */
interface State {
  readonly inboxes: Map<string, Inbox>;
  readonly queues: Map<string, Queue>;
}

export function inboxAfter(inbox: Inbox, { seq }: Recipient): Inbox {
  return seq > inbox.lastSeq ? { ...inbox, lastSeq: seq } : inbox;
}

/** `mustStay`: whether a message is an approval request that waits for its answer. */
export function createInboxQueues(mustStay: (message: OutboxMessage) => boolean): InboxQueues {
  const state: State = { inboxes: new Map(), queues: new Map() };
  const { inboxes, queues } = state;
  return {
    inbox: (phone) => inboxOf(state, phone),
    inboxes: () => inboxes.values(),
    has: (phone) => inboxes.has(deviceKey(phone)),
    restore: (inbox) => void inboxes.set(deviceKey(inbox), inbox),
    note(change) {
      const key = deviceKey(change);
      const inbox = changeInbox(inboxOf(state, change), change);
      inboxes.set(key, inbox);
      const queue = change.kind === "gone" ? queues.get(key) : undefined;
      if (queue) takeOut(queue, 0, indexAfter(queue, inbox.goneSeq));
    },
    enqueue: (message, recipient) => enqueue(state, message, recipient, mustStay),
    drop: (recipient) => drop(state, recipient),
    forget(message, recipient) {
      const key = deviceKey(recipient);
      const queue = queues.get(key);
      if (!queue) return;
      const index = indexOf(queue, recipient.seq);
      if (queue.entries[index]?.message === message) takeOut(queue, index);
      if (queue.entries.length === 0) queues.delete(key);
    },
    after(phone, seq) {
      const queue = queues.get(deviceKey(phone));
      if (!queue) return [];
      const start = indexAfter(queue, seq);
      return start === 0 ? queue.entries : queue.entries.slice(start);
    },
    count() {
      let sum = 0;
      for (const { entries } of queues.values()) sum += entries.length;
      return sum;
    },
  };
}

function inboxOf({ inboxes }: State, phone: Phone): Inbox {
  return inboxes.get(deviceKey(phone)) ?? emptyInbox(phone);
}

function enqueue(state: State, message: OutboxMessage, recipient: Recipient, mustStay: (message: OutboxMessage) => boolean): void {
  const { inboxes, queues } = state;
  const key = deviceKey(recipient);
  const inbox = inboxAfter(inboxOf(state, recipient), recipient);
  inboxes.set(key, inbox);
  if (recipient.seq <= inbox.goneSeq || inbox.lost?.includes(recipient.seq)) return;
  const queue = queues.get(key) ?? { entries: [], bytes: 0 };
  queues.set(key, queue);
  queue.entries.push({ seq: recipient.seq, message });
  queue.bytes += messageBytes(message);
  while (isFull(queue)) {
    const least = leastImportant(queue.entries, mustStay);
    if (!least) break;
    drop(state, { ...recipient, seq: least.seq });
  }
}

function drop(state: State, recipient: Recipient): void {
  const { inboxes, queues } = state;
  const key = deviceKey(recipient);
  const queue = queues.get(key);
  if (!queue || !takeOut(queue, indexOf(queue, recipient.seq))) return;
  const inbox = inboxOf(state, recipient);
  if (recipient.seq <= deliveredUpTo(inbox)) return;
  inboxes.set(key, { ...inbox, lost: [...(inbox.lost ?? []), recipient.seq].slice(-MAX_LOST) });
}

function isFull({ entries, bytes }: Queue): boolean {
  return entries.length > MAX_FOR_ONE || (entries.length > 1 && bytes > MAX_BYTES_FOR_ONE);
}

/** Returns whether there was anything. */
function takeOut(queue: Queue, index: number, count = 1): boolean {
  if (index < 0) return false;
  const taken = queue.entries.splice(index, count);
  for (const { message } of taken) queue.bytes -= messageBytes(message);
  return taken.length > 0;
}

/** -1: there is none with this number. */
function indexOf(queue: Queue, seq: number): number {
  const index = indexAfter(queue, seq) - 1;
  return queue.entries[index]?.seq === seq ? index : -1;
}

function indexAfter({ entries }: Queue, seq: number): number {
  return firstIndex(entries.length, (index) => (entries[index]?.seq ?? 0) <= seq);
}
