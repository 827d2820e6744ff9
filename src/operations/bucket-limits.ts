import type { LimitBucket } from "../contract/operations.ts";
import { createRequestLimits, type Instant, type Limit, MINUTE, PairingError, type Verdict } from "../core/index.ts";

type Bucket = LimitBucket | "mqtt-message";

const LIMITS: Record<Exclude<Bucket, "none">, Limit> = {
  "send-sms": { quota: 5, window: MINUTE },
  accept: { quota: 10, window: 5 * MINUTE },
  "generate-qr": { quota: 10, window: MINUTE },
  pair: { quota: 20, window: 5 * MINUTE },
  devices: { quota: 30, window: MINUTE },
  revoke: { quota: 10, window: 5 * MINUTE },
  voice: { quota: 60, window: MINUTE },
  other: { quota: 120, window: MINUTE },
  "mqtt-message": { quota: 1200, window: MINUTE },
};
/** How many people may share one address behind a proxy that hides theirs. */
const PEOPLE_PER_SHARED_ADDRESS = 20;

/**
 * Counts one request against each key; the first key is the caller's own. `shared`: many people ask under these keys. Returns the verdict
 * when the request has to be refused, otherwise `undefined`.
 */
export type CountInBucket = (bucket: Bucket, keys: readonly string[], shared?: boolean) => Verdict | undefined;

/** The request limits of the API's buckets. */
export function createBucketLimits(scale: () => number, now: () => Instant): CountInBucket {
  const limits = createRequestLimits();
  return (bucket, keys, shared = false) => {
    if (bucket === "none") return undefined;
    const { quota, window } = LIMITS[bucket];
    const people = shared ? PEOPLE_PER_SHARED_ADDRESS : 1;
    const limit = { quota: Math.max(1, Math.floor(quota * people * scale())), window, shared };
    const verdict = limits.count(bucket, limit, keys, now());
    return verdict.admitted ? undefined : verdict;
  };
}

export function rateLimited({ resetSeconds }: Verdict): PairingError {
  return new PairingError("rate_limited", {
    params: { reason: "try_again", seconds: resetSeconds },
    retryAfter: resetSeconds,
  });
}
