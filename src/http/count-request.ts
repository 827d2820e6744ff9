import type { IncomingMessage } from "node:http";
import type { LimitBucket } from "../contract/operations.ts";
import { createRequestLimits, type Limit, MINUTE, PairingError } from "../core/index.ts";
import { limitKey } from "./client-address.ts";

const LIMITS: Record<Exclude<LimitBucket, "none">, Limit> = {
  "send-sms": { quota: 5, window: MINUTE },
  accept: { quota: 10, window: 5 * MINUTE },
  "generate-qr": { quota: 10, window: MINUTE },
  pair: { quota: 20, window: 5 * MINUTE },
  devices: { quota: 30, window: MINUTE },
  revoke: { quota: 10, window: 5 * MINUTE },
  voice: { quota: 60, window: MINUTE },
  other: { quota: 120, window: MINUTE },
};
/** Headers in which callers name themselves. They may narrow a bucket, never widen it: the address counts by itself as well. */
const NAMING_HEADERS = ["x-device-id", "x-user-id"] as const;

/** What takes the headers of a refusal. */
export interface HeaderSink {
  setHeader(name: string, value: string): unknown;
}

export type CountRequest = (request: Pick<IncomingMessage, "headers">, refusal: HeaderSink, bucket: LimitBucket, address: string) => void;

/**
 * Counts requests of one door. Throws `rate_limited`, with the RateLimit headers set (IETF draft-ietf-httpapi-ratelimit-headers-08).
 * `unlimited` names buckets this door does not count.
 */
export function createCountRequest(scale: () => number, now: () => number, unlimited: readonly LimitBucket[] = []): CountRequest {
  const limits = createRequestLimits();
  return (request, refusal, bucket, address) => {
    if (bucket === "none" || unlimited.includes(bucket)) return;
    const { quota, window } = LIMITS[bucket];
    const limit = { quota: Math.max(1, Math.floor(quota * scale())), window };
    const key = limitKey(address);
    const keys = [key];
    for (const header of NAMING_HEADERS) {
      const named = request.headers[header];
      if (typeof named === "string") keys.push(`${key} ${header} ${named.slice(0, 64)}`);
    }
    const verdict = limits.count(bucket, limit, keys, now());
    if (verdict.admitted) return;
    refusal.setHeader("RateLimit-Policy", `"${bucket}";q=${verdict.quota};w=${verdict.windowSeconds}`);
    refusal.setHeader("RateLimit", `"${bucket}";r=${verdict.remaining};t=${verdict.resetSeconds}`);
    throw new PairingError("rate_limited", {
      sentence: `Too many requests. Try again in ${waitInWords(verdict.resetSeconds)}.`,
      retryAfter: verdict.resetSeconds,
    });
  };
}

function waitInWords(seconds: number): string {
  if (seconds < 100) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
