import type { Instant, TextMessage } from "../../../core/index.ts";
import type { SendTimes } from "../../../core/store/index.ts";
import type { SmsSends } from "../sms-sends.ts";
import { createTimeIndex, type TimeIndex } from "../time-index.ts";

/** Which text messages are counted together: those of approvals, or all others. */
export type Pool = "approval" | "pairing";

export function poolOf({ purpose }: Pick<TextMessage, "purpose">): Pool {
  return purpose === "approval" ? "approval" : "pairing";
}

/** Send times that were read from the database, with those of the changes since. */
export interface LoadedSends extends SmsSends {
  /** `phoneNumber` absent: to all. */
  load(times: readonly Instant[], phoneNumber?: string): void;
  /** Those that were added and not taken back: what was read is not among them. */
  entries(): Iterable<{ readonly phoneNumber: string; readonly at: Instant }>;
}

export function createLoadedSends(): LoadedSends {
  const toNumbers = new Map<string, readonly Instant[]>();
  let toAll: readonly Instant[] = [];
  let added: readonly { readonly phoneNumber: string; readonly at: Instant }[] = [];
  const sorted = (loaded: readonly Instant[], more: readonly { readonly at: Instant }[]): readonly Instant[] =>
    [...loaded, ...more.map(({ at }) => at)].sort((one, other) => one - other);
  return {
    load(times, phoneNumber) {
      if (phoneNumber === undefined) toAll = times;
      else toNumbers.set(phoneNumber, times);
    },
    entries: () => added,
    add(phoneNumber, at) {
      added = [...added, { phoneNumber, at }];
    },
    remove(phoneNumber, at) {
      const index = added.findLastIndex((one) => one.phoneNumber === phoneNumber && one.at === at);
      added = added.toSpliced(index, index < 0 ? 0 : 1);
    },
    times: (phoneNumber): SendTimes => ({
      toNumber: sorted(
        toNumbers.get(phoneNumber) ?? [],
        added.filter((one) => one.phoneNumber === phoneNumber),
      ),
      toAll: sorted(toAll, added),
    }),
  };
}

/** How many invites are pending, by the moments at which that was counted. */
export interface LoadedPending extends TimeIndex {
  load(at: Instant, count: number, nextExpiry: Instant | undefined): void;
}

/** In the place of the index over all pending invites: what a decision asks of it, for the moments that it named. */
export function createLoadedPending(): LoadedPending {
  const counts = new Map<Instant, number>();
  const expiries = new Set<Instant>();
  return {
    ...createTimeIndex(),
    load(at, count, nextExpiry) {
      counts.set(at, count);
      if (nextExpiry !== undefined) expiries.add(nextExpiry);
    },
    // The sessions that were loaded are among those that were counted.
    add: () => undefined,
    remove: () => undefined,
    countAfter(at) {
      const count = counts.get(at);
      if (count === undefined) throw new Error("a decision counts invites at a moment that it has not named");
      return count;
    },
    *oldestFirst() {
      for (const at of [...expiries].sort((one, other) => one - other)) yield { key: "", at, order: 0 };
    },
  };
}
