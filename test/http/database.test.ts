import { randomUUID } from "node:crypto";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { afterEachTest } from "../after-each-test.ts";
import { HOSTILE_STRINGS } from "../hostile-strings.ts";
import { hasPostgres, postgresUrl, sql } from "../postgres.ts";
import { readSamples } from "../prometheus-text.ts";
import { ask, phoneBody, startServer, type TestServer } from "./server.ts";

const open: { readonly server: TestServer; readonly name: string }[] = [];
afterEachTest(async () => {
  for (const { server, name } of open.splice(0)) {
    await server.close();
    await sql(`drop database ${name} with (force)`);
  }
});

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000", PAIRING_SMS_PER_DAY: "100000", PAIRING_DATABASE_MIGRATE: "1" };

async function startOnDatabase(
  more: Record<string, string> = {},
): Promise<{ readonly server: TestServer; change(text: string): Promise<void> }> {
  const name = `http_${randomUUID().replaceAll("-", "")}`;
  await sql(`create database ${name}`);
  const url = postgresUrl.replace(/[^/]*$/, name);
  const server = await startServer({ ...GENEROUS, ...more, PAIRING_DATABASE_URL: url });
  open.push({ server, name });
  return {
    server,
    async change(text) {
      const client = new pg.Client(url);
      await client.connect();
      await client.query(text);
      await client.end();
    },
  };
}

/** What PostgreSQL's texts do not hold, or do not find again. */
const NOT_FOR_COLUMNS = ["a\u0000b", "\u0000", "\ud800", "a\udfffb", "\\u0000", "x".repeat(10_000), ...HOSTILE_STRINGS];

describe.skipIf(!hasPostgres)("a server with a database (Debian: apt-get install postgresql)", () => {
  it("answers 503 while the database's disk is full, also to a revocation, which has not happened then", async () => {
    const { server, change } = await startOnDatabase();
    const token = await server.pair("iphone-1", "ada");
    const me = async () => (await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } })).status;
    await change(`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'full' using errcode = '53100'; end $$;
      create trigger refuse before insert on topdog_phone.changes execute function refuse()`);
    for (const refused of [
      await server.local("POST", "/phone/pairing/send-sms", { body: { phone_number: "+14155550123", user_id: "ada" } }),
      await server.local("DELETE", "/phone/devices/iphone-1"),
    ]) {
      expect([refused.status, refused.body.code]).toEqual([503, "storage_unavailable"]);
      expect(refused.body.request_id).toBe(refused.headers["x-request-id"]);
    }
    // That of the pairing.
    expect(server.printed.filter((line) => line.includes("MOCK SMS"))).toHaveLength(1);
    expect(await me()).toBe(200);
    await change("drop function refuse() cascade");
    expect((await server.local("DELETE", "/phone/devices/iphone-1")).status).toBe(200);
    expect(await me()).toBe(401);
  });

  it("counts what is pending and paired for the metrics, as a server with files does", async () => {
    const counts = ["topdog_invites_pending", "topdog_devices", "topdog_approvals_pending", "topdog_outbox_messages"];
    const { server } = await startOnDatabase({ PAIRING_METRICS_PORT: "0" });
    await server.pair("iphone-1", "ada");
    await server.invite();
    const body = { device_id: "iphone-1", build_id: "b", project_name: "shop", status: "success", message: "done" };
    expect((await server.local("POST", "/phone/notifications/send", { body })).status).toBe(200);
    const { origin, pathname } = new URL(server.metricsAddress ?? "");
    const samples = readSamples((await ask(origin, "GET", pathname)).text);
    const sums = counts.map((name) => samples.filter((sample) => sample.name === name).reduce((sum, { value }) => sum + value, 0));
    expect(sums).toEqual([1, 1, 0, 1]);
    expect(counts.filter((name) => !samples.some((sample) => sample.name === name))).toEqual([]);
  });

  it("refuses what a column does not take, in every field of every operation, and goes on", async () => {
    const { server } = await startOnDatabase();
    const token = await server.pair("iphone-1", "ada");
    const failed: unknown[] = [];
    for (const [name, operation] of Object.entries(OPERATIONS) as [string, Operation][]) {
      if (name === "ready") continue;
      for (const text of NOT_FOR_COLUMNS.slice(0, 5)) {
        const value = encodeURIComponent(text.toWellFormed());
        const path = operation.path.replace(/\{\w+\}/g, value);
        const query = Object.keys(operation.query?.shape ?? {}).map((key) => `${key}=${value}`);
        const body = Object.fromEntries(Object.keys(operation.body?.shape ?? {}).map((key) => [key, text]));
        const headers = operation.caller === "phone" ? { authorization: `Bearer ${token}` } : {};
        const { status } = await server[operation.door === "phone" ? "phone" : "local"](
          operation.method,
          query.length === 0 ? path : `${path}?${query.join("&")}`,
          { headers, ...(operation.body ? { body } : {}) },
        );
        if (status >= 500) failed.push([name, text, status]);
      }
    }
    expect(failed).toEqual([]);
    await server.pair("iphone-2", "ada");
  });

  it("takes names and ids clean or refuses them, and finds what it took again", async () => {
    const { server } = await startOnDatabase();
    const answers = await Promise.all(NOT_FOR_COLUMNS.map(async (text, number) => pairAs(server, text, number)));
    expect(answers.filter(({ statuses }) => statuses.some((status) => status !== 200 && status !== 400))).toEqual([]);
    const taken = answers.flatMap(({ ids }) => ids ?? []);
    const { body } = await server.local("GET", "/phone/devices");
    const found = (body as { user_id: string; device_id: string }[]).map(({ user_id, device_id }) => JSON.stringify([user_id, device_id]));
    expect(found.sort()).toEqual([...new Set(taken)].sort());
  });
});

/** Invites and pairs with a text in every field; which of the ids was taken. */
async function pairAs(server: TestServer, text: string, number: number): Promise<{ statuses: readonly number[]; ids?: string }> {
  const phone_number = `+1415555${1000 + number}`;
  const sent = await server.local("POST", "/phone/pairing/send-sms", {
    body: { phone_number, user_id: text, user_name: text.slice(0, 80) },
  });
  if (sent.status !== 200) return { statuses: [sent.status] };
  const fields = { device_name: text.slice(0, 80), os_version: text.slice(0, 80), app_version: text.slice(0, 80) };
  const accepted = await server.phone("POST", "/phone/pairing/accept-invite", {
    headers: { "idempotency-key": `key-${number}` },
    body: { ...phoneBody(sent.body.invite_code, text), ...fields },
  });
  if (accepted.status !== 200) return { statuses: [sent.status, accepted.status] };
  return { statuses: [200, 200], ids: JSON.stringify([accepted.body.user_id, accepted.body.device_id]) };
}
