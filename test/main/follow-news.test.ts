import { expect, it } from "vitest";
import type { NewsItem } from "../../src/core/index.ts";
import { followApprovals } from "../../src/main/follow-approvals.ts";
import { followMessages } from "../../src/main/follow-messages.ts";
import { followPhones } from "../../src/main/follow-phones.ts";

/** A server whose reads fail when the test says so. */
function world() {
  const heard: ((item: NewsItem) => void)[] = [];
  let broken = false;
  let reads = 0;
  const read = async (): Promise<never[]> => {
    reads += 1;
    if (broken) throw new Error("the disk is away");
    return [];
  };
  const pairing = {
    listApprovals: read,
    pageOfDevices: async () => ({ items: await read() }),
    listRecentSessions: read,
    now: () => 0,
    listen(listener: (item: NewsItem) => void) {
      heard.push(listener);
      return () => void heard.splice(heard.indexOf(listener), 1);
    },
  };
  const tell = async (item: NewsItem): Promise<void> => {
    for (const listener of [...heard]) listener(item);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pairing, tell, breakIt: (now: boolean) => (broken = now), reads: () => reads, listeners: () => heard.length };
}

it.each(["approvals", "devices", "invites"] as const)(
  "a read of %s that fails is told, and the next news are read all the same",
  async (item) => {
    const { pairing, tell, breakIt, reads, listeners } = world();
    const faults: unknown[] = [];
    const failed = (cause: unknown): void => void faults.push(cause);
    const nothing = (): void => undefined;
    breakIt(true);
    const stop =
      item === "approvals"
        ? followApprovals(pairing, { waiting: nothing, answered: nothing, failed })
        : item === "devices"
          ? followPhones(pairing, { paired: nothing, revoked: nothing, failed })
          : followMessages(pairing, nothing, failed);
    await tell(item);
    expect(faults).toEqual([new Error("the disk is away"), new Error("the disk is away")]);
    breakIt(false);
    await tell(item);
    expect([reads(), faults.length]).toEqual([3, 2]);
    stop();
    expect(listeners()).toBe(0);
  },
);
