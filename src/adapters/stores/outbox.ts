import {
  deliveredUpTo,
  deliveryTo,
  type InboxFound,
  type InboxMessage,
  type InboxQuestion,
  type MessageWay,
  type OutboxMessage,
} from "../../core/index.ts";
import { MAX_BYTES, MAX_MESSAGES, MESSAGE_CLASSES, type MessageClass, messageBytes, messageClass } from "../../core/store/index.ts";
import { createInboxQueues, type InboxQueues } from "./inbox-queues.ts";
import { createTimeIndex, type TimeIndex } from "./time-index.ts";

/** Messages, each once, and what every phone has of them. */
export interface Outbox extends Pick<InboxQueues, "inbox" | "inboxes" | "restore" | "note" | "count"> {
  /** Puts it, and drops what is least important where there is too much. Putting it twice is putting it once. */
  put(message: OutboxMessage): void;
  read(question: InboxQuestion): InboxFound | undefined;
  find(messageId: string): OutboxMessage | undefined;
  way(message: OutboxMessage): MessageWay;
  /** The oldest first. */
  messages(): Iterable<OutboxMessage>;
  /** Ids of notifications by when they were sent. */
  readonly notifications: TimeIndex;
  /** In as many steps as there are recipients, between which anything else may be done. */
  forget(message: OutboxMessage): Generator<void>;
}

/** `isPending`: whether an approval waits for its answer. */
export function createOutbox(isPending: (approvalId: string) => boolean): Outbox {
  const messages = new Map<string, OutboxMessage>();
  const order = createClassOrder();
  const notifications = createTimeIndex();
  const mustStay = ({ content }: OutboxMessage): boolean => content.type === "approval_request" && isPending(content.approvalId);
  const queues = createInboxQueues(mustStay);
  let bytes = 0;

  const remove = (message: OutboxMessage): boolean => {
    if (!messages.delete(message.messageId)) return false;
    order.remove(message);
    bytes -= messageBytes(message);
    if (message.content.type === "notification") notifications.remove(message.messageId, message.sentAt);
    return true;
  };
  const dropSurplus = (): void => {
    while (messages.size > MAX_MESSAGES || bytes > MAX_BYTES) {
      const least = order.first((id) => {
        const message = messages.get(id);
        return message && !mustStay(message) ? message : undefined;
      });
      if (!least) return;
      remove(least);
      for (const recipient of least.to) queues.drop(recipient);
    }
  };
  const { inbox, inboxes, restore, note, count } = queues;
  return {
    inbox,
    inboxes,
    restore,
    note,
    count,
    put(message) {
      if (messages.has(message.messageId)) return;
      messages.set(message.messageId, message);
      order.add(message);
      bytes += messageBytes(message);
      if (message.content.type === "notification") notifications.add(message.messageId, message.sentAt);
      for (const recipient of message.to) queues.enqueue(message, recipient);
      dropSurplus();
    },
    read: (question) => (queues.has(question) ? readQueue(queues, question) : undefined),
    find: (messageId) => messages.get(messageId),
    way: (message) => ({ message, deliveries: message.to.map((recipient) => deliveryTo(recipient, inbox(recipient))) }),
    messages: () => messages.values(),
    notifications,
    *forget(message) {
      if (!remove(message)) return;
      for (const recipient of message.to) {
        queues.forget(message, recipient);
        yield;
      }
    },
  };
}

function readQueue(queues: InboxQueues, { userId, deviceId, since, most, at }: InboxQuestion): InboxFound {
  const phone = { userId, deviceId };
  const found: InboxMessage[] = [];
  for (const { seq, message } of queues.after(phone, since)) {
    if (found.length === most) break;
    const { messageId, content, sentAt, expiresAt } = message;
    if (at < expiresAt) found.push({ seq, messageId, content, sentAt, expiresAt });
  }
  const inbox = queues.inbox(phone);
  return { messages: found, lastSeq: inbox.lastSeq, deliveredSeq: deliveredUpTo(inbox) };
}

/** Messages by class, the oldest first. */
interface ClassOrder {
  add(message: OutboxMessage): void;
  remove(message: OutboxMessage): void;
  /** Of the lowest class the oldest that `pick` takes. */
  first(pick: (messageId: string) => OutboxMessage | undefined): OutboxMessage | undefined;
}

function createClassOrder(): ClassOrder {
  const ids = new Map<MessageClass, Set<string>>(MESSAGE_CLASSES.map((name) => [name, new Set()]));
  const idsOf = (name: MessageClass): Set<string> => ids.get(name) ?? new Set();
  // A fresh iterator of a Set steps over every entry that was removed before it finds the oldest.
  const iterators = new Map<MessageClass, Iterator<string>>();
  /** Moves the oldest behind the others, where it stays unless it is removed. */
  const nextOf = (name: MessageClass): string | undefined => {
    const iterator = iterators.get(name) ?? idsOf(name).values();
    const next = iterator.next();
    if (next.done === true) {
      iterators.delete(name);
      return idsOf(name).size === 0 ? undefined : nextOf(name);
    }
    iterators.set(name, iterator);
    idsOf(name).delete(next.value);
    idsOf(name).add(next.value);
    return next.value;
  };
  return {
    add: (message) => void idsOf(messageClass(message)).add(message.messageId),
    remove: (message) => void idsOf(messageClass(message)).delete(message.messageId),
    first(pick) {
      for (const name of MESSAGE_CLASSES) {
        const start = nextOf(name);
        for (let id = start; id !== undefined; ) {
          const message = pick(id);
          if (message) return message;
          id = nextOf(name);
          if (id === start) break;
        }
      }
      return undefined;
    },
  };
}
