import { type Device, type Log, type Pairing, PairingError } from "../core/index.ts";
import { envelope } from "../operations/inbox.ts";
import { type Qos, qosOf, type ToPhone } from "./topics.ts";

/** A message as it is sent: with its `seq` where it comes from the outbox. */
export type Sendable = { readonly type: ToPhone; readonly payload: object } & Readonly<Record<string, unknown>>;

/** The way to one phone. */
export interface Channel {
  /** How surely messages of a type can get there; `undefined`: the phone does not listen to them. */
  readonly takes: (type: ToPhone) => Qos | undefined;
  /** Resolves when it has left, or cannot any more. In the order of the calls. */
  readonly send: (message: Sendable, qos: Qos) => Promise<void>;
  /** Everything so far has left: whoever can find out that it arrived calls {@link Drain.arrived} with this number then. */
  readonly flushed: (number: number) => void;
}

/** Carries the outbox of one phone down one road: in order, each message once, never two at a time. */
export interface Drain {
  /** There may be something to send. */
  wake(): void;
  /** The phone listens to more than it did. */
  listensToMore(): void;
  /** An answer that is not in the outbox. */
  say(message: Sendable): void;
  /** The oldest message that asks for a handshake has had it. What was sent before it arrived before it. */
  shaken(): void;
  /** What was sent without a handshake, up to this number, has arrived. */
  arrived(number: number): void;
  /** The phone itself says so, and it is written down. */
  acknowledged(seq: number): void;
  /** Begins again after what is known to be with the phone. */
  restart(): void;
  /** Resolves when nothing is written down any more. */
  stop(): Promise<void>;
}

interface Flight {
  readonly number: number;
  /** 0: not of the outbox. */
  readonly seq: number;
  readonly qos: Qos;
  done: boolean;
}

/** Messages on their way at once. */
const WINDOW = 100;

export function createDrain(
  pairing: Pick<Pairing, "waitingMessages" | "acknowledge" | "now">,
  phone: Pick<Device, "userId" | "deviceId">,
  road: Channel,
  log: Pick<Log, "warn">,
): Drain {
  let flights: Flight[] = [];
  let count = 0;
  /** Up to here was looked. */
  let cursor = 0;
  /** The first message that the phone did not listen to: nothing from it on counts as delivered. */
  let skipped: number | undefined;
  /** Sent although an earlier one was skipped. */
  const ahead = new Set<number>();
  let highest = 0;
  let noted = 0;
  let noting: Promise<void> | undefined;
  let running = false;
  let again = false;
  let stopped = false;
  /** Counts steps back, so that a run which was under way does not go on from where it was. */
  let life = 0;

  const send = async (message: Sendable, seq: number, qos: Qos): Promise<void> => {
    count += 1;
    flights.push({ number: count, seq, qos, done: false });
    await road.send(message, qos);
  };

  const deliveredUpTo = (): number => {
    const flying = flights.filter(({ seq }) => seq > 0).map(({ seq }) => seq - 1);
    return Math.min(highest, ...flying, ...(skipped === undefined ? [] : [skipped - 1]));
  };

  /** One write at a time, of the latest there is to say. */
  const note = (): void => {
    if (noting || deliveredUpTo() <= noted) return;
    noting = (async () => {
      for (let seq = deliveredUpTo(); seq > noted; seq = deliveredUpTo()) {
        await pairing.acknowledge(phone, { seq });
        noted = seq;
      }
    })()
      .catch((cause: unknown) => log.warn("what a phone has could not be written down", { reason: reasonOf(cause) }))
      .finally(() => {
        noting = undefined;
      });
  };

  const settle = (): void => {
    const full = flights.length >= WINDOW;
    for (const { seq, done } of flights) if (done) highest = Math.max(highest, seq);
    flights = flights.filter(({ done }) => !done);
    note();
    if (full) wake();
  };

  const carry = async (): Promise<void> => {
    const own = life;
    while (!stopped && own === life && flights.length < WINDOW) {
      const { messages, next } = await pairing.waitingMessages(phone, cursor);
      if (stopped || own !== life || next <= cursor) return;
      const sends: Promise<void>[] = [];
      let whole = true;
      for (const message of messages) {
        if (flights.length >= WINDOW) {
          whole = false;
          break;
        }
        cursor = message.seq;
        if (ahead.delete(message.seq)) continue;
        const wire = envelope(message, phone);
        const most = road.takes(wire.type);
        if (most === undefined) {
          skipped ??= message.seq;
          continue;
        }
        if (skipped !== undefined) ahead.add(message.seq);
        sends.push(send(wire, message.seq, lower(most, qosOf(wire.type, wire.payload))));
      }
      if (whole) cursor = Math.max(cursor, next);
      await Promise.all(sends);
      if (sends.length > 0) road.flushed(count);
    }
  };

  const wake = (): void => {
    again = running;
    if (running || stopped) return;
    running = true;
    carry()
      .catch((cause: unknown) => {
        if (!stopped) log.warn("messages for a phone could not be sent", { reason: reasonOf(cause) });
      })
      .finally(() => {
        running = false;
        if (again) wake();
      });
  };

  return {
    wake,
    listensToMore() {
      life += 1;
      if (skipped !== undefined) cursor = Math.min(cursor, skipped - 1);
      skipped = undefined;
      wake();
    },
    say(message) {
      const most = road.takes(message.type);
      if (stopped || most === undefined) return;
      void send(message, 0, lower(most, qosOf(message.type, message.payload))).then(() => road.flushed(count));
    },
    shaken() {
      const first = flights.findIndex(({ qos }) => qos > 0);
      for (const flight of flights.slice(0, first + 1)) flight.done = true;
      settle();
    },
    arrived(number) {
      for (const flight of flights) if (flight.qos === 0 && flight.number <= number) flight.done = true;
      settle();
    },
    acknowledged(said) {
      noted = Math.max(noted, said);
      if (skipped !== undefined && skipped <= said) skipped = undefined;
      for (const flight of flights) if (flight.seq > 0 && flight.seq <= said) flight.done = true;
      settle();
      wake();
    },
    restart() {
      life += 1;
      flights = [];
      cursor = 0;
      skipped = undefined;
      ahead.clear();
      wake();
    },
    async stop() {
      stopped = true;
      await noting;
    },
  };
}

function lower(one: Qos, other: Qos): Qos {
  return one < other ? one : other;
}

function reasonOf(cause: unknown): string {
  return cause instanceof PairingError ? cause.code : String(cause);
}
