import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { files } from "../../../src/adapters/stores/file/storage-file.ts";
import type { PairingStore } from "../../../src/core/index.ts";
import { deviceOf, entry, inviteOf, NOON, sessionOf } from "../../contracts/pairing-store.ts";
import { EVERY_CASE } from "../../sampled.ts";
import { auditLines, crashCopy, everything, freshFolder, JOURNAL, openIn, read } from "./folder.ts";

type Call = "write" | "writeNow" | "fdatasync" | "fsync" | "ftruncate" | "rename" | "open" | "statNow";

afterEach(() => {
  vi.restoreAllMocks();
});

/** Makes the `first`th of these calls fail, and the `length - 1` calls after it. */
function breakDisk(call: Call, code: string, first: number, length: number): void {
  let number = 0;
  const real = files[call] as (...input: unknown[]) => unknown;
  const atOnce = call.endsWith("Now");
  vi.spyOn(files, call).mockImplementation(((...input: unknown[]) => {
    number += 1;
    if (number < first || number >= first + length) return real(...input);
    const fault = Object.assign(new Error(`made up for ${call}`), { code });
    if (atOnce) throw fault;
    return Promise.reject(fault);
  }) as never);
}

const add = async (store: PairingStore, id: string) =>
  store.addInvite({ ...inviteOf(sessionOf(id)), at: NOON, audit: [entry("send_sms_invite")] });

async function filled(folder: string): Promise<PairingStore> {
  const store = await openIn(folder);
  for (const id of ["1", "2"]) {
    await add(store, id);
    await store.acceptInvite({
      codeHash: `code-${id}`,
      device: deviceOf(id, `jti-${id}`, { sessionId: `session-${id}` }),
      at: () => NOON,
      audit: [entry()],
    });
  }
  await store.revokeDevice({ userId: "ada", deviceId: "2", at: NOON, audit: [entry("revoke_device")] });
  return store;
}

/** Adds invites three at a time and returns which were acknowledged; the rest must have been rejected properly. */
async function addMany(store: PairingStore, prefix: string, rounds: number): Promise<string[]> {
  const acknowledged: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ids = [0, 1, 2].map((index) => `${prefix}-${round}-${index}`);
    for (const [index, outcome] of (await Promise.allSettled(ids.map(async (id) => add(store, id)))).entries()) {
      if (outcome.status === "fulfilled") acknowledged.push(ids[index]!);
      else expect(outcome.reason).toMatchObject({ code: "storage_unavailable" });
    }
  }
  return acknowledged;
}

async function codesIn(store: PairingStore): Promise<string[]> {
  return (await store.listSessions()).map((session) => session.codeHash.replace("code-", "")).sort();
}

async function writable(store: PairingStore): Promise<void> {
  await expect
    .poll(
      async () =>
        store.checkWritable().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000, interval: 5 },
    )
    .toBe(true);
}

const calls: readonly Call[] = ["write", "writeNow", "fdatasync", "fsync", "ftruncate", "rename", "open", "statNow"];
const jti = ["jti-1", "jti-2"];

describe.each(calls)("when %s fails", (call) => {
  it.each(["EIO", "ENOSPC", "EROFS", "EMFILE"])(
    "with %s, once or for a while, what was acknowledged is there and nothing else is",
    async (code) => {
      for (const length of [1, 4]) {
        // What differs between the codes is how the first failure of a kind of call is taken.
        for (let first = 1; first <= (EVERY_CASE || code === "EIO" ? 5 : 2); first += 1) {
          const folder = freshFolder();
          const store = await filled(folder);
          breakDisk(call, code, first, length);
          const acknowledged = ["1", "2", ...(await addMany(store, "a", 4))];
          expect(await codesIn(store)).toEqual([...acknowledged].sort());
          expect((await store.findByTokenId("jti-2")).revoked).toBe(true);
          vi.restoreAllMocks();
          expect(await codesIn(await openIn(crashCopy(folder)))).toEqual([...acknowledged].sort());

          await writable(store);
          acknowledged.push(...(await addMany(store, "b", 1)));
          const expected = await everything(store, jti);
          expect(await everything(await openIn(crashCopy(folder)), jti)).toEqual(expected);
          breakDisk(call, code, first, length);
          await store.close();
          vi.restoreAllMocks();
          const again = await openIn(folder);
          expect(await everything(again, jti)).toEqual(expected);
          expect(await codesIn(again)).toEqual([...acknowledged].sort());
          const lines = auditLines(folder);
          expect(lines.map((line) => line["seq"])).toEqual(lines.map((_, index) => index + 1));
          expect(lines).toHaveLength(acknowledged.length + 3);
          await again.close();
          expect(readdirSync(folder).filter((name) => name.endsWith("draft") || name.endsWith("lock"))).toEqual([]);
        }
      }
    },
  );
});

describe("a disk that takes less than it is given", () => {
  it("gets the rest in further writes", async () => {
    const real = files.write as (...input: unknown[]) => Promise<{ bytesWritten: number }>;
    const realNow = files.writeNow as (...input: unknown[]) => number;
    vi.spyOn(files, "write").mockImplementation((async (fd: number, bytes: Uint8Array, offset: number, length: number, position: number) =>
      real(fd, bytes, offset, Math.min(length, 100), position)) as never);
    vi.spyOn(files, "writeNow").mockImplementation(((fd: number, bytes: Uint8Array, offset: number, length: number, position: number) =>
      realNow(fd, bytes, offset, Math.min(length, 100), position)) as never);
    const folder = freshFolder();
    const store = await filled(folder);
    const acknowledged = await addMany(store, "a", 3);
    expect(acknowledged).toHaveLength(9);
    const expected = await everything(store, jti);
    expect(await everything(await openIn(crashCopy(folder)), jti)).toEqual(expected);
    await store.close();
    expect(await everything(await openIn(folder), jti)).toEqual(expected);
  });
});

describe("a write that ends in the middle", () => {
  it("leaves nothing behind, and costs no text message", async () => {
    const folder = freshFolder();
    const store = await filled(folder);
    const before = read(folder, JOURNAL);
    const real = files.writeNow as (...input: unknown[]) => number;
    let number = 0;
    vi.spyOn(files, "writeNow").mockImplementation(((fd: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
      number += 1;
      if (number > 1) throw Object.assign(new Error("full"), { code: "ENOSPC" });
      return real(fd, bytes, offset, length >> 1, position);
    }) as never);
    const budget = { perNumberPerTenMinutes: 1, perNumberPerDay: 1, perDay: 10 };
    const send = async () => store.addInvite({ ...inviteOf(sessionOf("3", { phoneNumber: "+14155550103" })), budget, at: NOON, audit: [] });
    await expect(send()).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(read(folder, JOURNAL)).toBe(before);
    vi.restoreAllMocks();
    expect(await send()).toEqual({ kind: "added" });
  });
});

describe("a sync that fails", () => {
  it("is never asked again as if nothing had been: the journal is replaced first", async () => {
    const folder = freshFolder();
    const store = await filled(folder);
    breakDisk("fdatasync", "EIO", 1, 1);
    await expect(add(store, "lost")).rejects.toMatchObject({ code: "storage_unavailable" });
    const renamed = vi.spyOn(files, "rename");
    await add(store, "kept");
    expect(renamed.mock.calls.map(([, to]) => String(to).slice(folder.length + 1))).toEqual([
      "phone_outbox.json",
      "pairing_sessions.json",
      "paired_devices.json",
      "revoked_jti.json",
      "pairing_journal.jsonl",
    ]);
    expect(await codesIn(await openIn(crashCopy(folder)))).toEqual(["1", "2", "kept"]);
  });
});

describe("a quota that is full", () => {
  it.each([
    ["Node.js 20", { code: "Unknown system error -122", errno: -122 }],
    ["a later Node.js", { code: "EDQUOT", errno: -122 }],
  ])("is a full disk, as %s calls it: a phone is revoked, everything else is refused", async (_, error) => {
    const folder = freshFolder();
    const store = await filled(folder);
    const reserve = path.join(folder, "pairing.reserve");
    await expect.poll(() => statSync(reserve).size, { timeout: 30_000 }).toBe(1 << 20);
    const real = files.writeNow as (...input: unknown[]) => number;
    vi.spyOn(files, "writeNow").mockImplementation(((...input: unknown[]) => {
      if (statSync(reserve).size === 1 << 20) throw Object.assign(new Error("quota"), error);
      return real(...input);
    }) as never);
    vi.spyOn(files, "write").mockRejectedValue(Object.assign(new Error("quota"), error));
    await expect(add(store, "a")).rejects.toMatchObject({ code: "storage_unavailable", note: "EDQUOT" });
    const revoked = await store.revokeDevice({ userId: "ada", deviceId: "1", at: NOON, audit: [] });
    expect(revoked).toMatchObject({ status: "revoked" });
    await expect(add(store, "b")).rejects.toMatchObject({ code: "storage_unavailable", note: "EDQUOT" });
  });
});

describe("a file that another program opened for a moment", () => {
  it("is renamed a little later, at the very first start as well", async () => {
    const real = files.rename as (...input: unknown[]) => Promise<void>;
    const refused = new Set<unknown>();
    vi.spyOn(files, "rename").mockImplementation((async (from: unknown, to: unknown) => {
      if (!refused.has(to)) {
        refused.add(to);
        throw Object.assign(new Error("in use"), { code: "EPERM" });
      }
      return real(from, to);
    }) as never);
    const folder = freshFolder();
    const store = await openIn(folder);
    expect(refused.size).toBe(4);
    expect(await add(store, "1")).toEqual({ kind: "added" });
  });
});
