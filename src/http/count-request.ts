import type { IncomingMessage } from "node:http";
import type { LimitBucket } from "../contract/operations.ts";
import { createRequestLimits, type Limit, MINUTE, PairingError } from "../core/index.ts";
import { type ClientAddress, isLoopbackAddress, limitKey } from "./client-address.ts";

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

/** As many people as may ask behind one address that a proxy does not tell apart. */
const PEOPLE_PER_SHARED_ADDRESS = 20;

/** What takes the headers of a refusal. */
export interface HeaderSink {
  setHeader(name: string, value: string): unknown;
}

export type CountRequest = (
  request: Pick<IncomingMessage, "headers">,
  sink: HeaderSink,
  bucket: LimitBucket,
  client: ClientAddress,
) => void;

export interface CountRules {
  /** Buckets that are not counted here. */
  readonly unlimited?: readonly LimitBucket[];
  /** All addresses of this computer are one caller: any program on it may choose among them. */
  readonly oneLoopback?: boolean;
}

/** Counts requests of one door. Throws `rate_limited`, with the RateLimit headers set (IETF draft-ietf-httpapi-ratelimit-headers-08). */
export function createCountRequest(
  scale: () => number,
  now: () => number,
  { unlimited = [], oneLoopback = false }: CountRules = {},
): CountRequest {
  const limits = createRequestLimits();
  return (request, sink, bucket, { ip, shared }) => {
    if (bucket === "none" || unlimited.includes(bucket)) return;
    const { quota, window } = LIMITS[bucket];
    const people = shared ? PEOPLE_PER_SHARED_ADDRESS : 1;
    const limit = { quota: Math.max(1, Math.floor(quota * people * scale())), window, shared };
    const key = callerKey(ip, { shared, oneLoopback });
    const keys = [key];
    for (const header of NAMING_HEADERS) {
      const named = request.headers[header];
      if (typeof named === "string") keys.push(`${key} ${header} ${named.slice(0, 64)}`);
    }
    const verdict = limits.count(bucket, limit, keys, now());
    if (verdict.admitted) return;
    sink.setHeader("RateLimit-Policy", `"${bucket}";q=${verdict.quota};w=${verdict.windowSeconds}`);
    sink.setHeader("RateLimit", `"${bucket}";r=${verdict.remaining};t=${verdict.resetSeconds}`);
    throw new PairingError("rate_limited", {
      params: { reason: "try_again", seconds: verdict.resetSeconds },
      retryAfter: verdict.resetSeconds,
    });
  };
}

/** By what a caller is known to the limits. */
export function callerKey(ip: string, { shared = false, oneLoopback = false }: { shared?: boolean; oneLoopback?: boolean }): string {
  if (shared) return `shared ${ip}`;
  return oneLoopback && isLoopbackAddress(ip) ? "loopback" : limitKey(ip);
}
