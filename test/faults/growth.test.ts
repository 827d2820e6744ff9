import { createHash } from "node:crypto";
import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, readSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, expect, it } from "vitest";
import { openFileStore } from "../../src/adapters/stores/file/file-store.ts";
import { sessionRecord } from "../../src/adapters/stores/file/records.ts";
import { writeRecords } from "../../src/adapters/stores/file/write-records.ts";
import type { Log, PairingSession, PairingStore } from "../../src/core/index.ts";
import { sessionOf } from "../contracts/pairing-store.ts";
import { freshHome, type Headless, startHeadless } from "../e2e/headless.ts";
import { ask } from "./ask.ts";
import { howMany, say } from "./figures.ts";
import { storageOf, WIDE } from "./world.ts";

const SESSIONS = howMany("FAULTS_SESSIONS", 1_000_000);
const MEGABYTE = 1024 * 1024;
/** Five seconds of a start, where reading and parsing a million lines and no more takes 1.15. */
const MAX_START = 5 / 1.15;
/** Kernel ticks per second, as every Linux reports to processes. */
const TICKS = 100;

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const home = freshHome();
const folder = storageOf(home);
const now = Date.now();
let server: Headless | undefined;
afterAll(() => {
  server?.child.kill("SIGKILL");
  rmSync(home, { recursive: true, force: true });
});

function open(largeStateBytes?: number): Promise<PairingStore> {
  const retention = { sessionRetentionDays: 90, deviceRetentionDays: 365, auditRetentionDays: 365 };
  return openFileStore({
    folder,
    now: () => now,
    log: silent,
    ...retention,
    ...(largeStateBytes === undefined ? {} : { largeStateBytes }),
  });
}

function* finishedSessions(): Generator<PairingSession> {
  for (let index = 0; index < SESSIONS; index += 1) {
    const createdAt = now - SESSIONS + index;
    const code = `code-${String(index).padStart(38, "0")}`;
    yield sessionOf(String(index).padStart(8, "0"), {
      codeHash: code,
      status: "expired",
      createdAt,
      expiresAt: createdAt,
    });
  }
}

/** Milliseconds of this process's CPU time, the least of three: what others do on a busy machine counts little then. */
async function leastCpu(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    times.push((user + system) / 1000);
  }
  return Math.min(...times);
}

/** What no start can do without: every byte read and hashed, every line parsed. */
async function readBare(file: string): Promise<void> {
  const fd = openSync(file, "r");
  const digest = createHash("sha256");
  const piece = Buffer.alloc(MEGABYTE);
  let opened = "";
  for (let left = fstatSync(fd).size; left > 0; ) {
    const read = readSync(fd, piece);
    left -= read;
    digest.update(piece.subarray(0, read));
    const lines = (opened + piece.toString("latin1", 0, read)).split("\n");
    opened = lines.pop() ?? "";
    for (const line of lines) if (line.startsWith('{"session_id"')) JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line);
  }
  digest.digest();
  closeSync(fd);
}

/** The longest turn of the event loop during the work, in milliseconds of the main thread's CPU time. */
async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  const fd = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
  const bytes = Buffer.alloc(64);
  const cpu = (): number => Number(bytes.toString("latin1", 0, readSync(fd, bytes, 0, bytes.length, 0)).split(" ", 1)[0]) / 1e6;
  let most = 0;
  let last = cpu();
  let next: NodeJS.Immediate;
  const turn = (): void => {
    const at = cpu();
    most = Math.max(most, at - last);
    last = at;
    next = setImmediate(turn);
  };
  next = setImmediate(turn);
  await work();
  clearImmediate(next);
  closeSync(fd);
  return most;
}

/** How long the event loop was held at most, and how long it took. */
async function held(work: () => Promise<unknown>): Promise<{ readonly ms: number; readonly most: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.enable();
  const began = performance.now();
  await work();
  const ms = performance.now() - began;
  await new Promise((resolve) => setTimeout(resolve, 50));
  delay.disable();
  return { ms, most: delay.max / 1e6 };
}

it(`${SESSIONS} sessions: start, pages, a search, a small change and a stop`, async () => {
  mkdirSync(folder, { recursive: true });
  await (await open()).close();
  const file = path.join(folder, "pairing_sessions.json");
  await writeRecords(file, `"seq":0,"audit_seq":0`, "sessions", finishedSessions(), sessionRecord, () => false);
  const bare = await leastCpu(async () => readBare(file));
  let opened: PairingStore | undefined;
  const start = await leastCpu(async () => {
    await opened?.close();
    const began = performance.now();
    opened = await open();
    const took = performance.now() - began;
    say(
      `growth: ${(statSync(file).size / MEGABYTE).toFixed(0)} MB loaded in ${took.toFixed(0)} ms, RSS ${(process.memoryUsage.rss() / MEGABYTE).toFixed(0)} MB`,
    );
  });
  await opened?.close();
  opened = undefined;
  say(`growth: a start's CPU time is ${(start / bare).toFixed(1)} × that of reading and parsing alone (${bare.toFixed(0)} ms)`);
  expect(start / bare).toBeLessThan(MAX_START);

  const store = await open();
  const page = await held(async () => store.pageOfSessions({ at: now, most: 200 }));
  const search = await held(async () => store.pageOfSessions({ at: now, most: 200, filter: { text: "nobody" } }));
  const inode = statSync(file).ino;
  const change = await held(async () => store.addInvite({ session: sessionOf("new"), at: now, audit: [] }));
  const stop = await held(async () => store.close());
  for (const [what, { ms, most }] of Object.entries({ page, search, change, stop }))
    say(`growth: ${what} ${ms.toFixed(0)} ms, event loop held for at most ${most.toFixed(1)} ms`);
  expect(statSync(file).ino).toBe(inode);
  expect(stop.ms).toBeLessThan(5000);

  // Now every change is followed by a checkpoint.
  const again = await open(Number.POSITIVE_INFINITY);
  expect((await again.findSession("session-new"))?.status).toBe("pending");
  const turns: number[] = [];
  for (let round = 0; round < 2; round += 1) {
    const before = statSync(file).ino;
    const longest = await longestTurn(async () => {
      await again.appendAudit(now, { event: "key_rotated" });
      await expect.poll(() => statSync(file).ino, { timeout: 300_000, interval: 100 }).not.toBe(before);
      await expect.poll(() => statSync(path.join(folder, "pairing_journal.jsonl")).size, { timeout: 60_000 }).toBe(0);
    });
    turns.push(longest);
  }
  say(
    `growth: a checkpoint of everything holds the event loop for at most ${turns.map((most) => most.toFixed(1)).join(" and ")} ms of CPU time`,
  );
  // The lesser one: the garbage of what this test did before may be collected during the other.
  expect(Math.min(...turns)).toBeLessThan(20);
  await again.close();
});

it(`a server with ${SESSIONS} sessions starts, takes a change without writing all of them again, and stops with exit 0`, async () => {
  const file = path.join(folder, "pairing_sessions.json");
  const inode = statSync(file).ino;
  const began = performance.now();
  server = await startHeadless(home, WIDE);
  const took = performance.now() - began;
  const stat = readFileSync(`/proc/${server.child.pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const cpu = ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
  say(`growth: the server answers after ${took.toFixed(0)} ms (CPU ${cpu.toFixed(0)} ms)`);
  const { status } = await ask(server.localAddress, "POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } });
  expect(status).toBe(200);
  const { status: listed, body } = await ask(server.localAddress, "GET", "/phone/pairing/sessions?limit=200");
  expect([listed, body.sessions.length]).toEqual([200, 200]);
  // Longer than what is quiet: a checkpoint would have begun.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const asked = performance.now();
  server.child.kill("SIGTERM");
  const { code, printed } = await server.ended;
  const stop = performance.now() - asked;
  say(`growth: SIGTERM to exit ${code} in ${stop.toFixed(0)} ms`);
  expect([code, printed.includes("did not stop cleanly"), statSync(file).ino]).toEqual([0, false, inode]);
  expect(stop).toBeLessThan(5000);
});
