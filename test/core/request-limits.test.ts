import { beforeEach, describe, expect, it } from "vitest";
import { createRequestLimits, type Limit, MINUTE, type RequestLimits, type Verdict } from "../../src/core/index.ts";

const LIMIT: Limit = { quota: 5, window: MINUTE };
let limits: RequestLimits;
let now: number;
beforeEach(() => {
  limits = createRequestLimits();
  now = 1_000_000;
});
const ask = (...keys: string[]): Verdict => limits.count("b", LIMIT, keys, now);
const askTimes = (times: number, ...keys: string[]): boolean[] => Array.from({ length: times }, () => ask(...keys).admitted);

describe("request limits", () => {
  it("admit the quota in each window", () => {
    expect(askTimes(6, "a")).toEqual([true, true, true, true, true, false]);
    now += MINUTE;
    expect(ask("a").admitted).toBe(true);
  });

  it("keep buckets and callers apart", () => {
    askTimes(6, "a");
    expect(ask("b").admitted).toBe(true);
    expect(limits.count("other", LIMIT, ["a"], now).admitted).toBe(true);
  });

  it("count the address whatever name a caller gives itself", () => {
    const admitted = Array.from({ length: 20 }, (_, n) => ask("a", `a device ${n}`).admitted);
    expect(admitted.filter(Boolean)).toHaveLength(5);
  });

  it("say how long to wait, and keep to it", () => {
    askTimes(5, "a");
    now += 10_000;
    expect(ask("a")).toMatchObject({ admitted: false, remaining: 0, quota: 5, windowSeconds: 60, resetSeconds: 50 });
    now += 50_000;
    expect(ask("a").admitted).toBe(true);
  });

  it("double the wait with each refusal after the third in a row, up to an hour", () => {
    askTimes(5, "a");
    const waits = Array.from({ length: 10 }, () => ask("a").resetSeconds);
    expect(waits).toEqual([60, 60, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
    now += 3_599_000;
    expect(ask("a").admitted).toBe(false);
    now += 3_600_000;
    expect(ask("a").admitted).toBe(true);
    askTimes(4, "a");
    expect(ask("a").resetSeconds).toBe(60);
  });

  it("forget the oldest callers before they fill the memory", () => {
    for (let n = 0; n < 100_001; n += 1) limits.count("b", { quota: 1, window: MINUTE }, [`k${n}`], now);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["k100000"], now).admitted).toBe(false);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["k0"], now).admitted).toBe(true);
  });
});
