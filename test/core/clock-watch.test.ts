import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { type ClockWatch, createClockWatch, DAY, MINUTE, SECOND } from "../../src/core/index.ts";
import { deviceOf, NOON, sessionOf } from "../contracts/pairing-store.ts";

/** A wall clock and a steady clock that are moved by hand, and everything that was recorded about them. */
function world(store = createMemoryStore()) {
  const at = { wall: NOON, steady: 5000 };
  const warnings: string[] = [];
  const clock = { now: () => at.wall, steady: () => at.steady };
  const log = { info: () => undefined, warn: (message: string) => void warnings.push(message) };
  const start = async (): Promise<ClockWatch> => {
    const watch = createClockWatch(clock, log);
    await watch.begin(store);
    return watch;
  };
  return {
    at,
    store,
    warnings,
    start,
    watch: () => createClockWatch(clock, log),
    pass(milliseconds: number): void {
      at.wall += milliseconds;
      at.steady += milliseconds;
    },
    changes: () =>
      (store.auditLines() as readonly { readonly event: string; readonly reason?: string }[])
        .filter(({ event }) => event === "clock_changed")
        .map(({ reason }) => reason),
  };
}

const settle = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a clock that is watched", () => {
  it("is believed on an empty folder, and as long as it goes as the steady one does", async () => {
    const { at, pass, start, changes, warnings } = world();
    const watch = await start();
    for (let hour = 0; hour < 100; hour += 1) {
      pass(60 * MINUTE);
      expect(watch.retentionNow()).toBe(at.wall);
    }
    expect([changes(), warnings]).toEqual([[], []]);
  });

  it("deletes nothing before the records were checked", () => {
    expect(world().watch().retentionNow()).toBe(0);
  });

  it.each([
    [800 * DAY, "+800 d against the steady clock"],
    [-DAY, "-24 h against the steady clock"],
    [-90 * SECOND, "-90 s against the steady clock"],
  ])("is not believed for a day after a jump of %d ms, which is noticed in use and written down once", async (by, reason) => {
    const { at, pass, start, changes, warnings } = world();
    const watch = await start();
    at.wall += by;
    expect(watch.retentionNow()).toBe(0);
    await settle();
    expect(changes()).toEqual([reason]);
    expect(warnings).toHaveLength(1);
    pass(DAY - 1);
    expect(watch.retentionNow()).toBe(0);
    pass(1);
    expect(watch.retentionNow()).toBe(at.wall);
    expect(changes()).toHaveLength(1);
  });

  it("is not believed for three seconds in the future, nor right after it came back", async () => {
    const { at, pass, start, changes } = world();
    const watch = await start();
    at.wall += 100 * DAY;
    watch.check();
    pass(3 * SECOND);
    at.wall -= 100 * DAY;
    expect(watch.retentionNow()).toBe(0);
    await settle();
    expect(changes()).toEqual(["+100 d against the steady clock", "-100 d against the steady clock"]);
  });

  it("takes a night's sleep and a step of a second for what they are", async () => {
    const { at, start, changes } = world();
    const watch = await start();
    at.wall += 14 * 60 * MINUTE;
    watch.check();
    at.wall -= SECOND;
    expect(watch.retentionNow()).toBe(at.wall);
    await settle();
    expect(changes()).toEqual([]);
  });

  it.each([
    [800 * DAY, "+800 d against the newest record, at the start"],
    [-2 * DAY, "-2 d against the newest record, at the start"],
  ])("is compared with the newest record at a start (%d ms), and not believed by the next start either", async (by, reason) => {
    const { at, store, pass, start, changes } = world();
    await store.appendAudit(NOON, { event: "key_rotated" });
    at.wall += by;
    expect((await start()).retentionNow()).toBe(0);
    pass(60 * MINUTE);
    const next = await start();
    expect(next.retentionNow()).toBe(0);
    expect(changes().at(0)).toBe(reason);
    pass(DAY);
    expect(next.retentionNow()).toBe(at.wall);
  });

  it("is not believed at a start after a wrong clock was put right while nobody looked", async () => {
    // Noticed while running when the clock jumped, or stopped before that.
    for (const noticed of [true, false]) {
      const { at, store, pass, start, changes } = world();
      await store.appendAudit(NOON, { event: "key_rotated" });
      const watch = await start();
      at.wall -= 300 * DAY;
      if (noticed) watch.check();
      await settle();
      await store.appendAudit(at.wall, { event: "key_rotated" });
      pass(MINUTE);
      at.wall += 300 * DAY;
      expect((await start()).retentionNow()).toBe(0);
      expect(changes().at(-1)).toBe("+300 d against the newest record, at the start");
    }
  });

  it("is written down once, however often it is started after that", async () => {
    for (const by of [800 * DAY, -300 * DAY]) {
      const { at, store, pass, start, changes } = world();
      await store.appendAudit(NOON, { event: "key_rotated" });
      await start();
      at.wall += by;
      await start();
      at.wall -= by;
      for (let starts = 0; starts < 3; starts += 1) {
        pass(60 * MINUTE);
        expect((await start()).retentionNow()).toBe(0);
      }
      expect(changes()).toHaveLength(2);
    }
  });

  it("counts a phone's last contact as a record", async () => {
    const { at, store, start, changes } = world();
    await store.addInvite({ session: sessionOf("1"), at: NOON, audit: [{ event: "send_sms_invite" }] });
    const device = deviceOf("phone", "jti", { lastSeen: NOON + 20 * DAY });
    await store.acceptInvite({ codeHash: "code-1", device, at: () => NOON, audit: [] });
    at.wall += 20 * DAY;
    expect((await start()).retentionNow()).toBe(at.wall);
    expect(changes()).toEqual([]);
  });
});
