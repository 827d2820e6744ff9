const TICK_MS = 1000;
/** The two clocks may drift by this much between two ticks; more is a sleep or a moved clock. */
const MAX_DRIFT_MS = 2000;

export interface PageClock {
  readonly subscribe: (listener: () => void) => () => void;
  /** The time of the last tick. */
  readonly now: () => number;
}

/**
 * Ticks each second while it has listeners. The monotonic clock stops in sleep and does not follow a moved wall clock: where the two
 * diverge, the offset of the server's clock is stale, and `jumped` is called.
 */
export function createPageClock(jumped: () => void): PageClock {
  const listeners = new Set<() => void>();
  let timer: number | undefined;
  let now = Date.now();
  let drift = now - performance.now();

  const tick = (): void => {
    now = Date.now();
    const before = drift;
    drift = now - performance.now();
    if (Math.abs(drift - before) > MAX_DRIFT_MS) jumped();
    for (const listener of listeners) listener();
  };
  document.addEventListener("visibilitychange", tick);

  return {
    now: () => now,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= window.setInterval(tick, TICK_MS);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        window.clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
