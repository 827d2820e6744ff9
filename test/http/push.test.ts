import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type PushedPhone, type PushService, startPushService } from "../doubles/push-service.ts";
import { startServer, type TestServer } from "./server.ts";

const services: PushService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});
const MINUTE = 60_000;
const BASE = "https://pair.example.com";

interface World {
  readonly server: TestServer;
  readonly service: PushService;
}
async function world(env: Record<string, string> = {}, host: Parameters<typeof startServer>[1] = {}): Promise<World> {
  const service = await startPushService();
  services.push(service);
  const server = await startServer(
    { PAIRING_BASE_URL: BASE, PAIRING_PUSH_SERVICES: service.address, PAIRING_RATE_LIMIT_SCALE: "1000", ...env },
    host,
  );
  return { server, service };
}
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const save = (server: TestServer, token: string, body: unknown) =>
  server.phone("POST", "/phone/push/subscription", { headers: bearer(token), body });
async function pushed({ server, service }: World, deviceId: string, userId?: string): Promise<{ token: string; phone: PushedPhone }> {
  const token = await server.pair(deviceId, userId);
  const phone = service.subscribe();
  expect((await save(server, token, phone.subscription)).status).toBe(204);
  return { token, phone };
}
const notify = (server: TestServer, over: object = {}) =>
  server.local("POST", "/phone/notifications/send", {
    body: { build_id: "b-1", project_name: "shop", status: "failure", message: "Secret words", priority: "high", ...over },
  });
const ask = (server: TestServer, over: object = {}) =>
  server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "b-1",
      project_name: "shop",
      plan: "Secret plan",
      affected_files: ["src/secret.ts"],
      estimated_duration: "1 min",
      requires_approval_by: new Date(Date.now() + 10 * MINUTE).toISOString(),
      ...over,
    },
  });
const pushOf = async (server: TestServer, token: string) => (await server.phone("GET", "/phone/push", { headers: bearer(token) })).body;
const all = (phone: PushedPhone) => phone.received.map(({ body }) => body);

it("wakes a phone for an approval, with nothing of its plan", async () => {
  const w = await world();
  const { token, phone } = await pushed(w, "phone-1");
  const { public_key } = await pushOf(w.server, token);
  const { body } = await ask(w.server);
  await w.service.came(1);
  const [push] = phone.received;
  expect(push!.body).toEqual({ kind: "approval_pending", id: body.approval_id, project: "shop" });
  expect(push!.bytes).toBeLessThan(4096);
  expect(push!.headers).toMatchObject({ urgency: "high", "content-encoding": "aes128gcm", topic: expect.stringMatching(/^[\w-]{1,32}$/) });
  expect(Number(push!.headers["ttl"])).toBeGreaterThan(500);
  expect(Number(push!.headers["ttl"])).toBeLessThanOrEqual(600);
  expect(push!.vapid).toMatchObject({ aud: w.service.address, sub: BASE, key: public_key });
  expect(push!.vapid.exp * 1000).toBeGreaterThan(Date.now());
});

it("wakes for what is high or critical, and for nothing else", async () => {
  const w = await world();
  const { phone } = await pushed(w, "phone-1");
  for (const priority of ["low", "normal", "high", "critical"]) await notify(w.server, { priority, build_id: `b-${priority}` });
  await w.service.came(2);
  expect(all(phone).map(({ kind, project }) => [kind, project])).toEqual(Array(2).fill(["build_failure", "shop"]));
  expect(phone.received.map(({ headers }) => headers["urgency"]).sort()).toEqual(["high", "normal"]);
  expect(JSON.stringify(all(phone))).not.toContain("Secret");
});

it("keeps the largest push below what services take", async () => {
  const w = await world();
  const { phone } = await pushed(w, "phone-1");
  await ask(w.server, { project_name: "\u{1F600}".repeat(40), plan: "p".repeat(10_000) });
  await w.service.came(1);
  expect(phone.received[0]!.bytes).toBeLessThan(4096);
});

it("wakes a phone for a burst of approvals with how many wait, and not for each", async () => {
  const w = await world();
  const { phone } = await pushed(w, "phone-1");
  await Promise.all(Array.from({ length: 15 }, async (_, index) => ask(w.server, { plan: `Secret plan ${index}` })));
  const reported = (): number =>
    all(phone).reduce((sum: number, body: any) => sum + (body.kind === "approvals_pending" ? body.count : 1), 0);
  await vi.waitFor(() => expect(reported()).toBe(15), { timeout: 30_000, interval: 20 });
  expect(phone.received.length).toBeLessThan(15);
  expect(all(phone)).toContainEqual({ kind: "approvals_pending", count: expect.any(Number), project: "shop" });
});

it("keeps subscription and key over a restart, with the key for this account alone", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-push-"));
  const w = await world({ PAIRING_STORAGE_PATH: folder });
  const { token, phone } = await pushed(w, "phone-1");
  const { public_key } = await pushOf(w.server, token);
  await w.server.close();
  expect(statSync(path.join(folder, "push_key.secret")).mode & 0o777).toBe(0o600);
  const again = await startServer({ PAIRING_BASE_URL: BASE, PAIRING_PUSH_SERVICES: w.service.address, PAIRING_STORAGE_PATH: folder });
  expect(await pushOf(again, token)).toEqual({ available: true, public_key, subscribed: true });
  await notify(again);
  await w.service.came(1);
  expect(phone.received).toHaveLength(1);
});

it("never replaces a key that it cannot use", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-push-"));
  writeFileSync(path.join(folder, "push_key.secret"), "nonsense", { mode: 0o600 });
  const w = await world({ PAIRING_STORAGE_PATH: folder });
  const token = await w.server.pair("phone-1");
  const answer = await w.server.phone("GET", "/phone/push", { headers: bearer(token) });
  expect([answer.status, answer.body.code]).toEqual([503, "keys_unavailable"]);
  expect(answer.body.detail).toContain("Notifications can't be turned on right now.");
  expect(readFileSync(path.join(folder, "push_key.secret"), "utf8")).toBe("nonsense");
});

it.each([404, 410])("forgets a subscription that the service answers with %d, and says so in the trail", async (status) => {
  const w = await world();
  const { token, phone } = await pushed(w, "phone-1");
  w.service.answer(phone, status);
  await notify(w.server);
  await expect.poll(async () => (await pushOf(w.server, token)).subscribed).toBe(false);
  expect(w.server.audit().map(({ event, reason }) => [event, reason])).toContainEqual(["push_unsubscribed", "gone"]);
});

it("goes on where one service fails and another hangs, and keeps both", async () => {
  const w = await world();
  const hangs = await pushed(w, "phone-1");
  const fails = await pushed(w, "phone-2");
  const redirects = await pushed(w, "phone-3");
  const works = await pushed(w, "phone-4");
  w.service.answer(hangs.phone, "hang");
  w.service.answer(fails.phone, 500);
  w.service.answer(redirects.phone, 302);
  expect((await notify(w.server)).status).toBe(200);
  expect((await ask(w.server)).status).toBe(200);
  await w.service.came(8);
  expect(works.phone.received).toHaveLength(2);
  for (const { token } of [hangs, fails, redirects]) expect((await pushOf(w.server, token)).subscribed).toBe(true);
});

it("holds up no phone of another service, however many of one hang", async () => {
  const other = await startPushService();
  services.push(other);
  const service = await startPushService();
  services.push(service);
  const server = await startServer({
    PAIRING_BASE_URL: BASE,
    PAIRING_PUSH_SERVICES: `${service.address},${other.address}`,
    PAIRING_RATE_LIMIT_SCALE: "1000",
  });
  for (let n = 0; n < 6; n += 1) service.answer((await pushed({ server, service }, `slow-${n}`)).phone, "hang");
  const { phone } = await pushed({ server, service: other }, "quick");
  await notify(server);
  await other.came(1);
  expect(phone.received).toHaveLength(1);
});

describe("sends nothing any more to a phone", () => {
  it.each([
    ["that was revoked", (server: TestServer) => server.local("DELETE", "/phone/devices/phone-1")],
    ["that is suspended", (server: TestServer) => server.local("POST", "/phone/devices/phone-1/suspend")],
    ["that unpaired itself", (server: TestServer, token: string) => server.phone("DELETE", "/phone/me", { headers: bearer(token) })],
    [
      "that switched them off",
      (server: TestServer, token: string) => server.phone("DELETE", "/phone/push/subscription", { headers: bearer(token) }),
    ],
    ["that was paired anew", (server: TestServer) => server.pair("phone-1")],
  ])("%s", async (_, end) => {
    const w = await world();
    const { token, phone } = await pushed(w, "phone-1");
    const other = await pushed(w, "phone-2");
    await end(w.server, token);
    await notify(w.server);
    await w.service.came(1);
    expect(other.phone.received).toHaveLength(1);
    expect(phone.received).toEqual([]);
  });

  it("whose pairing has ended, and forgets its subscription", async () => {
    let now = Date.now();
    const w = await world({}, { clock: { now: () => now, steady: () => now } });
    const { phone } = await pushed(w, "phone-1");
    now += 31 * 24 * 60 * MINUTE;
    const other = await pushed(w, "phone-2");
    await notify(w.server);
    await w.service.came(1);
    expect([phone.received.length, other.phone.received.length]).toEqual([0, 1]);
    await w.server.pairing.dropEndedSubscriptions();
    expect((await w.server.pairing.listDevices()).find(({ deviceId }) => deviceId === "phone-1")?.push).toBeUndefined();
  });
});

it("treats one browser as one phone: the last subscription gets what comes", async () => {
  const w = await world();
  const { token: former, phone } = await pushed(w, "phone-1", "ann");
  const token = await w.server.pair("phone-2", "ben");
  await save(w.server, token, phone.subscription);
  expect((await pushOf(w.server, former)).subscribed).toBe(false);
  await notify(w.server, { user_id: "ann" });
  await notify(w.server, { user_id: "ben", status: "success" });
  await w.service.came(1);
  expect(all(phone).map(({ kind }) => kind)).toEqual(["build_success"]);
});

describe("refuses a subscription", () => {
  const good = { p256dh: `B${"A".repeat(86)}`, auth: "A".repeat(22) };
  it.each([
    "http://fcm.googleapis.com/x",
    "https://fcm.googleapis.com.evil.test/x",
    "https://evil.test/fcm.googleapis.com",
    "https://fcm.googleapis.com:8443/x",
    "https://user@fcm.googleapis.com/x",
    "https://fcm.googleapis.com./x",
    "https://127.0.0.1/x",
    "https://[::1]/x",
    "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.1/x",
    "https://localhost/x",
    "http://127.0.0.1:1/x",
    "https://push.apple.com/x",
    "ftp://fcm.googleapis.com/x",
    "fcm.googleapis.com",
    "",
    `https://fcm.googleapis.com/${"x".repeat(2048)}`,
    "https://fcm.googleapis.com/\u0000",
  ])("at %j", async (endpoint) => {
    const { server } = await world();
    const answer = await save(server, await server.pair(), { endpoint, keys: good });
    expect(answer.status).toBe(400);
    expect(["push_service_not_allowed", "invalid_request"]).toContain(answer.body.code);
  });

  it.each([
    ["a point that is on no curve", good],
    ["a short key", { ...good, p256dh: "BAAA" }],
    ["a short secret", { ...good, auth: "AAAA" }],
    ["no keys", undefined],
  ])("with %s", async (_, keys) => {
    const { server } = await world();
    const answer = await save(server, await server.pair(), { endpoint: "https://fcm.googleapis.com/x", keys });
    expect([answer.status, answer.body.code]).toEqual([400, "invalid_request"]);
  });

  it("without a token, and of another site", async () => {
    const { server, service } = await world();
    const { subscription } = service.subscribe();
    expect((await server.phone("POST", "/phone/push/subscription", { body: subscription })).status).toBe(401);
    const token = await server.pair();
    const crossed = await server.phone("POST", "/phone/push/subscription", {
      headers: { cookie: `topdog_device=${token}`, origin: "https://evil.test" },
      body: subscription,
    });
    expect([crossed.status, crossed.body.code]).toEqual([403, "cross_site"]);
  });

  it("where the address does not stay, and says why", async () => {
    const { server, service } = await world({ PAIRING_BASE_URL: "http://192.168.1.5:8001" });
    const token = await server.pair();
    const { reason, ...rest } = await pushOf(server, token);
    expect(rest).toEqual({ available: false, subscribed: false });
    expect(reason).toContain("permanent https address");
    const answer = await save(server, token, service.subscribe().subscription);
    expect([answer.status, answer.body.code, answer.body.detail]).toEqual([409, "push_unavailable", reason]);
    const quick = await world({ PAIRING_BASE_URL: "https://a-b-c.trycloudflare.com" });
    expect((await pushOf(quick.server, await quick.server.pair())).reason).toContain("whenever the tunnel restarts");
  });

  it("takes those of the known services", async () => {
    const { server, service } = await world();
    const token = await server.pair();
    const { keys } = service.subscribe().subscription;
    for (const host of [
      "fcm.googleapis.com",
      "updates.push.services.mozilla.com",
      "web.push.apple.com",
      "api.push.apple.com",
      "wns2-par02p.notify.windows.com",
    ])
      expect((await save(server, token, { endpoint: `https://${host}/x`, keys, expirationTime: null })).status).toBe(204);
  });
});

describe("a test notification", () => {
  const test = async (server: TestServer, deviceId = "phone-1") =>
    (await server.local("POST", `/phone/devices/${deviceId}/test-notification`)).body;

  it("comes to the inbox and by push, on request of the computer and of the phone", async () => {
    const w = await world();
    const { token, phone } = await pushed(w, "phone-1");
    const tested = await test(w.server);
    expect(tested).toMatchObject({
      inbox: { state: "waiting" },
      push: { state: "accepted", sentence: expect.stringContaining("accepted") },
    });
    const own = await w.server.phone("POST", "/phone/push/test", { headers: bearer(token) });
    expect([own.status, own.body.push.state]).toEqual([200, "accepted"]);
    expect(all(phone)).toEqual([{ kind: "test" }, { kind: "test" }]);
    const { messages } = (await w.server.phone("GET", "/phone/inbox", { headers: bearer(token) })).body;
    expect(messages.map(({ payload }: any) => payload.notification_id)).toEqual([tested.notification_id, own.body.notification_id]);
  });

  it("says why it did not wake the phone", async () => {
    const w = await world({}, { pushTimeoutMs: 300 });
    await w.server.pair("quiet");
    expect((await test(w.server, "quiet")).push).toMatchObject({ state: "off", sentence: expect.stringContaining("Turn them on") });
    const { phone } = await pushed(w, "phone-1");
    const triedAfter = async (how: number | "hang") => {
      w.service.answer(phone, how);
      return (await test(w.server)).push;
    };
    expect(await triedAfter(500)).toMatchObject({ state: "failed", sentence: expect.stringContaining("status 500") });
    expect(await triedAfter("hang")).toMatchObject({ state: "failed", sentence: expect.stringContaining("did not answer in time") });
    expect(await triedAfter(410)).toMatchObject({ state: "gone" });
    expect(await triedAfter(201)).toMatchObject({ state: "off" });
  });

  it("goes to no phone that is unknown, suspended or revoked", async () => {
    const w = await world();
    await pushed(w, "phone-1");
    expect((await test(w.server, "nobody")).code).toBe("device_not_found");
    await w.server.local("POST", "/phone/devices/phone-1/suspend");
    expect((await test(w.server)).code).toBe("device_suspended");
    await w.server.local("DELETE", "/phone/devices/phone-1");
    expect((await test(w.server)).code).toBe("device_not_found");
  });
});

/** A server whose clock stands at a time of its own time zone, and a phone that is woken by what is let through. */
describe("holds back", () => {
  let now = 0;
  const at = (time: string): void => {
    const [hour = 0, minute = 0] = time.split(":").map(Number);
    const moved = new Date();
    moved.setHours(hour, minute, 0, 0);
    now = moved.getTime();
  };
  const quiet = async (env: Record<string, string>, host: Parameters<typeof startServer>[1] = {}) => {
    at("12:00");
    return world(env, { clock: { now: () => now, steady: () => now }, ...host });
  };
  /** Sends news and an approval, and expects these of them to come: a test after them, which comes always, ends the waiting. */
  const expectWoken = async (w: World, phone: PushedPhone, expected: readonly string[]): Promise<void> => {
    const before = phone.received.length;
    await notify(w.server, { priority: "high" });
    await notify(w.server, { priority: "critical", status: "cancelled" });
    await ask(w.server, { requires_approval_by: new Date(now + 10 * MINUTE).toISOString() });
    await w.server.local("POST", "/phone/devices/phone-1/test-notification");
    const kinds = () =>
      all(phone)
        .slice(before)
        .map(({ kind }) => kind)
        .sort();
    await expect.poll(kinds, { timeout: 60_000 }).toEqual([...expected, "test"]);
  };
  const EVERYTHING = ["approval_pending", "build_cancelled", "build_failure"];
  const URGENT = ["approval_pending", "build_cancelled"];

  it.each([
    ["22:00-07:00", "21:59", EVERYTHING],
    ["22:00-07:00", "22:00", URGENT],
    ["22:00-07:00", "03:00", URGENT],
    ["22:00-07:00", "06:59", URGENT],
    ["22:00-07:00", "07:00", EVERYTHING],
    ["12:30 \u2013 13:30", "13:29", URGENT],
    ["12:30-13:30", "12:29", EVERYTHING],
    ["12:30-13:30", "13:30", EVERYTHING],
  ])("in quiet hours %s at %s what is not urgent", async (hours, time, expected) => {
    const w = await quiet({ PAIRING_QUIET_HOURS: hours });
    const { phone } = await pushed(w, "phone-1");
    at(time);
    await expectWoken(w, phone, expected);
  });

  it("everything but a test where that is chosen, and only the push: the inbox has it all", async () => {
    const w = await quiet({ PAIRING_QUIET_LET_URGENT_THROUGH: "0" });
    const { token, phone } = await pushed(w, "phone-1");
    await expectWoken(w, phone, EVERYTHING);
    await w.server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_QUIET_HOURS: "11:00-13:00" } } });
    await expectWoken(w, phone, []);
    expect((await w.server.phone("GET", "/phone/inbox", { headers: bearer(token) })).body.messages).toHaveLength(8);
  });

  it.each([
    ["0 seconds", () => 0, []],
    ["119 seconds", () => 119, []],
    ["120 seconds", () => 120, EVERYTHING],
    ["nobody knows how long", undefined, EVERYTHING],
    ["nobody can tell how long", () => Number.NaN, EVERYTHING],
    [
      "a time that cannot be asked",
      () => {
        throw new Error("no display");
      },
      EVERYTHING,
    ],
  ])("what the computer shows, where it was idle for %s", async (_, idleSeconds, expected) => {
    const w = await quiet({ PAIRING_PUSH_NOT_AT_DESK: "1" }, idleSeconds ? { idleSeconds } : {});
    const { phone } = await pushed(w, "phone-1");
    await expectWoken(w, phone, expected);
  });

  it("nothing while somebody is at the keyboard, unless that is chosen", async () => {
    const w = await quiet({}, { idleSeconds: () => 0 });
    const { phone } = await pushed(w, "phone-1");
    await expectWoken(w, phone, EVERYTHING);
  });

  it("by no hours that are none", async () => {
    const { server } = await world();
    for (const hours of ["22", "24:00-07:00", "22:00-22:00", "22:60-07:00", "night"]) {
      const answer = await server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_QUIET_HOURS: hours } } });
      expect([answer.status, answer.body.errors?.[0]?.message]).toEqual([400, "must be two different times like 22:00-07:00"]);
    }
  });
});
