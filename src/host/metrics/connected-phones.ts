import { deviceKey, type Pairing } from "../../core/index.ts";

/** `mqtt`: a WebSocket of the phone door. `inbox`: a request that waits for messages. */
export type ConnectionChannel = "mqtt" | "inbox";

export interface ConnectedPhones {
  /** The same pairing, whose listeners count as this channel's. */
  counted(pairing: Pairing, channel: ConnectionChannel): Pairing;
  /** How many phones listen now, each once per channel. */
  count(channel: ConnectionChannel): number;
}

/** Counted from the start, whether anybody asks or not: who asks later wants to know of those that came before. */
export function createConnectedPhones(): ConnectedPhones {
  /** How many listeners each phone has. */
  const listeners: Record<ConnectionChannel, Map<string, number>> = { mqtt: new Map(), inbox: new Map() };
  return {
    counted(pairing, channel) {
      const phones = listeners[channel];
      const own: Pick<Pairing, "listenForMessages"> = {
        listenForMessages(phone, listener, by) {
          const stop = pairing.listenForMessages(phone, listener, by);
          const key = deviceKey(phone);
          phones.set(key, (phones.get(key) ?? 0) + 1);
          let stopped = false;
          return () => {
            stop();
            if (stopped) return;
            stopped = true;
            const left = (phones.get(key) ?? 1) - 1;
            if (left > 0) phones.set(key, left);
            else phones.delete(key);
          };
        },
      };
      // Not a copy: whatever else is asked of it is asked of the pairing as it then is.
      return Object.assign(Object.create(pairing) as Pairing, own);
    },
    count: (channel) => listeners[channel].size,
  };
}
