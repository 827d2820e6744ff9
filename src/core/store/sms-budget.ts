import type { SmsBudget } from "../ports.ts";
import { DAY, type Instant, MINUTE } from "../time.ts";

/** When text messages were sent, ascending; at least those of the last two days, so that a clock that is set back loses none. */
export interface SendTimes {
  readonly toNumber: readonly Instant[];
  readonly toAll: readonly Instant[];
}

/** When the budget has room for the next text message; `undefined`: now. */
export function budgetWaitEnd({ toNumber, toAll }: SendTimes, at: Instant, budget: SmsBudget): Instant | undefined {
  const ends = [
    windowEnd(toNumber, at, 10 * MINUTE, budget.perNumberPerTenMinutes),
    windowEnd(toNumber, at, DAY, budget.perNumberPerDay),
    windowEnd(toAll, at, DAY, budget.perDay),
  ].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.max(...ends);
}

/** When enough messages have left the window that ends at `at`; `undefined`: there is room. */
function windowEnd(times: readonly Instant[], at: Instant, window: number, limit: number): Instant | undefined {
  const first = firstAfter(times, at - window);
  // After a clock was set back, messages "of the future" count for one window at most instead of blocking until then.
  const end = firstAfter(times, at + window - 1);
  const surplus = end - first - limit;
  return surplus < 0 ? undefined : Math.min((times[first + surplus] ?? at) + window, at + window);
}

export function firstAfter(values: readonly Instant[], bound: Instant): number {
  return firstIndex(values.length, (index) => (values[index] ?? 0) <= bound);
}

/** The first index of a list of this length at which `isBefore` is false; it is true at every index before that one. */
export function firstIndex(length: number, isBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
