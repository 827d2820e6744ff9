import { DAY, type Instant, MINUTE, type PairingSession, type SmsBudget } from "../../core/index.ts";

/** When text messages were asked for, per phone number and in all: what the budget is counted from. */
export interface SmsSends {
  add(phoneNumber: string, at: Instant): void;
  /** Takes back one `add` whose change did not reach the disk. */
  remove(phoneNumber: string, at: Instant): void;
  /** When the next text message may go out; `undefined`: now. */
  blockedUntil(phoneNumber: string, at: Instant, budget: SmsBudget): Instant | undefined;
}

interface Times {
  values: Instant[];
  sorted: boolean;
  /** Old times are dropped when there are this many, so that dropping costs nothing per message. */
  dropAt: number;
}

const FEW = 64;
/** Longer than any window, so that a clock that is set back a little loses nothing. */
const KEPT = 2 * DAY;

export function createSmsSends(): SmsSends {
  const all = emptyTimes();
  /** Most numbers have one message only: its time alone, for a million of them, takes a fraction of the memory. */
  const byNumber = new Map<string, Times | Instant>();
  const timesOf = (phoneNumber: string): Times | undefined => {
    const found = byNumber.get(phoneNumber);
    return typeof found === "number" ? { ...emptyTimes(), values: [found] } : found;
  };
  /** Numbers that nothing was sent to since then. */
  const dropNumbers = (before: Instant): void => {
    for (const [phoneNumber, found] of byNumber) {
      const isOld = typeof found === "number" ? found <= before : found.values.every((sent) => sent <= before);
      if (isOld) byNumber.delete(phoneNumber);
    }
  };
  return {
    add(phoneNumber, at) {
      const own = timesOf(phoneNumber);
      if (own) {
        byNumber.set(phoneNumber, own);
        insert(own, at);
      } else byNumber.set(phoneNumber, at);
      if (insert(all, at)) dropNumbers(at - KEPT);
    },
    remove(phoneNumber, at) {
      const own = timesOf(phoneNumber);
      if (own) {
        takeOut(own, at);
        if (own.values.length > 0) byNumber.set(phoneNumber, own);
        else byNumber.delete(phoneNumber);
      }
      takeOut(all, at);
    },
    blockedUntil(phoneNumber, at, budget) {
      const own = timesOf(phoneNumber);
      const ends = [
        ...(own ? [windowEnd(own, at, 10 * MINUTE, budget.perNumberPerTenMinutes), windowEnd(own, at, DAY, budget.perNumberPerDay)] : []),
        windowEnd(all, at, DAY, budget.perDay),
      ].filter((end) => end !== undefined);
      return ends.length === 0 ? undefined : Math.max(...ends);
    },
  };
}

/** The messages of `session` that `before` does not have yet. A session's list only grows at its end. */
export function newSends(session: PairingSession, before: PairingSession | undefined): readonly Instant[] {
  return before ? session.sentAt.slice(before.sentAt.length) : session.sentAt;
}

function emptyTimes(): Times {
  return { values: [], sorted: true, dropAt: FEW };
}

/** Answers whether old times were dropped. */
function insert(times: Times, at: Instant): boolean {
  const last = times.values.at(-1);
  if (last !== undefined && at < last) times.sorted = false;
  times.values.push(at);
  if (times.values.length < times.dropAt) return false;
  sort(times);
  times.values = times.values.slice(firstAfter(times.values, at - KEPT));
  times.dropAt = Math.max(FEW, times.values.length * 2);
  return true;
}

function takeOut(times: Times, at: Instant): void {
  const index = times.values.lastIndexOf(at);
  if (index >= 0) times.values.splice(index, 1);
}

/** When enough messages have left the window that ends at `at`; `undefined`: there is room. */
function windowEnd(times: Times, at: Instant, window: number, limit: number): Instant | undefined {
  sort(times);
  const first = firstAfter(times.values, at - window);
  // After a clock was set back, messages "of the future" count for one window at most instead of blocking until then.
  const end = firstAfter(times.values, at + window - 1);
  const surplus = end - first - limit;
  return surplus < 0 ? undefined : Math.min((times.values[first + surplus] ?? at) + window, at + window);
}

function sort(times: Times): void {
  if (times.sorted) return;
  times.values.sort((one, other) => one - other);
  times.sorted = true;
}

function firstAfter(values: readonly Instant[], bound: Instant): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
