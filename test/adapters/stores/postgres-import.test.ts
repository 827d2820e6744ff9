import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { writeCheckpoint } from "../../../src/adapters/stores/file/checkpoint.ts";
import { exportStorage } from "../../../src/adapters/stores/file/export.ts";
import { pathsIn } from "../../../src/adapters/stores/file/folder.ts";
import { createJournal } from "../../../src/adapters/stores/file/journal.ts";
import { takeSnapshot } from "../../../src/adapters/stores/file/snapshot.ts";
import { createLedger } from "../../../src/adapters/stores/ledger.ts";
import { putSession } from "../../../src/adapters/stores/ledger-put.ts";
import { exportDatabase, importStorage } from "../../../src/adapters/stores/postgres/index.ts";
import { MINUTE, type PairingStore } from "../../../src/core/index.ts";
import { approvalOf, askOf, CAPS, deviceOf, entry, inviteOf, messageOf, NOON, phone, sessionOf } from "../../contracts/pairing-store.ts";
import { emptySchema, hasPostgres, openOn, postgresUrl, sql } from "../../postgres.ts";
import { AUDIT, auditLines, everything, freshFolder, JOURNAL, openIn, testLog } from "./folder.ts";

const BUDGET = { perNumberPerTenMinutes: 1000, perNumberPerDay: 1000, perDay: 1000 };
const { signal: interrupted } = new AbortController();
const setting = "PAIRING_DATABASE_URL";
const NOTHING_BESIDE = { saved: [], secrets: [] };

async function live(store: PairingStore): Promise<void> {
  for (const id of ["1", "2", "3"]) {
    const session = sessionOf(id, { userName: "Zo\u00eb \u2028 \ud800 \\ \u0000", createdAt: NOON + Number(id) });
    await store.addInvite({ ...inviteOf(session), budget: BUDGET, at: NOON, audit: [entry("send_sms_invite")] });
    if (id === "3") continue;
    const device = deviceOf(`phone-${id}`, `jti-${id}`, { sessionId: `session-${id}`, level: "view" });
    await store.acceptInvite({ codeHash: `code-${id}`, device, at: () => NOON + MINUTE, audit: [entry(), entry("pair_device")] });
  }
  for (const id of ["a", "b", "c"])
    await store.sendMessage({ message: messageOf(id), to: [phone("phone-1"), phone("phone-2")], at: NOON, audit: [] });
  await store.addApproval({
    ...{ approval: approvalOf("1"), message: askOf("1"), to: [phone("phone-1")], at: NOON, caps: CAPS },
    audit: [entry("approval_requested")],
  });
  await store.revokeDevice({ ...phone("phone-2"), at: NOON + 2 * MINUTE, audit: [entry("revoke_device")] });
}

/** What an auditor gets, but for the moment at which it was exported. */
function exported(folder: string): Readonly<Record<string, unknown>> {
  const contents = readdirSync(folder).map((name) => {
    const text = readFileSync(path.join(folder, name), "utf8");
    return [name, text.replace(/"exported_at":"[^"]*","sha256":"[^"]*"/, "")] as const;
  });
  return Object.fromEntries(contents);
}

describe.skipIf(!hasPostgres)("a storage folder in a database (Debian: apt-get install postgresql)", () => {
  const importInto = async (schema: string, from: string) =>
    importStorage({ url: postgresUrl, schema, from, setting, beside: NOTHING_BESIDE, at: NOON, interrupted });
  const exportFrom = async (schema: string) => {
    const to = path.join(freshFolder(), "out");
    await exportDatabase({ url: postgresUrl, schema, setting, to, at: NOON, interrupted });
    return exported(to);
  };
  const filled = async (): Promise<string> => {
    const folder = freshFolder();
    const store = await openIn(folder);
    await live(store);
    await store.close();
    return folder;
  };

  it("is the same state, and exported the same", async () => {
    const folder = await filled();
    const schema = await emptySchema();
    const { tables, warnings } = await importInto(schema, folder);
    expect(warnings).toEqual([]);
    expect(Object.fromEntries(tables.map(({ name, rows }) => [name, rows]))).toMatchObject({
      sessions: 3,
      devices: 2,
      revoked: 1,
      audit: 8,
    });
    const to = path.join(freshFolder(), "out");
    await exportStorage({ from: folder, to, at: NOON, interrupted });
    expect(await exportFrom(schema)).toEqual(exported(to));

    const files = await openIn(folder);
    const database = await openOn(schema, testLog());
    expect(await everything(database, ["jti-1", "jti-2"])).toEqual(await everything(files, ["jti-1", "jti-2"]));
    expect(await database.countDevices()).toEqual({ active: 1, suspended: 0, revoked: 1 });
    expect(await database.readAudit({ most: 100 })).toEqual(await files.readAudit({ most: 100 }));
    // The budget goes on, and so do the numbers of lines and of the phones' messages.
    const budget = { ...BUDGET, perNumberPerDay: 3 };
    const refused = await database.addInvite({ ...inviteOf(sessionOf("4")), budget, at: NOON, audit: [] });
    expect(refused.kind).not.toBe("added");
    const { seq: before = 0 } = auditLines(folder).at(-1) as { seq?: number };
    await database.sendMessage({ message: messageOf("d"), to: [phone("phone-1")], at: NOON, audit: [entry("key_rotated")] });
    const found = await database.readInbox({ ...phone("phone-1"), since: 0, most: 100, at: NOON });
    expect(found?.messages.at(-1)?.seq).toBeGreaterThanOrEqual(NOON * 1000);
    expect((await database.readAudit({ most: 1 })).lines[0]?.seq).toBe(before + 1);
  });

  it("is refused where there are records already, and where a server is at work in the folder", async () => {
    const folder = await filled();
    const schema = await emptySchema();
    await importInto(schema, folder);
    const before = await exportFrom(schema);
    await expect(importInto(schema, folder)).rejects.toThrow(/has records already; nothing was imported/);
    expect(await exportFrom(schema)).toEqual(before);
    const other = await emptySchema();
    await openIn(folder);
    await expect(importInto(other, folder)).rejects.toThrow(/A server is at work in/);
    await expect(importInto(other, freshFolder())).rejects.toThrow(/There is nothing to import in/);
    expect(await sql(`select count(*)::int as count from ${other}.sessions`)).toEqual([{ count: 0 }]);
  });

  it("is not imported by half: damage, an interruption and another number of rows leave the database empty", async () => {
    const folder = await filled();
    const schema = await emptySchema();
    const text = readFileSync(path.join(folder, AUDIT), "utf8");
    writeFileSync(path.join(folder, AUDIT), text.replace('"seq":5', '"seq":1'));
    await expect(importInto(schema, folder)).rejects.toThrow(/is damaged/);
    writeFileSync(path.join(folder, AUDIT), text);
    const stopped = new AbortController();
    stopped.abort(new Error("stopped"));
    const options = { url: postgresUrl, schema, from: folder, setting, beside: NOTHING_BESIDE, at: NOON } as const;
    await expect(importStorage({ ...options, interrupted: stopped.signal })).rejects.toThrow("stopped");
    await sql(`create rule lost as on insert to ${schema}.queue do instead nothing`);
    await expect(importInto(schema, folder)).rejects.toThrow(/What the database has in its table queue is not what was written/);
    await sql(`drop rule lost on ${schema}.queue`);
    const counts = await sql(
      `select (select count(*) from ${schema}.sessions) + (select count(*) from ${schema}.audit) as rows, change_seq from ${schema}.state`,
    );
    expect(counts).toEqual([{ rows: "0", change_seq: "0" }]);
    await importInto(schema, folder);
  });

  it("says in the trail that the state is older than it, as a server does", async () => {
    const folder = await filled();
    const line = JSON.stringify({ ts: new Date(NOON).toISOString(), seq: 9, event: "revoke_device" });
    writeFileSync(path.join(folder, AUDIT), `${readFileSync(path.join(folder, AUDIT), "utf8")}${line}\n`);
    const schema = await emptySchema();
    const { warnings } = await importInto(schema, folder);
    expect(warnings).toEqual([expect.stringMatching(/The state is older than the audit log/)]);
    expect((await (await openOn(schema, testLog())).readAudit({ most: 1 })).lines[0]).toMatchObject({
      seq: 10,
      event: "state_rolled_back",
    });
  });

  it("may hold more than one batch, which comes back as it was", async () => {
    const folder = freshFolder();
    mkdirSync(folder, { recursive: true });
    const ledger = createLedger();
    for (let index = 0; index < 4500; index += 1)
      putSession(ledger, sessionOf(String(index), { method: "qr", phoneNumber: "", status: "expired", createdAt: NOON + index }));
    const paths = pathsIn(folder);
    await writeCheckpoint(paths, ledger, await takeSnapshot(ledger, 7), NOON, { sessions: 90, devices: 365 });
    await createJournal(path.join(folder, JOURNAL));
    const schema = await emptySchema();
    const { tables } = await importInto(schema, folder);
    expect(tables.find(({ name }) => name === "sessions")?.rows).toBe(4500);
    const to = path.join(freshFolder(), "out");
    await exportStorage({ from: folder, to, at: NOON, interrupted });
    expect((await exportFrom(schema))["pairing_sessions.json"] === exported(to)["pairing_sessions.json"]).toBe(true);
  });
});
