import { randomBytes, randomUUID } from "node:crypto";
import path from "node:path";
import pg from "pg";
import { afterEach, describe, expect, it } from "vitest";
import type { Check } from "../../src/headless/doctor/check.ts";
import { phoneBody } from "../http/server.ts";
import { hasPostgres, postgresUrl, sql } from "../postgres.ts";
import { asWindow, CLI, freshHome, killServers, run, startHeadless } from "./headless.ts";
import { PRODUCTION, TWILIO } from "./production.ts";

const databases: string[] = [];
afterEach(async () => {
  killServers();
  for (const name of databases.splice(0)) await sql(`drop database ${name} with (force)`);
});

type Env = Readonly<Record<string, string>>;

/** The address of a database without any tables, with a password that nobody asks for. */
async function emptyDatabase(): Promise<string> {
  const name = `checked_${randomUUID().replaceAll("-", "")}`;
  await sql(`create database ${name}`);
  databases.push(name);
  return postgresUrl.replace("postgres@", "postgres:never-printed@").replace(/[^/]*$/, name);
}

async function examine(env: Env): Promise<{ readonly checks: Readonly<Record<string, Check>>; readonly code: number | null }> {
  const { code, printed } = await run([CLI, "doctor", "--json"], env).ended;
  expect(printed).not.toContain("never-printed");
  const { checks } = JSON.parse(printed) as { checks: Check[] };
  return { code, checks: Object.fromEntries(checks.map((check) => [check.name, check])) };
}

async function post(address: string, body: unknown, headers: Env = {}): Promise<any> {
  const sent = { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
  return (await fetch(address, sent)).json();
}

async function change(connectionString: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text);
  await client.end();
}

const OF_THE_DATABASE = [
  "database",
  "database_version",
  "database_tables",
  "database_writable",
  "database_notifications",
  "database_clock",
  "data",
  "database_prune",
];

describe.skipIf(!hasPostgres)("with a database (Debian: apt-get install postgresql)", () => {
  it("doctor has rows for it: before its tables are made, and beside a server that uses it", async () => {
    const home = freshHome();
    const env = { HOME: home, PAIRING_DATABASE_URL: await emptyDatabase() };
    const before = await examine({ ...env, PAIRING_PORT: "9" });
    expect(before.code).toBe(1);
    expect(before.checks["database_tables"]).toMatchObject({ state: "failed", seen: expect.stringMatching(/Run topdog-phone migrate/) });
    expect(before.checks["data"]).toMatchObject({ state: "ok", seen: "Nothing is stored yet." });

    await run([CLI, "migrate"], env).ended;
    const server = await startHeadless(home, { PAIRING_DATABASE_URL: env.PAIRING_DATABASE_URL });
    const { invite_code } = await post(`${server.localAddress}/phone/pairing/send-sms`, { phone_number: "+14155550123", user_id: "ada" });
    await post(`${server.phoneAddress}/phone/pairing/accept-invite`, phoneBody(invite_code, "phone-1"));
    const { checks } = await examine({ ...env, PAIRING_PORT: new URL(server.localAddress).port });
    expect(Object.keys(checks)).toEqual(expect.arrayContaining(OF_THE_DATABASE));
    expect(Object.keys(checks)).not.toContain("lock");
    const { database, ...rest } = checks;
    // How fast it answers depends on the machine.
    expect(database?.seen).toMatch(/^127\.0\.0\.1:\d+ answers in [\d.]+ ms, in the database checked_\w+, to the account postgres\./);
    expect(OF_THE_DATABASE.slice(1).map((name) => [name, rest[name]?.state])).toEqual(OF_THE_DATABASE.slice(1).map((name) => [name, "ok"]));
    expect(rest["data"]?.seen).toMatch(/^1 session, 1 phone \(1 active\); \d+ MB/);
    expect(rest["database_version"]?.seen).toMatch(/^PostgreSQL \d+/);

    await change(env.PAIRING_DATABASE_URL, "update topdog_phone.changes set at = at - 7200000");
    await sql(`alter database ${databases[0]} set default_transaction_read_only = on`);
    const after = await examine({ ...env, PAIRING_PORT: new URL(server.localAddress).port });
    expect(after.code).toBe(1);
    expect(after.checks["database_writable"]).toMatchObject({ state: "failed", seen: expect.stringMatching(/standby or read-only/) });
    expect(after.checks["database_prune"]).toMatchObject({ state: "warning", seen: expect.stringMatching(/12\d minutes old/) });
  });

  it("doctor finds what the settings page of a server saved there, when no server runs", async () => {
    const env = { PAIRING_DATABASE_URL: await emptyDatabase(), PAIRING_SECRETS_KEY: randomBytes(32).toString("base64") };
    const server = await startHeadless(freshHome(), { ...env, PAIRING_DATABASE_MIGRATE: "1" });
    const headers = { "content-type": "application/json", ...(await asWindow(server)) };
    const save = async (target: string, body: object): Promise<number> =>
      (await fetch(`${server.localAddress}${target}`, { method: "PATCH", headers, body: JSON.stringify(body) })).status;
    const { TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN, TWILIO_PHONE_NUMBER } = TWILIO;
    const twilio = {
      twilio_account_sid: TWILIO_ACCOUNT_SID,
      twilio_auth_token: TWILIO_AUTH_TOKEN,
      twilio_phone_number: TWILIO_PHONE_NUMBER,
    };
    expect(await save("/admin/sms", twilio)).toBe(200);
    expect(await save("/admin/reachability", { base_url: "https://saved.example.com" })).toBe(200);
    expect(await save("/admin/settings", { values: { PAIRING_LOCAL_AUTH: "off" } })).toBe(200);
    server.child.kill("SIGTERM");
    await server.ended;
    const { checks } = await examine({ HOME: freshHome(), PAIRING_PORT: "9", ...env });
    expect(checks["sms"]).toMatchObject({ state: "ok", seen: expect.stringContaining("Twilio") });
    expect(checks["settings"]?.seen).toContain("PAIRING_LOCAL_AUTH");
    expect(checks["public_address"]?.seen).toContain("https://saved.example.com");
  });

  it("doctor says why a database cannot be asked, and nothing more about it", async () => {
    const { code, checks } = await examine({
      HOME: freshHome(),
      PAIRING_PORT: "9",
      PAIRING_DATABASE_URL: "postgres://topdog:never-printed@127.0.0.1:9/topdog",
    });
    expect(code).toBe(1);
    expect(checks["database"]).toMatchObject({
      state: "failed",
      seen: expect.stringMatching(/127\.0\.0\.1:9 does not answer \(ECONNREFUSED\)/),
    });
    expect(Object.keys(checks).filter((name) => OF_THE_DATABASE.includes(name))).toEqual(["database"]);
  });

  it.each([
    ["", {}],
    [", with keys in the database", { PAIRING_SECRETS_KEY: randomBytes(32).toString("base64") }],
  ])("verify passes: what it pairs is in a copy of the records, revoked stays revoked, and the audit trail has it%s", async (_, keys) => {
    const home = freshHome();
    const own = {
      ...PRODUCTION,
      ...TWILIO,
      PAIRING_STORAGE_PATH: path.join(home, "pairing"),
      PAIRING_DATABASE_URL: await emptyDatabase(),
      PAIRING_DATABASE_MIGRATE: "1",
      ...keys,
    };
    const server = await startHeadless(home, own);
    const { code, printed } = await run([CLI, "verify", "--json"], { HOME: home, ...own, PAIRING_PORT: new URL(server.localAddress).port })
      .ended;
    const { rows } = JSON.parse(printed.split("\n").find((line) => line.startsWith("{")) ?? "") as {
      rows: { number: number; passed: boolean; reason: string }[];
    };
    expect(rows.filter(({ passed }) => !passed)).toEqual([]);
    expect(code).toBe(0);
    for (const number of [2, 3]) expect(rows[number - 1]?.reason).toContain("a server started on a copy of the database's records");
    expect(rows[4]?.reason).toMatch(/wrote lines \d+ to \d+, numbered without a gap/);
    server.child.kill("SIGTERM");
    await server.ended;
    const { checks } = await examine({ HOME: home, ...own, PAIRING_PORT: "9" });
    expect([checks["secrets"]?.state, checks["key"]?.state]).toEqual(["ok", "ok"]);
  });
});
