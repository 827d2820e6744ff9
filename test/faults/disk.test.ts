import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "../e2e/headless.ts";
import { ask } from "./ask.ts";
import { dice } from "./dice.ts";
import { howMany, say } from "./figures.ts";
import { injure } from "./strace.ts";
import { createWorld, me, nextNumber, storageOf, WIDE, type World } from "./world.ts";

const SEED = howMany("FAULTS_SEED", 20_260_115);
const WRITERS = 4;
/** One thread beside the main one, so that strace's count of calls means something. */
const ENV = { ...WIDE, UV_THREADPOOL_SIZE: "1" };
const LASTING = 600;
/** Milliseconds within which the three files are written, on a busy machine, too. */
const QUIET = 3000;
const LIMITS = 25;

const mounts = new Set<string>();
afterEach(() => {
  killServers();
  for (const mount of mounts) spawnSync("umount", ["-l", mount]);
  mounts.clear();
});

/** A disk of its own in memory; `undefined`, with a printed note, where mounting is not allowed. */
function mountDisk(size: string): string | undefined {
  const mount = mkdtempSync(path.join(tmpdir(), "topdog disk "));
  if (process.getuid?.() !== 0 || spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size},mode=0700`, "tmpfs", mount]).status !== 0) {
    rmSync(mount, { recursive: true });
    say("skipped: a disk of its own needs root and mount(8)");
    return undefined;
  }
  mounts.add(mount);
  return mount;
}

const post = async (server: Headless, target: string, body?: unknown) => ask(server.localAddress, "POST", target, { body });
const sendInvite = async (server: Headless) => post(server, "/phone/pairing/send-sms", { phone_number: nextNumber(), user_id: "ada" });
const accept = async (server: Headless, code: string, deviceId: string) =>
  ask(server.phoneAddress, "POST", "/phone/pairing/accept-invite", {
    body: { invite_code: code, device_id: deviceId, device_name: deviceId, device_type: "ios" },
  });
const ready = async (server: Headless): Promise<number> => (await ask(server.localAddress, "GET", "/readyz")).status;

async function pair(server: Headless, deviceId: string): Promise<string> {
  const { body } = await sendInvite(server);
  return (await accept(server, body.invite_code, deviceId)).body.jwt_token;
}

async function kill(server: Headless): Promise<void> {
  server.child.kill("SIGKILL");
  await server.ended;
}

/** The next start's: everything acknowledged is there, and nothing that was refused. */
async function startAgain(home: string, world: World): Promise<Headless> {
  const server = await startHeadless(home, ENV);
  await world.settle(server);
  await world.check(server, 2);
  return server;
}

async function healed(server: Headless, world?: World): Promise<void> {
  await vi.waitFor(async () => expect(await ready(server)).toBe(200), { timeout: 20_000, interval: 20 });
  if (!world) return;
  // Lines that the trail could not take are in the journal, and follow with the next change.
  await someChanges(world, server, 0);
  await world.check(server, 2);
}

/** Changes for this many milliseconds, at least one where the disk is good. */
async function someChanges(world: World, server: Headless, during: number, disk: "good" | "failing" = "good"): Promise<void> {
  if (disk === "good") await world.settle(server);
  const load = world.load(server, disk);
  if (disk === "good") await load.begun;
  await delay(during);
  load.stop();
  await load.ended;
}

describe("system calls that fail", () => {
  /** Which of each thread's calls fail: as many as a checkpoint makes, and a few more where every change makes one. */
  const CALLS: readonly (readonly [string, readonly string[]])[] = [
    ["pwrite64", ["1", "2", "3", "4", "5", "7", "1+", "2+", "5+"]],
    ["fdatasync", ["1", "2", "3", "5", "1+", "2+"]],
    ["fsync", ["1", "2", "3", "4", "1+", "3+"]],
    ["rename", ["1", "2", "3", "1+", "2+"]],
    ["openat", ["1", "2", "3", "4", "1+", "2+"]],
    ["ftruncate", ["1", "2", "1+"]],
  ];
  const ERRORS = ["EIO", "ENOSPC", "EDQUOT", "EROFS"];

  it.each(CALLS)("%s: no change is acknowledged that is not there after a crash; reads go on; it heals by itself", async (call, which) => {
    const home = freshHome();
    const world = createWorld(home, WRITERS, SEED);
    let server = await startAgain(home, world);
    let injected = 0;
    let runs = 0;
    for (const error of ERRORS) {
      for (const when of which) {
        const what = `${call} ${error} ${when}`;
        try {
          // Everything that is loaded with the first change is loaded.
          await someChanges(world, server, 0);
          const injury = await injure(server.child.pid ?? 0, call, error, when);
          await someChanges(world, server, 100, "failing");
          // Quiet is when the three files are written: most of these calls are made then.
          await vi.waitFor(() => expect(injury.injected()).toBeGreaterThan(0), { timeout: QUIET, interval: 20 }).catch(() => undefined);
          await someChanges(world, server, 50, "failing");
          await ready(server);
          expect((await ask(server.phoneAddress, "GET", "/healthz")).status).toBe(200);
          expect((await ask(server.localAddress, "GET", "/phone/devices")).status).toBe(200);
          injected += injury.injected();
          await injury.heal();
          await healed(server, world);
          await kill(server);
          server = await startAgain(home, world);
        } catch (cause) {
          throw new Error(`${what} (FAULTS_SEED=${SEED}), in ${home}`, { cause });
        }
        runs += 1;
      }
    }
    say(
      `${call}: ${runs} runs, ${injected} failed calls, ${world.refused()} changes refused, ${world.acknowledged()} acknowledged, 0 lost`,
    );
    expect(injected).toBeGreaterThan(runs / 2);
    await kill(server);
    rmSync(home, { recursive: true });
  });
});

describe("a full disk", () => {
  it("refuses every change but revocations, which it takes by the hundred; reads go on; it heals without a restart", async (context) => {
    const mount = mountDisk("3m");
    if (mount === undefined) return context.skip();
    const home = freshHome();
    const env = { ...ENV, PAIRING_STORAGE_PATH: mount };
    let server = await startHeadless(home, env);
    const tokens = new Map<string, string>();
    for (let number = 0; number < 120; number += 1) tokens.set(`phone-${number}`, await pair(server, `phone-${number}`));
    const { invite_code: waiting } = (await sendInvite(server)).body;
    const full = (): void => void spawnSync("sh", ["-c", `cat /dev/zero >> "${mount}/others"`]);
    const unavailable = { status: 503, body: { code: "storage_unavailable" } };

    // Room for one more change may be left; from the first revocation that needs the reserve on, there is none for anything else.
    const dead = new Set<string>();
    const revoke = async (deviceId: string): Promise<void> => {
      full();
      const token = tokens.get(deviceId) ?? "";
      const { status } =
        dead.size % 10 === 0
          ? await ask(server.phoneAddress, "DELETE", "/phone/me", { headers: { authorization: `Bearer ${token}` } })
          : await ask(server.localAddress, "DELETE", `/phone/devices/${deviceId}`);
      expect([deviceId, status]).toEqual([deviceId, 200]);
      dead.add(deviceId);
    };
    for (let number = 1; statSync(path.join(mount, "pairing.reserve")).size === 1 << 20; number += 1) await revoke(`phone-${number}`);
    full();
    const sessions = async () => (await ask(server.localAddress, "GET", "/phone/pairing/sessions")).body.sessions;
    const everyChange: (readonly [string, () => Promise<unknown>])[] = [
      ["send", async () => sendInvite(server)],
      ["qr", async () => post(server, "/phone/pairing/generate-qr", { user_id: "ada" })],
      ["accept", async () => accept(server, waiting, "new-phone")],
      ["decline", async () => post(server, "/phone/pairing/decline-invite", { invite_code: waiting })],
      ["cancel", async () => ask(server.localAddress, "DELETE", `/phone/pairing/invite/${waiting}`)],
      ["resend", async () => post(server, `/phone/pairing/resend-sms/${waiting}`)],
      ["rename", async () => ask(server.localAddress, "PATCH", "/phone/devices/phone-0", { body: { device_name: "Other" } })],
      ["reactivate", async () => post(server, "/phone/devices/phone-0/reactivate")],
      ["rotate", async () => post(server, "/phone/keys/rotate")],
    ];
    const refusesAll = async (): Promise<void> => {
      const before = await sessions();
      for (const [what, change] of everyChange) expect([what, await change()]).toMatchObject([what, unavailable]);
      expect(await ready(server)).toBe(503);
      expect((await ask(server.phoneAddress, "GET", "/healthz")).status).toBe(200);
      expect(await sessions()).toEqual(before);
      expect((await ask(server.phoneAddress, "GET", `/phone/pairing/invite/${waiting}`)).body.status).toBe("pending");
      expect((await ask(server.phoneAddress, "GET", "/.well-known/jwks.json")).status).toBe(200);
    };
    await refusesAll();

    // Others eat what room there is before each of them.
    for (const deviceId of [...tokens.keys()].slice(1, 111)) if (!dead.has(deviceId)) await revoke(deviceId);
    full();
    expect((await post(server, "/phone/devices/phone-115/suspend")).body.status).toBe("suspended");
    full();
    await refusesAll();
    expect((await me(server, tokens.get("phone-119") ?? "")).status).toBe(200);

    // A crash on the full disk: the start after it takes what it needs of what is set aside, and revokes.
    await kill(server);
    full();
    server = await startHeadless(home, env);
    await revoke("phone-116");
    await kill(server);
    spawnSync("mount", ["-o", "remount,size=8m", mount]);
    server = await startHeadless(home, env);
    const alive = async (): Promise<string[]> => {
      const answers = await Promise.all(
        [...tokens].map(async ([deviceId, token]) => ((await me(server, token)).status === 200 ? deviceId : "")),
      );
      return answers.filter(Boolean);
    };
    const expected = [...tokens.keys()].filter((deviceId) => !dead.has(deviceId) && deviceId !== "phone-115");
    expect(await alive()).toEqual(expected);
    expect(await sessions()).toHaveLength(121);

    // Full again, and healed under the running server.
    full();
    await vi.waitFor(async () => expect(await sendInvite(server)).toMatchObject(unavailable), { timeout: 60_000, interval: 1 });
    spawnSync("mount", ["-o", "remount,size=32m", mount]);
    await healed(server);
    expect((await accept(server, waiting, "new-phone")).status).toBe(200);
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    server = await startHeadless(home, env);
    expect(await alive()).toEqual(expected);
    say(
      `full disk: ${everyChange.length} kinds of change refused with 503, ${dead.size + 1} revocations and suspensions taken, healed without a restart`,
    );
    await kill(server);
    rmSync(home, { recursive: true });
  });

  it("stops cleanly when it is asked to, starts again, and names the file when nothing is set aside any more", async (context) => {
    const mount = mountDisk("3m");
    if (mount === undefined) return context.skip();
    const home = freshHome();
    const env = { ...ENV, PAIRING_STORAGE_PATH: mount };
    const full = (): void => void spawnSync("sh", ["-c", `cat /dev/zero >> "${mount}/others"`]);
    let server = await startHeadless(home, env);
    const token = await pair(server, "phone");
    full();
    const asked = performance.now();
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    expect(performance.now() - asked).toBeLessThan(5000);
    full();
    server = await startHeadless(home, env);
    expect((await me(server, token)).status).toBe(200);
    server.child.kill("SIGTERM");
    expect((await server.ended).code).toBe(0);
    truncateSync(path.join(mount, "pairing.reserve"), 0);
    full();
    const refused = await run([CLI, "serve"], { HOME: home, PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0", ...env }).ended;
    expect(refused.code).toBe(1);
    expect(refused.printed).toMatch(/^\/.*pairing.* cannot be used \(ENOSPC\)\. Free space on its disk, .*\n$/);
    rmSync(path.join(mount, "others"));
    const again = await startHeadless(home, env);
    expect((await me(again, token)).status).toBe(200);
    await kill(again);
    rmSync(home, { recursive: true });
  });
});

describe("a disk that can only be read", () => {
  it("refuses changes, answers reads, and heals without a restart when it can be written again", async () => {
    const home = freshHome();
    const world = createWorld(home, WRITERS, SEED);
    let server = await startHeadless(home, ENV);
    await someChanges(world, server, 200);
    // No kernel lets a disk be remounted read-only under an open file: strace answers as one that became so by itself.
    const injury = await injure(server.child.pid ?? 0, "pwrite64,ftruncate,rename,unlink,fsync", "EROFS", "1+");
    const acknowledged = world.acknowledged();
    const load = world.load(server, "failing");
    await delay(LASTING);
    expect(await ready(server)).toBe(503);
    load.stop();
    await load.ended;
    expect(world.acknowledged()).toBe(acknowledged);
    await injury.heal();
    await healed(server, world);
    await kill(server);
    server = await startAgain(home, world);
    say(`read-only: ${world.refused()} changes refused, 0 acknowledged, healed without a restart`);
    expect(world.refused()).toBeGreaterThan(10);
    await kill(server);
    rmSync(home, { recursive: true });
  });

  it("stops the start with the folder's name when it was so before", async (context) => {
    const mount = mountDisk("3m");
    if (mount === undefined) return context.skip();
    const env = { HOME: freshHome(), PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0", PAIRING_STORAGE_PATH: mount };
    const server = await startHeadless(env.HOME, env);
    server.child.kill("SIGTERM");
    await server.ended;
    expect(spawnSync("mount", ["-o", "remount,ro", mount]).status).toBe(0);
    const { code, printed } = await run([CLI, "serve"], env).ended;
    expect(code).toBe(1);
    expect(printed).toContain(mount);
    expect(printed.trim().split("\n")).toHaveLength(1);
  });
});

describe("files that may not grow", () => {
  it("leave no half change behind: what does not fit is refused, and the rest goes on afterwards", async () => {
    const home = freshHome();
    const world = createWorld(home, WRITERS, SEED);
    const roll = dice(SEED);
    let server = await startHeadless(home, ENV);
    const limit = (bytes: string): void => {
      const { status, stderr } = spawnSync("prlimit", ["--pid", String(server.child.pid), `--fsize=${bytes}:unlimited`]);
      expect([status, stderr.toString()]).toEqual([0, ""]);
    };
    let cut = 0;
    // The signing key is made with the first link, and would be the first file that does not fit.
    const first = world.load(server);
    await first.begun;
    first.stop();
    await first.ended;
    for (let turn = 0; turn < LIMITS; turn += 1) {
      try {
        const journal = path.join(storageOf(home), "pairing_journal.jsonl");
        const { size } = statSync(journal);
        // In the middle of one of the next lines.
        limit(String(size + 1 + Math.floor(roll() * 3000)));
        const refused = world.refused();
        const load = world.load(server, "failing");
        await vi.waitFor(() => expect(world.refused()).toBeGreaterThan(refused), { timeout: 20_000, interval: 2 });
        load.stop();
        await load.ended;
        if (!readFileSync(journal).subarray(-1).equals(Buffer.from("\n")) && statSync(journal).size > 0) cut += 1;
        limit("unlimited");
        await healed(server, world);
        await kill(server);
        server = await startAgain(home, world);
      } catch (cause) {
        throw new Error(`turn ${turn} (FAULTS_SEED=${SEED}), in ${home}`, { cause });
      }
    }
    expect(cut).toBe(0);
    say(
      `short writes: ${LIMITS} limits on the size of files, ${world.refused()} changes refused, ${world.acknowledged()} acknowledged, 0 lost, 0 half lines`,
    );
    await kill(server);
    rmSync(home, { recursive: true });
  });
});
