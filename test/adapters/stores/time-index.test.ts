import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createTimeIndex } from "../../../src/adapters/stores/time-index.ts";

/** A reference implementation: a sorted list with a linear search. */
function plainIndex() {
  let entries: { key: string; at: number }[] = [];
  return {
    add(key: string, at: number) {
      const place = entries.findIndex((entry) => entry.at > at);
      entries.splice(place === -1 ? entries.length : place, 0, { key, at });
    },
    remove(key: string) {
      entries = entries.filter((entry) => entry.key !== key);
    },
    keys: () => entries.map(({ key }) => key),
    countAfter: (bound: number) => entries.filter(({ at }) => at > bound).length,
  };
}

describe("an index by time", () => {
  it("is what a sorted list is, however much comes and goes", () => {
    // Few times and many keys, so that most share their time.
    const step = fc.record({ at: fc.nat(40), removes: fc.boolean(), victim: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), fc.constantFrom(1, 40), (steps, times) => {
        const index = createTimeIndex();
        const plain = plainIndex();
        const added = new Map<string, number>();
        for (const [number, { at, removes, victim }] of steps.entries()) {
          // Ten at a time, so that blocks fill, split and become empty.
          for (let one = 0; one < 10; one += 1) {
            const keys = [...added.keys()];
            const key = keys[(victim + one) % keys.length];
            if (removes && key !== undefined) {
              index.remove(key, added.get(key) ?? 0);
              plain.remove(key);
              added.delete(key);
            } else {
              const name = `${number}-${one}`;
              index.add(name, at * times);
              plain.add(name, at * times);
              added.set(name, at * times);
            }
          }
        }
        const oldest = Array.from(index.oldestFirst(), ({ key }) => key);
        expect(oldest).toEqual(plain.keys());
        expect(index.size).toBe(oldest.length);
        const newest = [...index.newestFirst()];
        expect(newest.map(({ key }) => key)).toEqual(oldest.toReversed());
        for (const bound of [-1, 0, 20, 20 * times, 40 * times]) expect(index.countAfter(bound)).toBe(plain.countAfter(bound));
        const middle = newest[Math.floor(newest.length / 2)];
        if (!middle) return;
        expect(index.find(middle.key, middle.at)).toEqual({ at: middle.at, order: middle.order });
        const rest = Array.from(index.newestFirst(middle), ({ key }) => key);
        expect(rest).toEqual(newest.slice(Math.floor(newest.length / 2) + 1).map(({ key }) => key));
        index.remove(middle.key, middle.at);
        expect(Array.from(index.newestFirst(middle), ({ key }) => key)).toEqual(rest);
        expect(index.find(middle.key, middle.at)).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });
});
