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

  it("double the wait with each rejection after the third in a row, up to an hour", () => {
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

  const fill = (prefix: string, times: number): void => {
    for (let n = 0; n < times; n += 1) limits.count("b", { quota: 1, window: MINUTE }, [`${prefix}${n}`], now);
  };

  it("forget the oldest callers before they fill the memory", () => {
    fill("k", 100_001);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["k100000"], now).admitted).toBe(false);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["k0"], now).admitted).toBe(true);
  });

  it("remember whom they refuse, however many new callers come", () => {
    const refused = ["a", "b", "c"];
    for (const key of refused) askTimes(8, key);
    fill("k", 150_000);
    for (const key of refused) expect(ask(key)).toMatchObject({ admitted: false });
  });

  it("forget whose time is over before anybody else", () => {
    limits.count("b", { quota: 5, window: 60 * MINUTE }, ["patient"], now);
    for (let n = 0; n < 8; n += 1) limits.count("b", { quota: 1, window: MINUTE }, ["refused"], now);
    fill("k", 90_000);
    now += 2 * MINUTE;
    fill("l", 90_000);
    expect(limits.count("b", { quota: 5, window: 60 * MINUTE }, ["patient"], now).remaining).toBe(3);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["refused"], now).admitted).toBe(false);
  });

  it("forget the longest refused when all are, and stay within their memory", () => {
    for (let n = 0; n < 100_010; n += 1) for (let turn = 0; turn < 2; turn += 1) fill(`r${n} `, 1);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["r0 0"], now).admitted).toBe(true);
    expect(limits.count("b", { quota: 1, window: MINUTE }, ["r100009 0"], now).admitted).toBe(false);
  });

  it("do not count names while the address itself is refused", () => {
    const named = (name: string): Verdict => ask("a", `a ${name}`);
    for (let n = 0; n < 5; n += 1) named("x");
    now += 50_000;
    for (let n = 0; n < 3; n += 1) expect(named("y").admitted).toBe(false);
    now += 10_000;
    // If the rejected requests were counted, this name would have less left than its address.
    expect(named("y")).toMatchObject({ admitted: true, remaining: 4 });
  });

  it("forget nobody for names that a refused caller invents", () => {
    limits.count("b", { quota: 5, window: 60 * MINUTE }, ["patient"], now);
    askTimes(5, "a");
    for (let n = 0; n < 150_000; n += 1) ask("a", `a ${n}`);
    expect(limits.count("b", { quota: 5, window: 60 * MINUTE }, ["patient"], now).remaining).toBe(3);
  });

  it("never make the people behind a shared address wait for longer than its window", () => {
    const waits = Array.from({ length: 40 }, () => limits.count("b", { ...LIMIT, shared: true }, ["s"], now).resetSeconds);
    expect(Math.max(...waits)).toBe(60);
    now += MINUTE;
    expect(limits.count("b", { ...LIMIT, shared: true }, ["s"], now).admitted).toBe(true);
  });
});
