import { createHash } from "node:crypto";
import { createReadStream, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, inject, it } from "vitest";
import { MINUTE, type PairingStore } from "../../src/core/index.ts";
import { freshFolder, openIn } from "../adapters/stores/folder.ts";
import { deviceOf, entry, inviteOf, messageOf, NOON, phone, sessionOf } from "../contracts/pairing-store.ts";
import { dropDatabases, emptyDatabase, sqlAt } from "../e2e/databases.ts";
import { CLI, freshHome, killServers, run } from "../e2e/headless.ts";
import { howMany, sayTable } from "./figures.ts";

const SESSIONS = howMany("IMPORT_SESSIONS", 100_000);
const AT_ONCE = 500;
/** So far apart that those that wait stay below the limit: the older ones have expired. */
const APART_MS = 200;
const MEGABYTE = 1024 * 1024;
const UNBOUNDED = { perNumberPerTenMinutes: 1e9, perNumberPerDay: 1e9, perDay: 1e9 };

afterEach(async () => {
  killServers();
  await dropDatabases();
});

/** Every tenth invite is accepted, every fiftieth phone of these gets a message, every twentieth is revoked. */
async function live(store: PairingStore, index: number): Promise<void> {
  const [id, at] = [String(index).padStart(8, "0"), NOON + index * APART_MS];
  const session = sessionOf(id, { userName: "Zoë \u2028", createdAt: at, expiresAt: at + 15 * MINUTE });
  const added = await store.addInvite({ ...inviteOf(session), budget: UNBOUNDED, at, audit: [entry("send_sms_invite")] });
  expect(added.kind).toBe("added");
  if (index % 10 > 0) return;
  const device = deviceOf(`phone-${id}`, `jti-${id}`, { sessionId: session.sessionId });
  await store.acceptInvite({ codeHash: session.codeHash, device, at: () => at, audit: [entry(), entry("pair_device")] });
  if (index % 500 === 0) await store.sendMessage({ message: messageOf(id), to: [phone(device.deviceId)], at, audit: [] });
  if (index % 200 === 0) await store.revokeDevice({ ...phone(device.deviceId), at: at + MINUTE, audit: [entry("revoke_device")] });
}

/** Of each exported file its number of lines and its digest, but for the line with the moment of the export. */
async function contentOf(folder: string): Promise<Readonly<Record<string, readonly [lines: number, digest: string]>>> {
  const files = readdirSync(folder).sort();
  return Object.fromEntries(
    await Promise.all(
      files.map(async (name) => {
        const digest = createHash("sha256");
        let lines = 0;
        for await (const line of createInterface(createReadStream(path.join(folder, name)))) {
          digest.update(`${line.replace(/"exported_at":"[^"]*","sha256":"[^"]*"/, "")}\n`);
          lines += 1;
        }
        return [name, [lines, digest.digest("hex")]] as const;
      }),
    ),
  );
}

const sizeOf = (folder: string): number =>
  readdirSync(folder).reduce((bytes, name) => bytes + statSync(path.join(folder, name)).size, 0) / MEGABYTE;

it.skipIf(inject("postgresUrl") === "")(
  `a storage folder with ${SESSIONS} sessions in a database, and exported from both: the same (Debian: apt-get install postgresql)`,
  async () => {
    const folder = freshFolder();
    const figures: [string, number][] = [];
    const timed = async <Answer>(name: string, work: () => Promise<Answer>): Promise<Answer> => {
      const from = performance.now();
      const answer = await work();
      figures.push([`${name}, ms`, performance.now() - from]);
      return answer;
    };
    await timed("filling the folder", async () => {
      const store = await openIn(folder);
      for (let from = 0; from < SESSIONS; from += AT_ONCE)
        await Promise.all(Array.from({ length: Math.min(AT_ONCE, SESSIONS - from) }, async (_, more) => live(store, from + more)));
      await store.close();
    });
    figures.push(["the folder, MiB", sizeOf(folder)]);
    const url = await emptyDatabase();
    const home = freshHome();
    const cli = async (words: readonly string[], env: Readonly<Record<string, string>>) => {
      const { code, printed } = await run([CLI, ...words], { HOME: home, ...env }).ended;
      expect([code, printed]).toEqual([0, printed]);
      return printed;
    };
    const database = { PAIRING_DATABASE_URL: url };
    await cli(["migrate"], database);
    const printed = await timed("import", async () => cli(["import", folder], database));
    expect(printed).toMatch(new RegExp(`^  sessions +${SESSIONS.toLocaleString("en").replace(",", ",?")} rows$`, "m"));
    const [size] = await sqlAt(url, "select pg_database_size(current_database())::float8 as bytes");
    figures.push(["the database, MiB", Number(size?.["bytes"]) / MEGABYTE]);
    const [ofFolder, ofDatabase] = [path.join(home, "of-folder"), path.join(home, "of-database")];
    await timed("export of the folder", async () => cli(["export", ofFolder], { PAIRING_STORAGE_PATH: folder }));
    await timed("export of the database", async () => cli(["export", ofDatabase], database));
    figures.push(["the export, MiB", sizeOf(ofDatabase)]);
    const content = await contentOf(ofFolder);
    expect(await contentOf(ofDatabase)).toEqual(content);
    for (const [name, [lines]] of Object.entries(content)) figures.push([`${name}, lines`, lines]);
    expect(content["pairing_sessions.json"]?.[0]).toBeGreaterThanOrEqual(SESSIONS);
    sayTable(`${SESSIONS} sessions into a database`, figures);
  },
);
