import { expect, it, vi } from "vitest";
import type { PhoneConnections } from "../../src/core/index.ts";
import { PATIENT } from "./leases.ts";

/** The connections at two servers that share a storage; of one server they are the same. */
export interface MadeConnections {
  readonly first: PhoneConnections;
  readonly second: PhoneConnections;
}

const PHONE = { userId: "ada", deviceId: "phone" };
const OTHER = { userId: "ada", deviceId: "other \u0000 \ud800" };

/** A connection whose end the test decides. */
export function connection() {
  let ended = (): void => undefined;
  const end = vi.fn(
    async () =>
      new Promise<void>((resolve) => {
        ended = resolve;
      }),
  );
  return { end, hasEnded: () => ended() };
}

/** What every adapter promises. */
export function phoneConnectionsContract(make: () => Promise<MadeConnections>): void {
  it("are one for each phone: the former one is ended, and the next waits until it has ended", async () => {
    const { first, second } = await make();
    const [one, next, apart] = [connection(), connection(), connection()];
    await first.open(PHONE, one.end);
    await first.open(OTHER, apart.end);
    let opened = false;
    const opening = second.open(PHONE, next.end).then(() => {
      opened = true;
    });
    await vi.waitFor(() => expect(one.end).toHaveBeenCalledOnce(), PATIENT);
    expect(opened).toBe(false);
    one.hasEnded();
    await opening;
    expect([one.end, next.end, apart.end].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
  });

  it("of which any number are opened at once leave one, the last", async () => {
    const { first, second } = await make();
    const open = new Set<number>();
    const ended: number[] = [];
    await Promise.all(
      Array.from({ length: 12 }, async (_, index) => {
        const server = index % 2 === 0 ? first : second;
        open.add(index);
        await server.open(PHONE, async () => {
          open.delete(index);
          ended.push(index);
        });
      }),
    );
    await vi.waitFor(() => expect(open.size).toBe(1), PATIENT);
    expect(new Set(ended).size).toBe(11);
    expect(ended).toHaveLength(11);
  });

  it("that end by themselves are over for everybody, and the next one ends nothing", async () => {
    const { first, second } = await make();
    const [one, next] = [vi.fn(async () => undefined), vi.fn(async () => undefined)];
    expect(await second.isOpen(PHONE)).toBe(false);
    const ended = await first.open(PHONE, one);
    expect([await first.isOpen(PHONE), await second.isOpen(PHONE), await second.isOpen(OTHER)]).toEqual([true, true, false]);
    await ended();
    expect([await first.isOpen(PHONE), await second.isOpen(PHONE)]).toEqual([false, false]);
    await second.open(PHONE, next);
    await ended();
    expect([one, next].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    expect(await first.isOpen(PHONE)).toBe(true);
  });
}
