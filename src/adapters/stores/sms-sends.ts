import { DAY, type Instant } from "../../core/index.ts";
import { firstAfter, type SendTimes } from "../../core/store/index.ts";

/** When text messages were asked for, per phone number and in all: what the budget is counted from. */
export interface SmsSends {
  add(phoneNumber: string, at: Instant): void;
  /** Takes back one `add` whose change did not reach the disk. */
  remove(phoneNumber: string, at: Instant): void;
  times(phoneNumber: string): SendTimes;
  /** Every time that is still known, for another store to go on with. */
  entries(): Iterable<{ readonly phoneNumber: string; readonly at: Instant }>;
}

interface Times {
  values: Instant[];
  sorted: boolean;
  /** Old times are dropped when there are this many, so that dropping costs nothing per message. */
  dropAt: number;
}

const FEW = 64;
/** Longer than any window, so that a clock that is set back a little loses nothing. */
const RETENTION_MS = 2 * DAY;

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
      if (insert(all, at)) dropNumbers(at - RETENTION_MS);
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
    times: (phoneNumber) => ({ toNumber: sorted(timesOf(phoneNumber) ?? emptyTimes()), toAll: sorted(all) }),
    *entries() {
      for (const [phoneNumber, found] of byNumber)
        for (const at of typeof found === "number" ? [found] : found.values) yield { phoneNumber, at };
    },
  };
}

function emptyTimes(): Times {
  return { values: [], sorted: true, dropAt: FEW };
}

/** Returns whether old times were dropped. */
function insert(times: Times, at: Instant): boolean {
  const last = times.values.at(-1);
  if (last !== undefined && at < last) times.sorted = false;
  times.values.push(at);
  if (times.values.length < times.dropAt) return false;
  times.values = times.values.slice(firstAfter(sorted(times), at - RETENTION_MS));
  times.dropAt = Math.max(FEW, times.values.length * 2);
  return true;
}

function takeOut(times: Times, at: Instant): void {
  const index = times.values.lastIndexOf(at);
  if (index >= 0) times.values.splice(index, 1);
}

function sorted(times: Times): readonly Instant[] {
  if (!times.sorted) times.values.sort((one, other) => one - other);
  times.sorted = true;
  return times.values;
}
