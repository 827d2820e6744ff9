import type { Instant } from "../core/index.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls back at a time, however far away it is: a timer alone covers 24 days. Returns the function that cancels the call. */
export function callAt(at: Instant, now: () => Instant, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const milliseconds = Math.max(1, Math.min(at - now(), MAX_TIMER_MS));
    timer = setTimeout(() => (now() >= at ? callback() : wait()), milliseconds).unref();
  };
  wait();
  return () => clearTimeout(timer);
}
