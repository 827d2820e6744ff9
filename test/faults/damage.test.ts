import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeAll, expect, it } from "vitest";
import { openFileStore } from "../../src/adapters/stores/file/file-store.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "../e2e/headless.ts";
import { dice } from "./dice.ts";
import { howMany, say } from "./figures.ts";
import { createWorld, me, storageOf, WIDE, type World } from "./world.ts";

const SEED = howMany("FAULTS_SEED", 20_260_115);
const FLIPS = howMany("FAULTS_FLIPS", 1000);
const JOURNAL = "pairing_journal.jsonl";
const CHECKED = ["pairing_sessions.json", "paired_devices.json", "revoked_jti.json", "phone_outbox.json", JOURNAL];
const FILES = [...CHECKED, "pairing_audit.jsonl"];
const AT_ONCE = 16;

/** A folder as a crash left it: files that were written once, and a journal with changes since then. */
let crashed: string;
let world: World;
const scratch = mkdtempSync(path.join(tmpdir(), "topdog damage "));

beforeAll(async () => {
  const home = freshHome();
  world = createWorld(home, 2, SEED);
  let server = await startHeadless(home, WIDE);
  for (const end of ["SIGTERM", "SIGKILL"] as const) {
    const load = world.load(server);
    await load.begun;
    await delay(250);
    load.stop();
    await load.ended;
    server.child.kill(end);
    await server.ended;
    if (end === "SIGTERM") server = await startHeadless(home, WIDE);
  }
  crashed = storageOf(home);
  rmSync(path.join(crashed, "pairing.lock"));
  rmSync(path.join(crashed, "pairing.reserve"), { force: true });
  rmSync(path.join(crashed, "logs"), { recursive: true });
});
afterEach(() => {
  killServers();
  for (const name of readdirSync(scratch)) rmSync(path.join(scratch, name), { recursive: true });
});

let serial = 0;
function copyWith(name: string, bytes: Buffer): string {
  const folder = path.join(scratch, String(++serial));
  cpSync(crashed, folder, { recursive: true });
  writeFileSync(path.join(folder, name), bytes);
  return folder;
}

/** Every revoked token id that the whole folder knows. */
async function revokedIn(folder: string): Promise<ReadonlySet<string>> {
  const text = CHECKED.map((name) => readFileSync(path.join(folder, name), "utf8")).join("\n");
  return new Set([...text.matchAll(/\{"jti":"([^"]+)","exp":\d+\}/g)].map(([, jti = ""]) => jti));
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

/**
 * Opens the damaged folder. Refused: the sentence names the file and nothing was touched. Open: no fewer revocations than `whole`,
 * unless the damage is a journal's end that was cut off.
 */
async function tryOpen(name: string, bytes: Buffer, whole: ReadonlySet<string>): Promise<"refused" | "open"> {
  const folder = copyWith(name, bytes);
  const store = await openFileStore({
    folder,
    now: () => Date.now(),
    log: silent,
    sessionRetentionDays: 90,
    deviceRetentionDays: 365,
    auditRetentionDays: 365,
  }).catch((cause: unknown) => cause);
  try {
    if (store instanceof Error) {
      if (store.name !== "StorageError" || !store.message.includes(path.join(folder, name)) || store.message.includes("\n"))
        throw new Error(`refused, but not in one line that names ${name}: ${store.message}`, { cause: store });
      for (const file of FILES) {
        const expected = file === name ? bytes : readFileSync(path.join(crashed, file));
        if (!readFileSync(path.join(folder, file)).equals(expected)) throw new Error(`${file} was touched`);
      }
      return "refused";
    }
    const opened = store as Awaited<ReturnType<typeof openFileStore>>;
    for (const jti of whole) {
      if (!(await opened.findByTokenId(jti)).revoked) throw new Error(`started without the revocation of ${jti}`);
    }
    await opened.close();
    return "open";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Damage {
  readonly what: string;
  readonly name: string;
  readonly bytes: Buffer;
  readonly whole: ReadonlySet<string>;
}

async function tryAll(damages: Iterable<Damage>): Promise<Record<"refused" | "open", number>> {
  const count = { refused: 0, open: 0 };
  const left = damages[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.next(); !next.done; next = left.next()) {
        const { what, name, bytes, whole } = next.value;
        try {
          count[await tryOpen(name, bytes, whole)] += 1;
        } catch (cause) {
          throw new Error(`${what} (FAULTS_SEED=${SEED})`, { cause });
        }
      }
    }),
  );
  return count;
}

/**
 * Where a file is cut off. A file that is written whole: after each byte. A file of lines: after each byte of its first and last lines,
 * around each line's end, and at an odd step through the rest, whose lines are like those.
 */
function cutsOf(name: string, bytes: Buffer): readonly number[] {
  const all = Array.from(bytes.keys());
  if (name.endsWith(".json")) return all;
  const ends = all.filter((at) => bytes[at] === 10);
  const [third = bytes.length, thirdLast = 0] = [ends[2], ends.at(-4)];
  return all.filter(
    (at) => at < third || at > thirdLast || at % 53 === 0 || [at - 2, at - 1, at, at + 1].some((near) => bytes[near] === 10),
  );
}

it.each(FILES)("%s cut off anywhere: the start names it, or goes on without fewer revocations", async (name) => {
  const bytes = readFileSync(path.join(crashed, name));
  const all = await revokedIn(crashed);
  expect(all.size).toBeGreaterThan(5);
  const cuts = cutsOf(name, bytes);
  const prefixes = function* (): Iterable<Damage> {
    for (const length of cuts) {
      const cut = bytes.subarray(0, length);
      // The lines of a batch were acknowledged together: of one that a crash cut off, none was. The batches before it count.
      const lost = name === JOURNAL ? revocationsIn(bytes.subarray(endOfBatches(cut))) : [];
      const whole = new Set([...all].filter((jti) => !lost.includes(jti)));
      yield { what: `${name}, the first ${length} bytes`, name, bytes: cut, whole };
    }
  };
  const { refused, open } = await tryAll(prefixes());
  say(
    `damage: ${name}, ${cuts.length} prefixes of ${bytes.length} bytes: ${refused} refused by name, ${open} started without fewer revocations`,
  );
  if (name.endsWith(".json")) expect(open).toBe(0);
});

/** Where the last batch ends that is all there. Each line says its place in its batch, and of how many. */
function endOfBatches(journal: Buffer): number {
  let end = 0;
  for (let from = 0, newline = journal.indexOf(10); newline >= 0; from = newline + 1, newline = journal.indexOf(10, from)) {
    const [, place, of] = /"batch":\[(\d+),(\d+),\d+\]\}\}$/.exec(journal.toString("utf8", from, newline)) ?? [];
    if (place === of) end = newline + 1;
  }
  return end;
}

function revocationsIn(bytes: Buffer): readonly string[] {
  return [...bytes.toString("utf8").matchAll(/\{"jti":"([^"]+)","exp":\d+\}/g)].map(([, jti = ""]) => jti);
}

it(`${FLIPS} flipped bits: the start names the file, or goes on without fewer revocations`, async () => {
  const roll = dice(SEED);
  const all = await revokedIn(crashed);
  const content = new Map(FILES.map((name) => [name, readFileSync(path.join(crashed, name))]));
  const flips = function* (): Iterable<Damage> {
    for (let flip = 0; flip < FLIPS; flip += 1) {
      const name = FILES[flip % FILES.length] ?? "";
      const bytes = Buffer.from(content.get(name) ?? []);
      const bit = Math.floor(roll() * bytes.length * 8);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      yield { what: `bit ${bit} of ${name}`, name, bytes, whole: all };
    }
  };
  const { refused, open } = await tryAll(flips());
  say(`damage: ${FLIPS} flipped bits: ${refused} refused by name, ${open} started without fewer revocations`);
  // Only the trail carries no checksums; it decides nothing.
  expect(refused).toBeGreaterThanOrEqual(Math.floor((FLIPS * CHECKED.length) / FILES.length));
});

it("the server itself says so: one line, exit 1, nothing changed; a damaged signing key lets nobody in and is not replaced", async () => {
  const roll = dice(SEED);
  const serve = (folder: string) =>
    run([CLI, "serve"], { ...WIDE, HOME: scratch, PAIRING_PORT: "0", PAIRING_PHONE_PORT: "0", PAIRING_STORAGE_PATH: folder }).ended;
  for (const name of CHECKED) {
    for (let time = 0; time < 4; time += 1) {
      const bytes = readFileSync(path.join(crashed, name));
      bytes[Math.floor(roll() * bytes.length)]! ^= 1 << Math.floor(roll() * 8);
      const folder = copyWith(name, bytes);
      const { code, printed } = await serve(folder);
      expect([code, printed.trim().split("\n").length, printed.includes(path.join(folder, name))]).toEqual([1, 1, true]);
      expect(readFileSync(path.join(folder, name)).equals(bytes)).toBe(true);
      expect(existsSync(path.join(folder, "pairing.lock"))).toBe(false);
    }
  }
  const key = readFileSync(path.join(crashed, "signing_key.pem"));
  const token = world.writers.flatMap(({ phones }) => phones.flatMap(({ token: alive }) => alive ?? []))[0] ?? "";
  for (const length of [0, 1, 30, 200, 900, key.length - 40]) {
    const bytes = key.subarray(0, length);
    const home = path.join(scratch, `home ${length}`);
    mkdirSync(home);
    const folder = copyWith("signing_key.pem", bytes);
    const server: Headless = await startHeadless(home, { ...WIDE, PAIRING_STORAGE_PATH: folder });
    const { status, body } = await me(server, token);
    expect([length, status, body.code]).toEqual([length, 503, "keys_unavailable"]);
    expect(readFileSync(path.join(folder, "signing_key.pem")).equals(bytes)).toBe(true);
    server.child.kill("SIGKILL");
    await server.ended;
  }
  say(`damage: ${CHECKED.length * 4} starts of the server on damaged files refused in one line; 6 damaged signing keys: 503, not replaced`);
});
