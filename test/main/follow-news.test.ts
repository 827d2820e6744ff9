import { expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import type { Alert, ChangeEvent, Device, Pairing, WaitingPhone } from "../../src/core/index.ts";
import { followAlerts } from "../../src/main/follow-alerts.ts";
import { followApprovals } from "../../src/main/follow-approvals.ts";
import { followClaims } from "../../src/main/follow-claims.ts";
import { followMessages } from "../../src/main/follow-messages.ts";
import { followPhones } from "../../src/main/follow-phones.ts";
import { deviceOf, NOON, sessionOf } from "../contracts/pairing-store.ts";

/** A server whose reads fail when the test says so. */
function world() {
  const registered: ((item: ChangeEvent) => void)[] = [];
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
    findText: async () => undefined,
    now: () => 0,
    listen(listener: (item: ChangeEvent) => void) {
      registered.push(listener);
      return () => void registered.splice(registered.indexOf(listener), 1);
    },
  };
  const emit = async (item: ChangeEvent): Promise<void> => {
    for (const listener of [...registered]) listener(item);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { pairing, emit, breakIt: (now: boolean) => (broken = now), reads: () => reads, listeners: () => registered.length };
}

it.each(["approvals", "devices", "invites"] as const)(
  "a failed read of %s is reported, and the next event is read all the same",
  async (item) => {
    const { pairing, emit, breakIt, reads, listeners } = world();
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
    await emit(item);
    expect(faults).toEqual([new Error("the disk is away"), new Error("the disk is away")]);
    breakIt(false);
    await emit(item);
    expect([reads(), faults.length]).toEqual([3, 2]);
    stop();
    expect(listeners()).toBe(0);
  },
);

it("each alert is reported once, the oldest first; those from before are not", () => {
  const registered: ((item: ChangeEvent) => void)[] = [];
  const alerts = [{ id: "before" } as Alert];
  const reported: string[] = [];
  const pairing = {
    recentAlerts: () => alerts,
    listen(listener: (item: ChangeEvent) => void) {
      registered.push(listener);
      return () => void registered.splice(registered.indexOf(listener), 1);
    },
  };
  const stop = followAlerts(pairing, ({ id }) => reported.push(id));
  const emit = (): void => {
    for (const listener of registered) listener("invites");
  };
  emit();
  alerts.unshift({ id: "second" } as Alert, { id: "first" } as Alert);
  emit();
  emit();
  alerts.unshift({ id: "third" } as Alert);
  emit();
  expect(reported).toEqual(["first", "second", "third"]);
  stop();
  expect(registered).toEqual([]);
});

it("phones are followed page by page, and all changes during a read are read together", async () => {
  const store = createMemoryStore();
  const pair = async (id: string, jti: string): Promise<void> => {
    await store.addInvite({ session: sessionOf(jti), at: NOON, audit: [] });
    await store.acceptInvite({ codeHash: `code-${jti}`, device: deviceOf(id, jti), at: () => NOON, audit: [] });
  };
  for (let index = 0; index < 500; index += 1) await pair(`phone-${index}`, `first-${index}`);
  let pages = 0;
  let emit: (item: ChangeEvent) => void = () => undefined;
  const pairing = {
    async pageOfDevices(question: Parameters<Pairing["pageOfDevices"]>[0]) {
      pages += 1;
      return store.pageOfDevices({ ...question, at: NOON });
    },
    listen(listener: typeof emit) {
      emit = listener;
      return () => undefined;
    },
  };
  const reported: string[] = [];
  const say =
    (what: string) =>
    ({ deviceId }: Device): void =>
      void reported.push(`${what} ${deviceId}`);
  followPhones(pairing, { paired: say("paired"), revoked: say("revoked"), failed: (cause) => reported.push(String(cause)) });
  await expect.poll(() => pages).toBe(3);

  await store.revokeDevice({ userId: "ada", deviceId: "phone-0", at: NOON, audit: [] });
  await store.revokeDevice({ userId: "ada", deviceId: "phone-499", at: NOON, audit: [] });
  await pair("phone-7", "again");
  await pair("phone-new", "new");
  for (let news = 0; news < 1000; news += 1) emit("devices");
  await expect.poll(() => reported.toSorted()).toEqual(["paired phone-7", "paired phone-new", "revoked phone-0", "revoked phone-499"]);

  const { items } = await store.pageOfDevices({ filter: { deviceId: "phone-0" }, most: 1, at: NOON });
  await store.forget({ devices: items, sessions: [], retentionNow: NOON, at: NOON, audit: [] });
  emit("devices");
  await expect.poll(() => pages).toBe(9);
  await pair("phone-0", "back");
  emit("devices");
  await expect.poll(() => reported.at(-1)).toBe("paired phone-0");
  expect([reported.length, pages]).toEqual([5, 12]);
});

it("each phone that begins to wait for its digits is reported once", async () => {
  const session = sessionOf("invite");
  const phone = (claimId: string): WaitingPhone => ({
    session,
    claim: {
      claimId,
      secretHash: "",
      digits: "47",
      claimedAt: NOON,
      expiresAt: NOON + 120_000,
      phone: { deviceId: claimId, deviceName: claimId, deviceType: "ios", osVersion: "18", appVersion: "web" },
      caller: {},
    },
  });
  let waiting: readonly WaitingPhone[] | Error = [phone("before")];
  const { pairing, emit } = world();
  const reported: string[] = [];
  const stop = followClaims(
    {
      listen: pairing.listen,
      async listClaims() {
        if (waiting instanceof Error) throw waiting;
        return waiting;
      },
    },
    ({ claim }) => reported.push(claim.claimId),
    (cause) => reported.push(String(cause)),
  );
  for (const next of [
    [phone("before")],
    [phone("a"), phone("before")],
    [phone("a"), phone("b")],
    new Error("away"),
    [phone("a"), phone("b")],
    [],
  ]) {
    waiting = next;
    await emit("invites");
    await emit("devices");
  }
  expect(reported).toEqual(["a", "b", "Error: away"]);
  stop();
  waiting = [phone("c")];
  await emit("invites");
  expect(reported).toHaveLength(3);
});
