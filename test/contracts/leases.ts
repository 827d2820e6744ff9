import { expect, it, vi } from "vitest";
import type { Lease, Leases } from "../../src/core/index.ts";

/** The leases of two servers that share a storage; of one server they are the same. */
export interface MadeLeases {
  readonly first: Leases;
  readonly second: Leases;
}

/** Takes a lease and writes down what becomes of it. */
export function follow(leases: Leases, name: string) {
  const taken: Lease[] = [];
  let losses = 0;
  const giveBack = leases.take(name, {
    taken: (lease) => void taken.push(lease),
    lost: () => {
      losses += 1;
    },
  });
  return { taken, giveBack, losses: () => losses, isHeld: () => taken.at(-1)?.isHeld() === true };
}

export const PATIENT = { timeout: 30_000, interval: 10 };

/** What every adapter promises. */
export function leasesContract(make: () => Promise<MadeLeases>): void {
  it("are held by one at a time, and by the next as soon as they are given back, with a higher epoch", async () => {
    const { first, second } = await make();
    const one = follow(first, "work");
    await vi.waitFor(() => expect(one.isHeld()).toBe(true), PATIENT);
    const other = follow(second, "work");
    const apart = follow(second, "other work");
    await vi.waitFor(() => expect(apart.isHeld()).toBe(true), PATIENT);
    expect([one.isHeld(), other.taken]).toEqual([true, []]);

    await one.giveBack();
    await vi.waitFor(() => expect(other.isHeld()).toBe(true), PATIENT);
    expect(one.isHeld()).toBe(false);
    expect(other.taken[0]?.epoch).toBeGreaterThan(one.taken[0]?.epoch ?? Infinity);
    expect([one.losses(), other.losses()]).toEqual([0, 0]);

    const again = follow(first, "work");
    await other.giveBack();
    await vi.waitFor(() => expect(again.isHeld()).toBe(true), PATIENT);
    expect(again.taken[0]?.epoch).toBeGreaterThan(other.taken[0]?.epoch ?? Infinity);
    await Promise.all([again.giveBack(), apart.giveBack()]);
  });

  it("are not taken by one who has stopped waiting", async () => {
    const { first, second } = await make();
    const one = follow(first, "work");
    await vi.waitFor(() => expect(one.isHeld()).toBe(true), PATIENT);
    const waiting = follow(second, "work");
    await waiting.giveBack();
    await one.giveBack();
    const next = follow(first, "work");
    await vi.waitFor(() => expect(next.isHeld()).toBe(true), PATIENT);
    expect(waiting.taken).toEqual([]);
    await next.giveBack();
  });
}
