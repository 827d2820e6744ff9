import { deviceKey, type InboxSignals } from "../../core/index.ts";

interface Listener {
  readonly wake: () => void;
  readonly hasPhone: boolean;
}

/** Wakes listeners in this process. A listener that throws harms nobody else. */
export function createInboxSignals(): InboxSignals {
  const listeners = new Map<string, Set<Listener>>();
  const wakeAll = (those: Iterable<Listener>): void => {
    for (const { wake } of those) {
      try {
        wake();
      } catch {
        // Who listens badly reads later; the message itself is kept.
      }
    }
  };
  return {
    emit(phones) {
      for (const phone of phones) wakeAll(listeners.get(deviceKey(phone)) ?? []);
    },
    emitToAll() {
      for (const those of listeners.values()) wakeAll(those);
    },
    listen(phone, wake, by) {
      const key = deviceKey(phone);
      const own = listeners.get(key) ?? new Set();
      const listener = { wake, hasPhone: by !== "relay" };
      listeners.set(key, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(key) === own) listeners.delete(key);
      };
    },
    isConnected: (phone) => [...(listeners.get(deviceKey(phone)) ?? [])].some(({ hasPhone }) => hasPhone),
  };
}
