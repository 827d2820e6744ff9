const TICK = 1000;
/** Between two ticks the two clocks may drift by this much before it counts as a sleep or a moved clock. */
const JUMP = 2000;

export interface PageClock {
  readonly subscribe: (listener: () => void) => () => void;
  /** The time of the last tick. */
  readonly now: () => number;
}

/**
 * Ticks each second while somebody looks. The monotonic clock stands still in sleep and does not follow a moved wall clock:
 * where the two part, what was learned about the server's clock is stale, and `jumped` is called.
 */
export function createPageClock(jumped: () => void): PageClock {
  const listeners = new Set<() => void>();
  let timer: number | undefined;
  let now = Date.now();
  let apart = now - performance.now();

  const tick = (): void => {
    now = Date.now();
    const before = apart;
    apart = now - performance.now();
    if (Math.abs(apart - before) > JUMP) jumped();
    for (const listener of listeners) listener();
  };
  document.addEventListener("visibilitychange", tick);

  return {
    now: () => now,
    subscribe(listener) {
      listeners.add(listener);
      timer ??= window.setInterval(tick, TICK);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        window.clearInterval(timer);
        timer = undefined;
      };
    },
  };
}
