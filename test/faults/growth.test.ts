import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterAll, expect, it } from "vitest";
import { writeRecords } from "../../src/adapters/stores/file/checkpoint.ts";
import { openFileStore } from "../../src/adapters/stores/file/file-store.ts";
import { sessionRecord } from "../../src/adapters/stores/file/records.ts";
import type { Log, PairingStore, Session } from "../../src/core/index.ts";
import { NOON, sessionOf } from "../contracts/pairing-store.ts";
import { howMany, say } from "./figures.ts";

const SESSIONS = howMany("FAULTS_SESSIONS", 1_000_000);
const MEGABYTE = 1024 * 1024;

const silent: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const folder = mkdtempSync(path.join(tmpdir(), "topdog-growth-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function open(): Promise<PairingStore> {
  const retention = { sessionRetentionDays: 90, deviceRetentionDays: 365, auditRetentionDays: 365 };
  return openFileStore({ folder, now: () => NOON, log: silent, ...retention });
}

function* finishedSessions(): Generator<Session> {
  for (let index = 0; index < SESSIONS; index += 1) {
    const createdAt = NOON - SESSIONS + index;
    const code = `code-${String(index).padStart(38, "0")}`;
    yield sessionOf(String(index).padStart(8, "0"), {
      codeHash: code,
      status: "expired",
      createdAt,
      expiresAt: createdAt,
      sentAt: [createdAt],
    });
  }
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
  await (await open()).close();
  const file = path.join(folder, "pairing_sessions.json");
  await writeRecords(file, `"seq":0,"audit_seq":0`, "sessions", finishedSessions(), sessionRecord, () => false);
  const began = performance.now();
  const store = await open();
  const start = performance.now() - began;
  say(
    `growth: ${(statSync(file).size / MEGABYTE).toFixed(0)} MB read in ${start.toFixed(0)} ms, RSS ${(process.memoryUsage.rss() / MEGABYTE).toFixed(0)} MB`,
  );

  const page = await held(async () => store.pageOfSessions({ at: NOON, most: 200 }));
  const search = await held(async () => store.pageOfSessions({ at: NOON, most: 200, filter: { text: "nobody" } }));
  const inode = statSync(file).ino;
  const change = await held(async () => store.addInvite({ session: sessionOf("new"), at: NOON, audit: [] }));
  const stop = await held(async () => store.close());
  for (const [what, { ms, most }] of Object.entries({ page, search, change, stop }))
    say(`growth: ${what} ${ms.toFixed(0)} ms, event loop held for at most ${most.toFixed(1)} ms`);
  expect(statSync(file).ino).toBe(inode);
  expect(stop.ms).toBeLessThan(5000);
  const again = await open();
  expect((await again.findSession("session-new"))?.status).toBe("pending");
  await again.close();
});
