import { type Arrivals, deviceKey } from "../../core/index.ts";

/** Wakes listeners in this process. A listener that throws harms nobody else. */
export function createArrivals(): Arrivals {
  const listeners = new Map<string, Set<() => void>>();
  return {
    tell(phones) {
      for (const phone of phones) {
        for (const heard of listeners.get(deviceKey(phone)) ?? []) {
          try {
            heard();
          } catch {
            // Who listens badly reads later; the message itself is kept.
          }
        }
      }
    },
    listen(phone, heard) {
      const key = deviceKey(phone);
      const own = listeners.get(key) ?? new Set();
      listeners.set(key, own.add(heard));
      return () => {
        own.delete(heard);
        if (own.size === 0 && listeners.get(key) === own) listeners.delete(key);
      };
    },
  };
}
