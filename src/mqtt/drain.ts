import { type Device, type Log, type Pairing, PairingError } from "../core/index.ts";
import { createCoalescedRun } from "../operations/coalesced-run.ts";
import { envelope } from "../operations/inbox.ts";
import { createDeliveries, type Deliveries } from "./deliveries.ts";
import { type Qos, qosOf, type ToPhone } from "./topics.ts";

/** A message as it is sent: with its `seq` where it comes from the outbox. */
export type Sendable = { readonly type: ToPhone; readonly payload: object } & Readonly<Record<string, unknown>>;

/** The connection to one phone. */
export interface Channel {
  /** The highest QoS at which the phone receives messages of a type; `undefined`: it has not subscribed to them. */
  readonly maxQos: (type: ToPhone) => Qos | undefined;
  /** Resolves when the message has left, or cannot leave any more. Messages leave in the order of the calls. */
  readonly send: (message: Sendable, qos: Qos) => Promise<void>;
  /** Everything so far has left. A channel that finds out when it arrived calls {@link Drain.arrivedUpTo} with this number then. */
  readonly flushed: (number: number) => void;
}

type Phone = Pick<Device, "userId" | "deviceId" | "level">;

interface DrainDeps {
  readonly pairing: Pick<Pairing, "waitingMessages" | "acknowledge">;
  readonly log: Pick<Log, "warn">;
}

interface Progress {
  readonly deliveries: Deliveries;
  /** The outbox was read up to this message. */
  cursor: number;
  /** The first message that the phone had not subscribed to. */
  firstSkipped: number;
  /** Messages that were sent after the first skipped one. */
  readonly sentAhead: Set<number>;
  /** Counts the times that the cursor was set back: a run from before does not continue. */
  generation: number;
  stopped: boolean;
}

const NONE = Number.POSITIVE_INFINITY;

/** Sends the outbox of one phone over one channel: in order, each message once, one run at a time. */
export type Drain = ReturnType<typeof createDrain>;

export function createDrain({ pairing, log }: DrainDeps, phone: Phone, channel: Channel) {
  const failed = (message: string, cause: unknown): void =>
    log.warn(message, { reason: cause instanceof PairingError ? cause.code : String(cause) });
  const wake = createCoalescedRun(
    async () => sendWaiting(pairing, phone, channel, progress),
    (cause) => progress.stopped || failed("messages for a phone could not be sent", cause),
  );
  const deliveries = createDeliveries({
    write: async (seq) => pairing.acknowledge(phone, { seq }),
    writeFailed: (cause) => failed("what a phone has could not be written down", cause),
    firstSkipped: () => progress.firstSkipped,
    onRoom: wake,
  });
  const progress: Progress = { deliveries, cursor: 0, firstSkipped: NONE, sentAhead: new Set(), generation: 0, stopped: false };
  const setBack = (cursor: number): void => {
    progress.generation += 1;
    progress.cursor = Math.min(progress.cursor, cursor);
    progress.firstSkipped = NONE;
    wake();
  };

  return {
    /** There may be something to send. */
    wake,
    handshakeCompleted: deliveries.handshakeCompleted,
    arrivedUpTo: deliveries.arrivedUpTo,
    acknowledged(seq: number): void {
      if (progress.firstSkipped <= seq) progress.firstSkipped = NONE;
      deliveries.acknowledged(seq);
      wake();
    },
    /** The phone subscribed to more types of messages. */
    subscribedToMore: () => setBack(progress.firstSkipped - 1),
    /** Sends a message that is not in the outbox. */
    reply(message: Sendable): void {
      if (!progress.stopped) void send(channel, deliveries, message, 0)?.then(() => channel.flushed(deliveries.latest()));
    },
    /** Sends again all that the phone has not acknowledged. */
    restart(): void {
      deliveries.restart();
      progress.sentAhead.clear();
      setBack(0);
    },
    /** Resolves when nothing is written down any more. */
    async stop(): Promise<void> {
      progress.stopped = true;
      await deliveries.written();
    },
  };
}

/** Returns `undefined` when the phone has not subscribed to such messages. */
function send(channel: Channel, deliveries: Deliveries, message: Sendable, seq: number): Promise<void> | undefined {
  const maxQos = channel.maxQos(message.type);
  if (maxQos === undefined) return undefined;
  const qos = Math.min(maxQos, qosOf(message.type, message.payload)) as Qos;
  deliveries.sent(seq, qos);
  return channel.send(message, qos);
}

async function sendWaiting(pairing: DrainDeps["pairing"], phone: Phone, channel: Channel, progress: Progress): Promise<void> {
  const { deliveries, sentAhead, generation } = progress;
  const isOver = (): boolean => progress.stopped || generation !== progress.generation;
  while (!isOver() && !deliveries.isFull()) {
    const { messages, next } = await pairing.waitingMessages(phone, progress.cursor);
    if (isOver() || next <= progress.cursor) return;
    const sends: Promise<void>[] = [];
    for (const message of messages) {
      const { seq } = message;
      if (deliveries.isFull()) break;
      progress.cursor = seq;
      if (sentAhead.delete(seq)) continue;
      const sending = send(channel, deliveries, envelope(message, phone), seq);
      if (!sending) {
        progress.firstSkipped = Math.min(progress.firstSkipped, seq);
        continue;
      }
      sends.push(sending);
      if (progress.firstSkipped < seq) sentAhead.add(seq);
    }
    if (messages.every(({ seq }) => seq <= progress.cursor)) progress.cursor = Math.max(progress.cursor, next);
    await Promise.all(sends);
    if (sends.length > 0) channel.flushed(deliveries.latest());
  }
}
