import { type Instant, MINUTE } from "../time.ts";
import { createBoundedStates } from "./bounded-states.ts";

/** How many requests a window admits. */
export interface Limit {
  readonly quota: number;
  /** Milliseconds. */
  readonly window: number;
  /** Many people share this bucket, so its wait is never longer than its window. */
  readonly shared?: boolean;
}

export interface Verdict {
  readonly admitted: boolean;
  readonly quota: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  /** Whole seconds until the bucket admits (more) requests. */
  readonly resetSeconds: number;
}

interface Bucket {
  windowEnds: Instant;
  used: number;
  refusedInRow: number;
  blockedUntil: Instant;
  /** How long it was blocked, in milliseconds. */
  wait: number;
}

const MAX_REFUSED_IN_ROW = 3;
const MAX_WAIT = 60 * MINUTE;
const MAX_BUCKETS = 100_000;

export interface RequestLimits {
  /**
   * Counts one request against every key, and rejects it if any of their buckets is full. The strictest verdict counts. The
   * first key is the caller's own: while it rejects, the others are not touched, so invented names cost no memory.
   */
  count(name: string, limit: Limit, keys: readonly string[], now: Instant): Verdict;
}

/**
 * Fixed windows per key. After three rejections in a row the wait doubles with each further one, up to an hour, which slows
 * guessing down. Memory is bounded: see {@link createBoundedStates}.
 */
export function createRequestLimits(): RequestLimits {
  const buckets = createBoundedStates<Bucket>({
    most: MAX_BUCKETS,
    isOver: ({ windowEnds, blockedUntil }, now) => now >= windowEnds && now >= blockedUntil,
    isRefusing: ({ refusedInRow }) => refusedInRow > 0,
  });

  const countKey = (key: string, limit: Limit, now: Instant): Verdict => {
    const bucket = buckets.get(key) ?? { windowEnds: now + limit.window, used: 0, refusedInRow: 0, blockedUntil: 0, wait: 0 };
    // A clock set back never lengthens an announced wait.
    bucket.windowEnds = Math.min(bucket.windowEnds, now + limit.window);
    bucket.blockedUntil = Math.min(bucket.blockedUntil, now + bucket.wait);
    if (now >= bucket.windowEnds && now >= bucket.blockedUntil) {
      // A new window. Only an admitted request resets the count of rejections.
      bucket.windowEnds = now + limit.window;
      bucket.used = 0;
    }
    const verdict = countOne(bucket, limit, now);
    buckets.put(key, bucket, now);
    return verdict;
  };

  return {
    count(name, limit, keys, now) {
      let strictest: Verdict | undefined;
      for (const key of keys) {
        const verdict = countKey(`${name} ${key}`, limit, now);
        if (!strictest && !verdict.admitted) return verdict;
        if (!strictest || verdict.remaining < strictest.remaining || (!verdict.admitted && verdict.resetSeconds > strictest.resetSeconds))
          strictest = verdict;
      }
      return (
        strictest ?? { admitted: true, quota: limit.quota, windowSeconds: limit.window / 1000, remaining: limit.quota, resetSeconds: 0 }
      );
    },
  };
}

function countOne(bucket: Bucket, limit: Limit, now: Instant): Verdict {
  const admitted = now >= bucket.blockedUntil && bucket.used < limit.quota;
  if (admitted) {
    bucket.used += 1;
    bucket.refusedInRow = 0;
  } else {
    bucket.refusedInRow += 1;
    if (bucket.refusedInRow > MAX_REFUSED_IN_ROW && !limit.shared) {
      const wait = Math.min(MAX_WAIT, limit.window * 2 ** (bucket.refusedInRow - MAX_REFUSED_IN_ROW));
      bucket.blockedUntil = Math.max(bucket.blockedUntil, now + wait);
      bucket.wait = Math.max(wait, bucket.blockedUntil - now);
    }
  }
  const reset = Math.max(bucket.windowEnds, bucket.blockedUntil) - now;
  return {
    admitted,
    quota: limit.quota,
    windowSeconds: limit.window / 1000,
    remaining: Math.max(0, limit.quota - bucket.used),
    resetSeconds: Math.max(1, Math.ceil(reset / 1000)),
  };
}
