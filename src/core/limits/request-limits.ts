import { type Instant, MINUTE } from "../time.ts";

/** How many requests a window admits. */
export interface Limit {
  readonly quota: number;
  /** Milliseconds. */
  readonly window: number;
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
}

const PATIENCE = 3;
const LONGEST_WAIT = 60 * MINUTE;
const MOST_BUCKETS = 100_000;

export interface RequestLimits {
  /** Counts one request against every key; refused when any of their buckets is full. The verdict is the strictest one. */
  count(name: string, limit: Limit, keys: readonly string[], now: Instant): Verdict;
}

/**
 * Fixed windows per key. After three refusals in a row a bucket's wait doubles with each further one, up to an hour, so that
 * guessing gets slower the longer it goes on. Memory is bounded: the oldest buckets are forgotten first.
 */
export function createRequestLimits(): RequestLimits {
  const buckets = new Map<string, Bucket>();
  // Asked anew each time, a Map steps over all that it forgot before it finds its oldest entry.
  const oldest = buckets.keys();

  const bucketOf = (key: string, limit: Limit, now: Instant): Bucket => {
    const known = buckets.get(key);
    if (known && (now < known.windowEnds || now < known.blockedUntil)) return known;
    if (known) {
      // A new window; how often it was refused in a row is forgiven only by an admitted request.
      known.windowEnds = now + limit.window;
      known.used = 0;
      return known;
    }
    if (buckets.size >= MOST_BUCKETS) buckets.delete(oldest.next().value ?? "");
    const fresh = { windowEnds: now + limit.window, used: 0, refusedInRow: 0, blockedUntil: 0 };
    buckets.set(key, fresh);
    return fresh;
  };

  return {
    count(name, limit, keys, now) {
      let strictest: Verdict | undefined;
      for (const key of keys) {
        const verdict = countOne(bucketOf(`${name} ${key}`, limit, now), limit, now);
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
    if (bucket.refusedInRow > PATIENCE) {
      const wait = Math.min(LONGEST_WAIT, limit.window * 2 ** (bucket.refusedInRow - PATIENCE));
      bucket.blockedUntil = Math.max(bucket.blockedUntil, now + wait);
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
