import path from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { openDraft } from "../../../src/adapters/stores/draft.ts";
import { writeCheckpoint } from "../../../src/adapters/stores/file/checkpoint.ts";
import { pathsIn } from "../../../src/adapters/stores/file/folder.ts";
import { sessionRecord } from "../../../src/adapters/stores/file/records.ts";
import { takeSnapshot } from "../../../src/adapters/stores/file/snapshot.ts";
import { writeRecords } from "../../../src/adapters/stores/file/write-records.ts";
import { createLedger, type Ledger } from "../../../src/adapters/stores/ledger.ts";
import { putDevice, putSession } from "../../../src/adapters/stores/ledger-put.ts";
import { ledgerStore } from "../../../src/adapters/stores/ledger-store.ts";
import { DAY, type Device, type PairingSession } from "../../../src/core/index.ts";
import type { Submit } from "../../../src/core/store/index.ts";
import { deviceOf, messageOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { FILES, freshFolder, openIn } from "./folder.ts";

const MANY = 40_000;
const MAX_COPIED = 16_384;
const MAX_WORKED = 1024;

/** Counts the records handled within one turn of the event loop. */
function counter() {
  let count = 0;
  let most = 0;
  let turns = 0;
  const note = (): void => {
    count += 1;
    most = Math.max(most, count);
  };
  return {
    note,
    nextTurn: async (): Promise<void> => {
      turns += 1;
      count = 0;
    },
    most: () => most,
    turns: () => turns,
  };
}

class CountingMap<Key, Value> extends Map<Key, Value> {
  note: () => void = () => undefined;
  override *values(): MapIterator<Value> {
    for (const value of super.values()) {
      this.note();
      yield value;
    }
  }
  override *[Symbol.iterator](): MapIterator<[Key, Value]> {
    for (const entry of super[Symbol.iterator]()) {
      this.note();
      yield entry;
    }
  }
  override delete(key: Key): boolean {
    this.note();
    return super.delete(key);
  }
}

/** Everything in it ended long ago. */
function largeLedger(): Ledger & { readonly sessions: CountingMap<string, PairingSession>; readonly devices: CountingMap<string, Device> } {
  const ledger = {
    ...createLedger(),
    sessions: new CountingMap<string, PairingSession>(),
    devices: new CountingMap<string, Device>(),
    revoked: new CountingMap<string, number>(),
  };
  for (let index = 0; index < MANY; index += 1) {
    const createdAt = NOON + index;
    putSession(ledger, sessionOf(String(index), { status: "expired", createdAt, expiresAt: createdAt }));
    putDevice(ledger, deviceOf(String(index), `jti-${index}`, { status: "revoked", revokedAt: createdAt, pairedAt: createdAt }));
    ledger.revoked.set(`jti-${index}`, 1);
  }
  return ledger;
}

const submitTo =
  (ledger: Ledger): Submit =>
  async (decision, change) => {
    const draft = openDraft(ledger, () => undefined);
    const answer = decision.decide(draft, change);
    draft.merge();
    return answer;
  };

describe("work over very many records lets others go on", () => {
  it("when a checkpoint takes what is to be written", async () => {
    const ledger = largeLedger();
    const { note, nextTurn, most, turns } = counter();
    ledger.sessions.note = note;
    ledger.devices.note = note;
    const snapshot = await takeSnapshot(ledger, 7, nextTurn);
    expect([snapshot.seq, snapshot.sessions.length, snapshot.devices.length, snapshot.revoked.length]).toEqual([7, MANY, MANY, MANY]);
    expect(most()).toBeLessThanOrEqual(MAX_COPIED);
    expect(turns()).toBeGreaterThanOrEqual(Math.floor((3 * MANY) / MAX_COPIED));
  });

  it("when a checkpoint writes, and forgets what is past its retention, phones' messages as well", async () => {
    const ledger = largeLedger();
    const store = ledgerStore(ledger, submitTo(ledger));
    // One message to many phones, and many to one.
    const all = Array.from({ length: 5000 }, (_, index) => phone(`phone-${index}`));
    for (const { userId, deviceId } of all) putDevice(ledger, deviceOf(deviceId, `token-${deviceId}`, { userId }));
    await store.sendMessage({ message: messageOf("all"), to: all, at: NOON, audit: [] });
    for (let index = 0; index < 5000; index += 1)
      await store.sendMessage({ message: messageOf(String(index)), to: [phone("phone-0")], at: NOON, audit: [] });
    const { note, nextTurn, most } = counter();
    const { forget } = ledger.outbox;
    Object.assign(ledger.outbox, {
      *forget(message: Parameters<typeof forget>[0]) {
        for (const _ of forget(message)) {
          note();
          yield;
        }
      },
    });
    const snapshot = await takeSnapshot(ledger, 7, nextTurn);
    ledger.sessions.note = note;
    ledger.devices.note = note;
    const later = NOON + 400 * DAY;
    await writeCheckpoint(pathsIn(freshFolder()), ledger, snapshot, later, { sessions: 90, devices: 365 }, { nextTurn });
    expect(most()).toBeLessThanOrEqual(MAX_WORKED);
    expect([ledger.sessions.size, ledger.devices.size, ledger.revoked.size]).toEqual([0, all.length, 0]);
    expect([...ledger.outbox.messages()]).toEqual([]);
    expect(await store.readInbox({ ...phone("phone-0"), since: 0, most: 10, at: NOON })).toMatchObject({ messages: [], lastSeq: 5001 });
  });

  it("when a list is read as a whole, or page after page", async () => {
    const ledger = largeLedger();
    for (let index = 0; index < MANY; index += 1)
      putDevice(ledger, deviceOf(`active-${index}`, `token-${index}`, { pairedAt: NOON + MANY + index }));
    const { note, nextTurn, most } = counter();
    const store = ledgerStore(ledger, submitTo(ledger), nextTurn);
    const counting = <Key, Value>(map: Map<Key, Value>): void => {
      const get = map.get.bind(map);
      map.get = (key) => {
        note();
        return get(key);
      };
    };
    counting(ledger.sessions);
    counting(ledger.devices);
    const sessions = await store.listSessions();
    expect([sessions.length, sessions[0]?.sessionId, sessions.at(-1)?.sessionId]).toEqual([MANY, `session-${MANY - 1}`, "session-0"]);
    expect(await store.listDevices()).toHaveLength(2 * MANY);
    expect(await store.listActiveDevices()).toHaveLength(MANY);
    expect(await store.listActiveDevices("ada")).toHaveLength(MANY);
    let after: Awaited<ReturnType<typeof store.pageOfSessions>>["next"];
    let found = 0;
    do {
      const page = await store.pageOfSessions({ most: 200, at: NOON, ...(after ? { after } : {}) });
      found += page.items.length;
      after = page.next;
    } while (after);
    expect(found).toBe(MANY);
    expect(most()).toBeLessThanOrEqual(MAX_WORKED + 200);
  });
});

it("subscriptions of very many phones whose tokens ended are dropped a part at a time, the first to end first", async () => {
  const ledger = createLedger();
  for (let index = 0; index < 3000; index += 1) {
    const push = { endpoint: `https://push.example.com/${index}`, p256dh: "p", auth: "a" };
    putDevice(ledger, deviceOf(`phone-${index}`, `jti-${index}`, { push, expiresAt: NOON + index }));
  }
  const store = ledgerStore(ledger, submitTo(ledger));
  const dropped: string[] = [];
  for (let sweeps = 0; sweeps < 3; sweeps += 1) {
    for (const { userId, deviceId, jti } of await store.listEndedSubscriptions(NOON + 2900)) {
      expect(await store.keepSubscription({ userId, deviceId, jti, at: NOON, audit: [] })).toBe(true);
      dropped.push(deviceId);
    }
    expect(dropped).toHaveLength(Math.min((sweeps + 1) * MAX_WORKED, 2901));
  }
  expect(dropped).toEqual(Array.from({ length: 2901 }, (_, index) => `phone-${index}`));
});

it.each([100, 10_000])("a push subscription reads the phones of its endpoint alone, of %i phones", async (phones) => {
  const devices = new CountingMap<string, Device>();
  const ledger = { ...createLedger(), devices };
  const push = (endpoint: string) => ({ endpoint, p256dh: "B", auth: "A", endsAt: NOON });
  for (let index = 0; index < phones; index += 1)
    putDevice(ledger, deviceOf(`phone-${index}`, `jti-${index}`, { push: push(`https://push.test/${index}`) }));
  const store = ledgerStore(ledger, submitTo(ledger));
  let reads = 0;
  devices.note = () => {
    reads += 1;
  };
  const get = devices.get.bind(devices);
  devices.get = (key) => {
    reads += 1;
    return get(key);
  };
  const subscription = push("https://push.test/1");
  expect(await store.keepSubscription({ ...phone("phone-0"), jti: "jti-0", subscription, at: NOON, audit: [] })).toBe(true);
  expect(reads).toBeLessThan(20);
  expect((await store.findDevices("phone-0"))[0]?.push).toEqual(subscription);
  expect((await store.findDevices("phone-1"))[0]?.push).toBeUndefined();
});

it("a change that comes while a checkpoint takes what there is waits for that alone, and reads wait for nothing", async () => {
  const folder = freshFolder();
  await (await openIn(folder)).close();
  const sessions = Array.from({ length: MANY }, (_, index) =>
    sessionOf(`old-${index}`, { status: "expired", createdAt: NOON - MANY + index }),
  );
  await writeRecords(path.join(folder, FILES[0]), `"seq":0,"audit_seq":0`, "sessions", sessions, sessionRecord, () => false);
  let reached: () => void = () => undefined;
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (reached = resolve));
  const released = new Promise<void>((resolve) => (goOn = resolve));
  const nextTurn = async (): Promise<void> => {
    reached();
    await released;
    await turn();
  };
  const store = await openIn(folder, undefined, () => NOON, { largeStateBytes: Number.POSITIVE_INFINITY, nextTurn });
  await store.addInvite({ session: sessionOf("before"), at: NOON, audit: [] });
  await held;
  let answered = false;
  const change = store.addInvite({ session: sessionOf("meanwhile"), at: NOON, audit: [] }).then(() => (answered = true));
  for (let turns = 0; turns < 50; turns += 1) await turn();
  expect((await store.findSession("session-before"))?.status).toBe("pending");
  expect(answered).toBe(false);
  goOn();
  await change;
  await store.close();
  const again = await openIn(folder);
  for (const id of ["before", "meanwhile"]) expect((await again.findSession(`session-${id}`))?.status).toBe("pending");
  expect(await again.listSessions()).toHaveLength(MANY + 2);
});
