import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { startServer, type TestServer } from "../http/server.ts";
import { hasPostgres, postgresUrl, sql } from "../postgres.ts";
import { askApproval, connectPhone, hangUp, type MqttPhone, movableClock, notify, rejectionOf, urlOf } from "./phone.ts";

const open: TestServer[] = [];
const databases: string[] = [];
afterEach(async () => {
  hangUp();
  await Promise.all(open.splice(0).map(async (server) => server.close()));
  for (const name of databases.splice(0)) await sql(`drop database ${name} with (force)`);
});

/** Two servers on one database, in this process. */
async function twoServers(env: Record<string, string> = {}, host: Parameters<typeof startServer>[1] = {}) {
  const name = `phones_${randomUUID().replaceAll("-", "")}`;
  await sql(`create database ${name}`);
  databases.push(name);
  const shared = {
    PAIRING_DATABASE_URL: postgresUrl.replace(/[^/]*$/, name),
    PAIRING_DATABASE_MIGRATE: "1",
    PAIRING_JWT_PRIVATE_KEY: inject("signingKeys").at(-1) ?? "",
    PAIRING_RATE_LIMIT_SCALE: "1000",
    ...env,
  };
  const a = await startServer(shared, host);
  const b = await startServer(shared, host);
  open.push(a, b);
  return { a, b };
}

const textsOf = ({ received }: MqttPhone): string[] => received.map(({ payload }) => payload.message);

/** Resolves when a server knows that so many notifications are with the phone. */
async function delivered(server: TestServer, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const { body } = await server.local("GET", "/admin/notifications");
      expect(body.notifications.map(({ deliveries: [{ state }] }: any) => state)).toEqual(Array.from({ length: count }, () => "delivered"));
    },
    { timeout: 30_000, interval: 20 },
  );
}

describe.skipIf(!hasPostgres)("a phone of two servers on one database (Debian: apt-get install postgresql)", () => {
  it("has one connection: the newer one takes over from the other server's, and no message comes twice", async () => {
    const { a, b } = await twoServers();
    const token = await a.pair("phone", "ada");
    const connections = [await connectPhone(urlOf(a), { token })];
    let sent = 0;
    for (let round = 0; round < 6; round += 1) {
      for (const server of [a, b, a]) await notify(server, String(sent++));
      const former = connections.at(-1);
      // What is on its way when a connection breaks may come twice.
      await delivered(b, sent);
      const next = await connectPhone(urlOf(round % 2 === 0 ? b : a), { token });
      connections.push(next);
      await former?.closed;
      for (const server of [b, a]) await notify(server, String(sent++));
      await delivered(a, sent);
    }
    const all = connections.flatMap(textsOf);
    expect(all).toEqual(Array.from({ length: sent }, (_, index) => String(index)));
  });

  it("gets what is sent at the other server, by MQTT and by a request that waits", async () => {
    const { a, b } = await twoServers();
    const token = await a.pair("phone", "ada");
    const phone = await connectPhone(urlOf(b), { token });
    await notify(a, "one");
    await phone.receives(({ payload }) => payload.message === "one");
    await phone.leave();
    const since = phone.received[0].seq;
    const waiting = b.phone("GET", `/phone/inbox?since=${since}&wait=25`, { headers: { authorization: `Bearer ${token}` } });
    await notify(a, "two");
    expect((await waiting).body.messages).toMatchObject([{ payload: { message: "two" } }]);
  });

  it("loses its connection at one server when it is revoked or suspended at the other", async () => {
    const { a, b } = await twoServers();
    for (const [method, path] of [
      ["DELETE", "/phone/devices/gone"],
      ["POST", "/phone/devices/suspended/suspend"],
    ] as const) {
      const deviceId = path.split("/")[3] ?? "";
      const token = await a.pair(deviceId, "ada");
      const phone = await connectPhone(urlOf(b), { token, deviceId });
      expect((await a.local(method, path)).status).toBeLessThan(300);
      await phone.closed;
      expect(await rejectionOf(urlOf(b), { token, deviceId })).toMatch(/^code 5$/);
    }
  });

  it("is on the line for the other server too: of approvals it is texted only once it has gone", async () => {
    const { clock, move, decided } = movableClock();
    const { a, b } = await twoServers({ PAIRING_SMS_APPROVALS: "1" }, { clock });
    const phone = await connectPhone(urlOf(b), { token: await b.pair("phone", "ada") });
    move(10 * 60_000);
    const later = { requires_approval_by: new Date(Date.now() + 86_400_000).toISOString() };
    await askApproval(a, { ...later, project_name: "connected" });
    await phone.receives(({ type }) => type === "approval_request");
    await expect.poll(decided).toBe(1);
    await phone.leave();
    await vi.waitFor(
      async () => {
        await askApproval(a, { ...later, project_name: "gone" });
        expect(a.printed.join()).toContain("(gone)");
      },
      { timeout: 30_000 },
    );
    expect(a.printed.join()).not.toContain("(connected)");
  });
});
