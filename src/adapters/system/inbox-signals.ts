import { deviceKey, type InboxSignals } from "../../core/index.ts";

interface Listener {
  readonly heard: () => void;
  readonly hasPhone: boolean;
}

/** Wakes listeners in this process. A listener that throws harms nobody else. */
export function createInboxSignals(): InboxSignals {
  const listeners = new Map<string, Set<Listener>>();
  return {
    tell(phones) {
      for (const phone of phones) {
        for (const { heard } of listeners.get(deviceKey(phone)) ?? []) {
          try {
            heard();
          } catch {
            // Who listens badly reads later; the message itself is kept.
          }
        }
      }
    },
    listen(phone, heard, by) {
      const key = deviceKey(phone);
      const own = listeners.get(key) ?? new Set();
      const listener = { heard, hasPhone: by !== "relay" };
      listeners.set(key, own.add(listener));
      return () => {
        own.delete(listener);
        if (own.size === 0 && listeners.get(key) === own) listeners.delete(key);
      };
    },
    isConnected: (phone) => [...(listeners.get(deviceKey(phone)) ?? [])].some(({ hasPhone }) => hasPhone),
  };
}
