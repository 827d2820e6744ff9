import fs, { readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import os, { hostname } from "node:os";
import path from "node:path";
import timers from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openFileStore } from "../../../src/adapters/stores/file/file-store.ts";
import { files } from "../../../src/adapters/stores/file/storage-file.ts";
import { entry, inviteOf, NOON, sessionOf } from "../../contracts/pairing-store.ts";
import { crashCopy, freshFolder, JOURNAL, openIn, testLog } from "./folder.ts";

const realDelay = timers.setTimeout;
const waits: number[] = [];
let whileWaiting: () => void = () => undefined;

/** The lock's waits end at once; `work` runs in each. */
function skipWaits(work: () => void = () => undefined): void {
  whileWaiting = work;
  vi.spyOn(timers, "setTimeout").mockImplementation((async (ms: number, ...rest: []) => {
    waits.push(ms);
    whileWaiting();
    return realDelay(0, ...rest);
  }) as never);
  syncBuiltinESMExports();
}

afterEach(() => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  waits.length = 0;
});

/** A folder with changes in its journal, whose lock names a process on a computer with the same host name, started at another time. */
async function folderOfNamesake(): Promise<{ readonly folder: string; readonly lock: string; readonly text: string }> {
  const before = freshFolder();
  const store = await openIn(before);
  await store.addInvite({ ...inviteOf(sessionOf("1")), at: NOON, audit: [entry("send_sms_invite")] });
  const folder = crashCopy(before);
  await store.close();
  const lock = path.join(folder, "pairing.lock");
  const text = `${JSON.stringify({ pid: process.pid, boot: "another", host: hostname() })}\n`;
  writeFileSync(lock, text);
  return { folder, lock, text };
}

describe("the lock of a computer with the same name and another boot", () => {
  it("is left to it while it is touched", async () => {
    const { folder, lock, text } = await folderOfNamesake();
    let touches = 0;
    skipWaits(() => utimesSync(lock, new Date(), NOON / 1000 + ++touches));
    await expect(openIn(folder)).rejects.toThrow(`held by a running process elsewhere (pid ${process.pid} on ${hostname()})`);
    expect(readFileSync(lock, "utf8")).toBe(text);
  });

  it("is taken over when it is not, after the time for other computers, with a new journal file", async () => {
    const { folder } = await folderOfNamesake();
    const former = statSync(path.join(folder, JOURNAL)).ino;
    // Kept open, so that its inode is not reused.
    const fd = fs.openSync(path.join(folder, JOURNAL), "r");
    skipWaits();
    const store = await openIn(folder);
    expect(await store.listSessions()).toHaveLength(1);
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(6000);
    expect(statSync(path.join(folder, JOURNAL)).ino).not.toBe(former);
    fs.closeSync(fd);
  });

  it("is taken over at once when it is older than this computer's start: after a power cut nobody waits", async () => {
    const { folder, lock } = await folderOfNamesake();
    const real = fs.statSync as (...input: unknown[]) => fs.Stats;
    vi.spyOn(fs, "statSync").mockImplementation(((...input: unknown[]) => {
      const found = real(...input);
      return input[0] === lock && found ? Object.assign(found, { ctimeMs: found.ctimeMs - 3_600_000 }) : found;
    }) as never);
    vi.spyOn(os, "uptime").mockReturnValue(1800);
    skipWaits();
    const store = await openIn(folder);
    expect(await store.listSessions()).toHaveLength(1);
    expect(waits).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.includes("draft"))).toEqual([]);
    await store.close();

    // Started before the lock was last touched: another computer can be alive.
    const other = await folderOfNamesake();
    vi.mocked(os.uptime).mockReturnValue(7200);
    await (await openIn(other.folder)).close();
    expect(waits).not.toEqual([]);
  });
});

describe("a holder", () => {
  const HOUR = 3_600_000;

  it.each([
    ["the wall clock", () => vi.spyOn(Date, "now").mockReturnValue(Date.now() + 7000)],
    ["the wall clock, set back", () => vi.spyOn(Date, "now").mockReturnValue(Date.now() - HOUR)],
    ["the monotonic clock", () => vi.spyOn(performance, "now").mockReturnValue(performance.now() + 7000)],
  ])("that was away by %s alone looks whose its lock is before it answers", async (_, move) => {
    const open = async (folder: string) => {
      const lost: string[] = [];
      const store = await openFileStore({
        folder,
        now: () => NOON,
        log: testLog(),
        sessionRetentionDays: 90,
        deviceRetentionDays: 365,
        auditRetentionDays: 365,
        lost: ({ message }) => void lost.push(message),
      });
      return { store, lost, lock: path.join(folder, "pairing.lock") };
    };
    const [own, taken] = [await open(freshFolder()), await open(freshFolder())];
    // The same file: enough while no time has passed.
    writeFileSync(taken.lock, `${JSON.stringify({ pid: 7, host: "another-computer" })}\n`);
    expect(await taken.store.listSessions()).toEqual([]);
    move();
    await expect(taken.store.listSessions()).rejects.toMatchObject({ code: "storage_unavailable" });
    expect(taken.lost).toEqual([expect.stringContaining("pid 7 on another-computer")]);
    expect(await own.store.listSessions()).toEqual([]);
    expect(own.lost).toEqual([]);
    vi.restoreAllMocks();
    await Promise.all([own.store.close(), taken.store.close()]);
  });
});

it("a takeover, too, waits while another program has its file open", async () => {
  const { folder, lock } = await folderOfNamesake();
  const real = files.rename as (...input: unknown[]) => Promise<void>;
  let refused = false;
  vi.spyOn(files, "rename").mockImplementation((async (from: unknown, to: unknown) => {
    if (to === lock && !refused) {
      refused = true;
      throw Object.assign(new Error("in use"), { code: "EPERM" });
    }
    return real(from, to);
  }) as never);
  skipWaits();
  const store = await openIn(folder);
  expect(refused).toBe(true);
  expect(await store.listSessions()).toHaveLength(1);
});

it("a takeover is given up when the holder comes back before it is done", async () => {
  const { folder, lock, text } = await folderOfNamesake();
  const real = files.rename as (...input: unknown[]) => Promise<void>;
  let touches = 0;
  const touch = (): void => utimesSync(lock, new Date(), NOON / 1000 + ++touches);
  vi.spyOn(files, "rename").mockImplementation((async (from: unknown, to: unknown) => {
    if (to !== lock || touches > 0) return real(from, to);
    touch();
    throw Object.assign(new Error("in use"), { code: "EPERM" });
  }) as never);
  skipWaits(() => {
    if (touches > 0) touch();
  });
  await expect(openIn(folder)).rejects.toThrow(`held by a running process elsewhere (pid ${process.pid} on ${hostname()})`);
  expect(readFileSync(lock, "utf8")).toBe(text);
  expect(readdirSync(folder).filter((name) => name.includes("draft") || name.includes("turn"))).toEqual([]);
});
