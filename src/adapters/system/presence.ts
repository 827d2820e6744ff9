import type { Presence } from "../../core/index.ts";

/** The idle time of the host's keyboard and mouse; unknown where a host cannot read it. */
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
