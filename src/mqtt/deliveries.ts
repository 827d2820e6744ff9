import { createSerialQueue } from "../base/serial-queue.ts";
import type { Qos } from "./topics.ts";

interface Flight {
  readonly number: number;
  /** 0: not of the outbox. */
  readonly seq: number;
  readonly qos: Qos;
}

interface DeliveriesDeps {
  /** Writes down that the phone has its messages up to this one. One write at a time, of the latest that arrived. */
  readonly write: (seq: number) => Promise<unknown>;
  readonly writeFailed: (cause: unknown) => void;
  /** Nothing from this message on counts as delivered. */
  readonly firstSkipped: () => number;
  /** There is room for more messages again. */
  readonly onRoom: () => void;
}

const MAX_UNDER_WAY = 100;

/** What one phone was sent, and what of it has arrived. */
export type Deliveries = ReturnType<typeof createDeliveries>;

export function createDeliveries({ write, writeFailed, firstSkipped, onRoom }: DeliveriesDeps) {
  let flights: Flight[] = [];
  let latest = 0;
  let highestArrived = 0;
  let highestWritten = 0;
  const writes = createSerialQueue();

  const writeDelivered = async (): Promise<void> => {
    const underWay = flights.filter(({ seq }) => seq > 0).map(({ seq }) => seq);
    const seq = Math.min(highestArrived, Math.min(firstSkipped(), ...underWay) - 1);
    if (seq <= highestWritten) return;
    await write(seq);
    highestWritten = Math.max(highestWritten, seq);
  };

  const isFull = (): boolean => flights.length >= MAX_UNDER_WAY;

  const arrived = (isAmong: (flight: Flight, index: number) => boolean): void => {
    const wasFull = isFull();
    highestArrived = Math.max(highestArrived, ...flights.filter(isAmong).map(({ seq }) => seq));
    flights = flights.filter((flight, index) => !isAmong(flight, index));
    writes.run(writeDelivered).catch(writeFailed);
    if (wasFull) onRoom();
  };

  return {
    sent(seq: number, qos: Qos): void {
      latest += 1;
      flights.push({ number: latest, seq, qos });
    },
    /** The number of the latest message. */
    latest: () => latest,
    /** Too many messages are under way to send another one. */
    isFull,
    /** The QoS handshake of the oldest message that requires one is complete. What was sent before it arrived before it. */
    handshakeCompleted(): void {
      const first = flights.findIndex(({ qos }) => qos > 0);
      arrived((_flight, index) => index <= first);
    },
    /** What was sent without a QoS handshake, up to this number, has arrived. */
    arrivedUpTo: (number: number) => arrived((flight) => flight.qos === 0 && flight.number <= number),
    /** The phone itself acknowledged its messages up to this one, and that is written down. */
    acknowledged(acknowledged: number): void {
      highestWritten = Math.max(highestWritten, acknowledged);
      arrived(({ seq }) => seq > 0 && seq <= acknowledged);
    },
    /** Forgets what is under way: it will be sent again. */
    restart(): void {
      flights = [];
    },
    /** Resolves when everything that arrived so far is written down. */
    written: writes.idle,
  };
}
