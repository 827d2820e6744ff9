import { expect, it } from "vitest";
import type { StoredWindow, WindowStore } from "../../src/core/index.ts";

const NOON = 1_800_000_000_000;
const HOUR = 3_600_000;

export function windowOf(id: string, lastUsed = NOON): StoredWindow {
  return { keyDigest: `digest-${id}`, id, openedAt: NOON, lastUsed, caller: { ip: "127.0.0.1", ua: `Browser ${id} ✓` } };
}

/** The contract of every store of windows. `make` creates an empty one; `reopen` the same one as another server sees it. */
export function windowStoreContract(make: () => Promise<{ readonly store: WindowStore; readonly reopen?: () => WindowStore }>): void {
  const keep = { usedSince: NOON - HOUR, most: 3 };

  it("knows a window by its key, at every server", async () => {
    const { store, reopen } = await make();
    await store.add(windowOf("a"), keep);
    for (const one of [store, reopen?.() ?? store]) {
      expect(await one.use("digest-a", NOON, NOON - HOUR)).toBe(true);
      expect(await one.use("digest-b", NOON, NOON - HOUR)).toBe(false);
      expect(await one.list(NOON - HOUR)).toEqual([windowOf("a")]);
    }
  });

  it("forgets one that was ended, and says whether there was one", async () => {
    const { store, reopen } = await make();
    await store.add(windowOf("a"), keep);
    await store.add(windowOf("b", NOON + 1), keep);
    expect([await store.end("a"), await store.end("a")]).toEqual([true, false]);
    const other = reopen?.() ?? store;
    expect([await other.use("digest-a", NOON, NOON - HOUR), await other.use("digest-b", NOON, NOON - HOUR)]).toEqual([false, true]);
  });

  it("refuses one that nobody used for long, and a use makes it last", async () => {
    const { store } = await make();
    await store.add(windowOf("a"), keep);
    expect(await store.use("digest-a", NOON + HOUR, NOON)).toBe(false);
    expect(await store.use("digest-a", NOON + HOUR / 2, NOON - HOUR / 2)).toBe(true);
    expect(await store.use("digest-a", NOON + HOUR, NOON)).toBe(true);
    expect(await store.list(NOON + HOUR)).toEqual([]);
  });

  it("has room for so many: the one that was unused for the longest time makes room", async () => {
    const { store } = await make();
    for (const [index, id] of ["a", "b", "c"].entries()) await store.add(windowOf(id, NOON + index), keep);
    await store.use("digest-a", NOON + HOUR, NOON - HOUR);
    await store.add(windowOf("d", NOON + HOUR + 1), keep);
    expect((await store.list(NOON - HOUR)).map(({ id }) => id)).toEqual(["d", "a", "c"]);
  });
}
