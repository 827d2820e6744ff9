import type { Presence } from "../../core/index.ts";

/** What the host says of its keyboard, where it has one. A host that cannot tell is a host that does not know. */
export function createPresence(idleSeconds: (() => number) | undefined): Presence {
  return {
    idleFor() {
      try {
        const seconds = idleSeconds?.();
        return seconds !== undefined && Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
