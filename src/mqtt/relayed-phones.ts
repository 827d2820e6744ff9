import { setImmediate as nextTurn } from "node:timers/promises";
import { createSerialQueue } from "../base/serial-queue.ts";
import { type Device, deviceKey, type Log, type Pairing } from "../core/index.ts";
import { createDrain } from "./drain.ts";
import { topicTree } from "./topics.ts";

interface RelayDeps {
  readonly pairing: Pairing;
  readonly isReady: () => boolean;
  readonly publish: (topic: string, payload: string, options: { readonly qos: 0 | 1 | 2 }, done: () => void) => unknown;
  readonly log: Log;
}

const PHONES_PER_TURN = 200;

/** The active phones, which reach this server through the broker. */
export type RelayedPhones = ReturnType<typeof createRelayedPhones>;

export function createRelayedPhones(deps: RelayDeps) {
  const phones = new Map<string, ReturnType<typeof relay>>();
  let closed = false;
  return {
    get: (phone: Pick<Device, "userId" | "deviceId">) => phones.get(deviceKey(phone)),
    /** Starts to relay for these phones, and stops for all others. A phone with another level than before is started anew. */
    async update(active: readonly Device[]): Promise<void> {
      const wanted = new Map(active.map((device) => [deviceKey(device), device]));
      for (const [key, phone] of phones) {
        if (wanted.get(key)?.level === phone.level && wanted.has(key)) continue;
        phone.stop();
        phones.delete(key);
      }
      for (const [index, [key, device]] of [...wanted].entries()) {
        if (closed) return;
        if (!phones.has(key)) phones.set(key, relay(deps, device));
        if ((index + 1) % PHONES_PER_TURN === 0) await nextTurn();
      }
    },
    /** The broker is connected again: sends what phones have not acknowledged. */
    restart(): void {
      for (const { drain } of phones.values()) drain.restart();
    },
    /** Resolves when the messages that arrived so far are handled. */
    async close(): Promise<void> {
      closed = true;
      for (const phone of phones.values()) phone.stop();
      await Promise.all([...phones.values()].map(({ queue }) => queue.idle()));
    },
  };
}

function relay({ pairing, isReady, publish, log }: RelayDeps, device: Device) {
  const tree = topicTree(device);
  const drain = createDrain({ pairing, log }, device, {
    maxQos: () => (isReady() ? 2 : undefined),
    send: async (message, qos) => new Promise((resolve) => publish(tree + message.type, JSON.stringify(message), { qos }, () => resolve())),
    // The broker's handshake does not show that the phone received a message.
    flushed: () => undefined,
  });
  const stopListening = pairing.listenForMessages(device, () => isReady() && drain.wake(), "relay");
  if (isReady()) drain.wake();
  return {
    drain,
    /** That its messages are chosen by. */
    level: device.level,
    /** Handles the phone's messages in the order in which they arrive. */
    queue: createSerialQueue(),
    stop(): void {
      stopListening();
      void drain.stop();
    },
  };
}
