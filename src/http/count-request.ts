import type { IncomingMessage } from "node:http";
import { THIS_COMPUTER } from "../base/loopback.ts";
import type { LimitBucket } from "../contract/operations.ts";
import { createBucketLimits, rateLimited } from "../operations/bucket-limits.ts";
import { type ClientAddress, isLoopbackAddress, limitKey } from "./client-address.ts";

/** Headers in which callers name themselves. They may narrow a bucket, never widen it: the address counts by itself as well. */
const NAMING_HEADERS = ["x-device-id", "x-user-id"] as const;

/** Receives the headers of a rejected request. */
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
  const count = createBucketLimits(scale, now);
  return (request, sink, bucket, { ip, shared }) => {
    if (unlimited.includes(bucket)) return;
    const key = callerKey(ip, { shared, oneLoopback });
    const keys = [key];
    for (const header of NAMING_HEADERS) {
      const named = request.headers[header];
      if (typeof named === "string") keys.push(`${key} ${header} ${named.slice(0, 64)}`);
    }
    const exceeded = count(bucket, keys, shared);
    if (!exceeded) return;
    sink.setHeader("RateLimit-Policy", `"${bucket}";q=${exceeded.quota};w=${exceeded.windowSeconds}`);
    sink.setHeader("RateLimit", `"${bucket}";r=${exceeded.remaining};t=${exceeded.resetSeconds}`);
    throw rateLimited(exceeded);
  };
}

/** The key under which the limits count a caller. */
export function callerKey(ip: string, { shared = false, oneLoopback = false }: { shared?: boolean; oneLoopback?: boolean }): string {
  if (shared) return `shared ${ip}`;
  return oneLoopback && isLoopbackAddress(ip) ? THIS_COMPUTER : limitKey(ip);
}
