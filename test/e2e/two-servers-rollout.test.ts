import { afterEach, describe, expect, it } from "vitest";
import { SCHEMA_VERSION } from "../../src/adapters/stores/postgres/migrations.ts";
import { phoneBody } from "../http/server.ts";
import { freePort } from "../ports.ts";
import { hasPostgres } from "../postgres.ts";
import { ask, sqlAt } from "./databases.ts";
import { freshHome, type Headless, startHeadless } from "./headless.ts";
import { hasNginx, startShippedNginx, stopNginx } from "./nginx.ts";
import { endServers, newDatabase } from "./servers-on-database.ts";

afterEach(async () => {
  stopNginx();
  await endServers();
});

/** What a step of a later version may do: everything that it may add to each table. */
async function takeNextStep(url: string): Promise<void> {
  const tables = await sqlAt(url, "select tablename as name from pg_tables where schemaname = 'topdog_phone' and tablename <> 'version'");
  const steps = tables.flatMap(({ name }) => [
    `alter table topdog_phone.${String(name)} add column of_next text, add column counted bigint not null default 0`,
    `create index next_${String(name)} on topdog_phone.${String(name)} (of_next)`,
  ]);
  expect(steps.length).toBeGreaterThan(20);
  const version = `update topdog_phone.version set version = ${SCHEMA_VERSION + 1}`;
  // In one transaction, as a migration is.
  await sqlAt(url, ["set local lock_timeout = '3s'", ...steps, "create table topdog_phone.next (id text)", version].join("; "));
}

let serial = 0;

/** A phone is invited, paired, reached and revoked, without a second try. */
async function pairAndRevoke(local: string, phone: string, deviceId: string): Promise<void> {
  serial += 1;
  const invite = { phone_number: `+1415555${String(2000 + serial)}`, user_id: deviceId };
  const invited = await ask(local, "POST", "/phone/pairing/send-sms", invite, { "idempotency-key": `the invite of ${deviceId}` });
  expect(invited).toMatchObject({ status: 200 });
  const code = String(invited.body["invite_code"]);
  const accept = async () =>
    ask(phone, "POST", "/phone/pairing/accept-invite", phoneBody(code, deviceId), { "idempotency-key": `the key of ${deviceId}` });
  const [first, again] = [await accept(), await accept()];
  expect([first.status, again.status]).toEqual([200, 200]);
  const token = String(again.body["jwt_token"]);
  const waiting = ask(phone, "GET", "/phone/inbox?since=0&wait=8", undefined, token);
  const build = { build_id: "b", project_name: "p", status: "success", message: deviceId, priority: "normal", action_required: false };
  expect(
    await ask(
      local,
      "POST",
      "/phone/notifications/send",
      { ...build, user_id: deviceId },
      { "idempotency-key": `the news of ${deviceId}` },
    ),
  ).toMatchObject({ status: 200 });
  expect(await waiting).toMatchObject({ status: 200 });
  const inbox = await ask(phone, "GET", "/phone/inbox?since=0", undefined, token);
  expect(inbox).toMatchObject({ status: 200, body: { messages: [{ payload: { message: deviceId } }] } });
  expect(await ask(local, "DELETE", `/phone/devices/${deviceId}?user_id=${deviceId}`)).toMatchObject({ status: 200 });
  expect(await ask(phone, "GET", "/phone/me", undefined, token)).toMatchObject({ status: 401 });
}

describe.skipIf(!hasPostgres || !hasNginx)("two servers on one database (Debian: apt-get install postgresql nginx-light)", () => {
  it("go on while a later version's tables come and each of them is replaced: no request that may be repeated fails", async () => {
    // Each keeps its ports, as a container keeps its address.
    const places = [0, 1].map(() => freshHome());
    const ports = await Promise.all(
      places.map(async () => ({ PAIRING_PORT: String(await freePort()), PAIRING_PHONE_PORT: String(await freePort()) })),
    );
    const env = { ...(await newDatabase()), PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_SMS_PER_DAY: "100000" };
    const start = async (index: number): Promise<Headless> => startHeadless(places[index] ?? "", { ...env, ...ports[index] });
    const servers = await Promise.all([start(0), start(1)]);
    const [local, phone] = await Promise.all([
      startShippedNginx(
        servers.map(({ localAddress }) => localAddress),
        "local",
      ),
      startShippedNginx(
        servers.map(({ phoneAddress }) => phoneAddress),
        "phone",
      ),
    ]);
    let over = false;
    let paired = 0;
    const user = async (name: string): Promise<void> => {
      for (let round = 0; !over; round += 1) {
        await pairAndRevoke(local, phone, `${name}-${round}`);
        paired += 1;
      }
    };
    const users = Promise.all(["ada", "grace", "linus"].map(user));
    try {
      await takeNextStep(env.PAIRING_DATABASE_URL);
      for (const [index, server] of servers.entries()) {
        server.child.kill("SIGTERM");
        expect((await server.ended).code).toBe(0);
        await start(index);
      }
    } finally {
      over = true;
    }
    await users;
    expect(paired).toBeGreaterThan(2);
  });
});
