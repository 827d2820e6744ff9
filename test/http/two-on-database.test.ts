import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { afterEachTest } from "../after-each-test.ts";
import { dropDatabases, emptyDatabase, sqlAt } from "../e2e/databases.ts";
import { hasPostgres } from "../postgres.ts";
import { readSamples } from "../prometheus-text.ts";
import { startServer, type TestServer } from "./server.ts";

const servers: TestServer[] = [];
afterEachTest(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
  await dropDatabases();
});

const PLAIN = { PAIRING_DATABASE_MIGRATE: "1", PHONE_DEVICES_REQUIRE_ADMIN: "", ADMIN_TOKEN: "", PAIRING_RATE_LIMIT_SCALE: "1000" };
const TOKEN = "K7#right-token-of-the-administrator-9";
const GATE = { PHONE_DEVICES_REQUIRE_ADMIN: "1" };

/** A server with a storage folder of its own. */
async function startOn(url: string, env: Record<string, string> = {}): Promise<TestServer> {
  const server = await startServer({ ...PLAIN, PAIRING_DATABASE_URL: url, ...env });
  servers.push(server);
  return server;
}

/** What a program of the account sends. */
const keyOf = ({ folder }: TestServer) => ({ "x-local-key": readFileSync(path.join(folder, "local_key"), "utf8").trim() });
const save = async (server: TestServer, values: object, headers: Record<string, string> = {}) =>
  server.local("PATCH", "/admin/settings", { body: { values }, headers });
const settingAt = async (server: TestServer, name: string, headers: Record<string, string> = {}) => {
  const { body } = await server.local("GET", "/admin/settings", { headers });
  return (body.settings as readonly { readonly name: string; readonly value?: string }[]).find((setting) => setting.name === name);
};
const PATIENT = { timeout: 30_000, interval: 50 };

describe.skipIf(!hasPostgres)("servers on one database, without a key for its secrets (Debian: apt-get install postgresql)", () => {
  it("do not take the admin gate from a server whose token they do not have, and take everything else", async () => {
    const url = await emptyDatabase();
    const [a, b] = [await startOn(url), await startOn(url)];
    expect((await a.local("POST", "/admin/admin-token", { body: { admin_token: TOKEN } })).status).toBe(200);
    const rejected = await save(a, { ...GATE, PAIRING_SMS_PER_DAY: "77" });
    expect([rejected.status, rejected.body.code]).toEqual([400, "invalid_request"]);
    expect(rejected.body.errors).toEqual([
      { field: "values.PHONE_DEVICES_REQUIRE_ADMIN", message: expect.stringMatching(/PAIRING_SECRETS_KEY.*ADMIN_TOKEN.*restart/) },
    ]);
    expect((await save(a, { PAIRING_SMS_PER_DAY: "78" })).status).toBe(200);
    await vi.waitFor(async () => expect(await settingAt(b, "PAIRING_SMS_PER_DAY")).toMatchObject({ value: "78" }), PATIENT);
    expect((await b.local("GET", "/phone/devices")).status).toBe(200);
  });

  it("close the gate that a server with a token in its environment saved, also where there is none, and go on taking settings", async () => {
    const url = await emptyDatabase();
    const [a, b] = [await startOn(url, { ADMIN_TOKEN: TOKEN }), await startOn(url)];
    const admin = { "x-admin-token": TOKEN };
    expect((await save(a, GATE)).status).toBe(200);
    const devicesAt = async (server: TestServer, headers: Record<string, string> = keyOf(server)) =>
      (await server.local("GET", "/phone/devices", { headers })).status;
    await vi.waitFor(async () => expect(await devicesAt(b)).toBe(401), PATIENT);
    expect([await devicesAt(a), await devicesAt(a, admin), await devicesAt(b, admin)]).toEqual([401, 200, 403]);
    expect((await save(a, { PHONE_DEVICES_REQUIRE_ADMIN: null, PAIRING_SMS_PER_DAY: "79" }, admin)).status).toBe(200);
    await vi.waitFor(async () => expect(await settingAt(b, "PAIRING_SMS_PER_DAY")).toMatchObject({ value: "79" }), PATIENT);
    expect(await devicesAt(b)).toBe(200);
  });
});

describe.skipIf(!hasPostgres)("wrong keys at servers on one database (Debian: apt-get install postgresql)", () => {
  const wrong = async (server: TestServer, key: string) =>
    (await server.local("GET", "/phone/devices", { headers: { "x-window-key": key } })).status;

  it("make callers on the same computer wait, and none on another", async () => {
    const url = await emptyDatabase();
    const [a, b] = [await startOn(url), await startOn(url)];
    const tried: number[] = [];
    for (let n = 0; n < 7; n += 1) tried.push(await wrong(a, `wrong-${n}`));
    expect(tried.slice(-2)).toEqual([429, 429]);
    expect(await wrong(b, "wrong-7")).not.toBe(429);
    const again = await startOn(url, { PAIRING_STORAGE_PATH: a.folder });
    expect(await wrong(again, "wrong-8")).toBe(429);
  });

  it("are counted once where a page sends the same one in several requests at once", async () => {
    const server = await startOn(await emptyDatabase());
    const tried = await Promise.all(Array.from({ length: 20 }, async () => wrong(server, "of a page from before the restart")));
    expect(new Set(tried)).not.toContain(429);
    expect((await server.local("GET", "/admin/settings")).status).toBe(200);
  });
});

describe.skipIf(!hasPostgres)("the metrics of servers on one database (Debian: apt-get install postgresql)", () => {
  it("say which one holds which lease, and which ones wait", async () => {
    const url = await emptyDatabase();
    const broker = {
      PAIRING_MQTT_BROKER: "mqtt://127.0.0.1:9",
      PAIRING_MQTT_USERNAME: "server",
      PAIRING_MQTT_PASSWORD: "planted-x-password-of-the-broker",
    };
    const [a, b] = [await startOn(url, broker), await startOn(url, broker)];
    const leasesOf = async (server: TestServer) => {
      const samples = readSamples((await server.local("GET", "/metrics")).text).filter(({ name }) => name === "topdog_lease_held");
      return Object.fromEntries(samples.map(({ labels, value }) => [labels["lease"], value]));
    };
    await expect.poll(async () => leasesOf(a), PATIENT).toEqual({ server: 1, broker: 1 });
    await expect.poll(async () => leasesOf(b), PATIENT).toEqual({ server: 1, broker: 0 });
    servers.splice(servers.indexOf(a), 1);
    await a.close();
    await expect.poll(async () => leasesOf(b), PATIENT).toEqual({ server: 1, broker: 1 });
    await sqlAt(url, "update topdog_phone.leases set holder = 'another', until = until + 60000");
    await expect.poll(async () => leasesOf(b), PATIENT).toEqual({ server: 0, broker: 0 });
  });
});

describe.skipIf(!hasPostgres)("a start on a database that fails late (Debian: apt-get install postgresql)", () => {
  it("leaves no connection to it and no lease", async () => {
    const url = await emptyDatabase();
    await startOn(url);
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-http-"));
    mkdirSync(path.join(folder, "local_key"));
    const counted = async () => {
      const text = "select (select count(*)::int from pg_stat_activity where datname = current_database()) as connections";
      return (await sqlAt(url, `${text}, (select count(*)::int from topdog_phone.leases where until > 0) as leases`))[0];
    };
    await Promise.all(servers.splice(0).map(async (server) => server.close()));
    // The one that counts.
    await vi.waitFor(async () => expect(await counted()).toEqual({ connections: 1, leases: 0 }), PATIENT);
    await expect(startOn(url, { PAIRING_STORAGE_PATH: folder })).rejects.toThrow();
    await vi.waitFor(async () => expect(await counted()).toEqual({ connections: 1, leases: 0 }), PATIENT);
  });
});

describe.skipIf(!hasPostgres)("a voice command that a server took and lost (Debian: apt-get install postgresql)", () => {
  it("has an unknown result after a while, which its phone reads at any server, and the one that comes later", async () => {
    const url = await emptyDatabase();
    const env = { PAIRING_SECRETS_KEY: randomBytes(32).toString("base64") };
    const [a, b] = [await startOn(url, env), await startOn(url, env)];
    const token = await a.pair("iphone", "ada");
    const headers = { authorization: `Bearer ${token}` };
    const say = async (more: object = {}) =>
      (await a.phone("POST", "/phone/voice-command", { headers, body: { command_text: "build api", device_id: "iphone", ...more } })).body;
    const results = async (): Promise<readonly unknown[]> =>
      (await b.phone("GET", "/phone/inbox", { headers })).body.messages
        .filter(({ type }: { type: string }) => type === "command_result")
        .map(({ payload }: { payload: unknown }) => payload);
    const body = { commands: [{ action: "build", targets: ["api"] }] };
    const { handler_id } = (await a.local("POST", "/admin/voice/handlers", { body })).body;
    const { command_id } = await say();
    expect(await say({ confirms: command_id })).toMatchObject({ status: "accepted" });
    // The answer is lost; the IDE goes on asking, at the other server.
    const fetchAt = async (server: TestServer) => (await server.local("GET", `/admin/voice/handlers/${handler_id}/commands`)).body.commands;
    expect(await fetchAt(a)).toHaveLength(1);
    expect(await fetchAt(b)).toEqual([]);
    await sqlAt(url, "update topdog_phone.voice_commands set until = until - 14 * 60000");
    await b.pairing.voiceHandlers.answerUnanswered();
    expect(await results()).toEqual([]);
    await sqlAt(url, "update topdog_phone.voice_commands set until = until - 60000");
    await Promise.all([a, b].map(async ({ pairing }) => pairing.voiceHandlers.answerUnanswered()));
    const unknown = { command_id, status: "failed", message: expect.stringMatching(/15 minutes.*unknown/) };
    await vi.waitFor(async () => expect(await results()).toEqual([unknown]), PATIENT);

    const done = { status: "done", message: "Built." };
    expect((await b.local("POST", `/admin/voice/commands/${command_id}/result`, { body: done })).status).toBe(204);
    expect(await results()).toEqual([unknown, { command_id, ...done }]);
    expect((await a.local("POST", `/admin/voice/commands/${command_id}/result`, { body: done })).body.code).toBe("voice_command_not_found");
  });
});
