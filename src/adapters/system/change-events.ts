import type { ChangeEvent, ChangeEvents } from "../../core/index.ts";

/** News for listeners in this process. A listener that throws harms nobody else. */
export function createChangeEvents(): ChangeEvents {
  const listeners = new Set<(item: ChangeEvent) => void>();
  return {
    emit(item) {
      for (const listener of listeners) {
        try {
          listener(item);
        } catch {
          // Who listens badly misses this item; the change itself is done.
        }
      }
    },
    listen(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
