import { afterEach, describe, expect, it, vi } from "vitest";
import { startServer, type TestServer } from "../http/server.ts";
import { phoneBehaviour } from "./behaviour.ts";
import { hasMosquitto, type Mosquitto, startMosquitto, stopMosquitto } from "./mosquitto.ts";
import { askApproval, connectPhone, hangUp, type MqttPhone, movableClock, notify, rejectionOf } from "./phone.ts";

afterEach(() => {
  hangUp();
  stopMosquitto();
  vi.restoreAllMocks();
});

const linked = async (
  broker: Mosquitto,
  env: Record<string, string> = {},
  host: Parameters<typeof startServer>[1] = {},
): Promise<TestServer> =>
  startServer(
    {
      PAIRING_RATE_LIMIT_SCALE: "1000",
      PAIRING_MQTT_BROKER: broker.url,
      PAIRING_MQTT_PUBLIC_URL: broker.phoneUrl,
      PAIRING_MQTT_USERNAME: broker.username,
      PAIRING_MQTT_PASSWORD: broker.password,
      ...env,
    },
    host,
  );
const state = async (server: TestServer): Promise<string> => (await server.local("GET", "/admin/overview")).body.broker.state;
const reaches = async (server: TestServer, wanted: string): Promise<void> => {
  await vi.waitFor(async () => expect(await state(server)).toBe(wanted), { timeout: 30_000 });
};
const patiently = async (url: string, options: Parameters<typeof connectPhone>[1]): Promise<MqttPhone> => {
  const phone = await vi.waitFor(() => connectPhone(url, options), { timeout: 30_000, interval: 50 });
  await phone.say("heartbeat", {});
  return phone;
};

describe.skipIf(!hasMosquitto)("a Mosquitto of one's own (Debian: apt-get install mosquitto mosquitto-clients)", () => {
  phoneBehaviour(
    async () => {
      const broker = await startMosquitto();
      const server = await linked(broker);
      await reaches(server, "connected");
      return { server, url: broker.phoneUrl };
    },
    async (phone) => {
      await phone.say("heartbeat", {});
      // Messages of a phone are handled in order.
      const asked = await phone.say("voice_command", { command_text: "help" });
      await phone.receives(({ in_reply_to }) => in_reply_to === asked);
      const own = phone.received.findIndex(({ in_reply_to }) => in_reply_to === asked);
      phone.received.splice(own, 1);
      phone.qos.splice(own, 1);
    },
  );

  it("does not report presence: an approval is texted to a phone that has sent nothing for a while", async () => {
    const broker = await startMosquitto();
    const { clock, move, decided } = movableClock();
    const server = await linked(broker, { PAIRING_SMS_APPROVALS: "1" }, { clock });
    await reaches(server, "connected");
    await server.pair("phone", "ada");
    const later = { requires_approval_by: new Date(Date.now() + 86_400_000).toISOString() };
    await askApproval(server, { ...later, project_name: "just paired" });
    await expect.poll(decided).toBe(1);
    move(10 * 60_000);
    await askApproval(server, { ...later, project_name: "silent" });
    await vi.waitFor(() => expect(server.printed.at(-1)).toContain("an approval is waiting (silent)"), { timeout: 30_000 });
    expect(server.printed.join()).not.toContain("(just paired)");
  });

  it("is announced to phones, and given to them, the first time that a server uses it", async () => {
    const broker = await startMosquitto({ isNew: true });
    const server = await linked(broker);
    const { body: invite } = await server.local("POST", "/phone/pairing/send-sms", {
      body: { phone_number: "+14155550000", user_id: "ada" },
    });
    const { body } = await server.phone("POST", "/phone/pairing/accept-invite", {
      body: { invite_code: invite.invite_code, device_id: "phone", device_name: "Phone", device_type: "ios" },
    });
    expect(body).toMatchObject({ mqtt_broker: "127.0.0.1", mqtt_url: broker.phoneUrl });
    const phone = await patiently(body.mqtt_url, { token: body.jwt_token });
    await notify(server, "hello");
    await phone.receivesMany(1);
  });

  it("may go away: phones have their inbox, and what was missed is made up for", async () => {
    const broker = await startMosquitto();
    const server = await linked(broker);
    await reaches(server, "connected");
    const [token, other, gone] = [await server.pair("phone", "ada"), await server.pair("other", "ada"), await server.pair("gone", "ada")];
    const phone = await patiently(broker.phoneUrl, { token });
    await notify(server, "one", { device_id: "phone" });
    await phone.receivesMany(1);
    await phone.say("acknowledgment", { seq: 1 });
    await (await patiently(broker.phoneUrl, { token: gone, deviceId: "gone" })).leave();
    await broker.stop();
    await reaches(server, "away");
    expect((await server.local("GET", "/admin/overview")).body.broker.sentence).toContain("inbox meanwhile");
    expect(await server.local("GET", "/readyz")).toMatchObject({ status: 200 });
    await notify(server, "two", { device_id: "phone" });
    await server.local("DELETE", "/phone/devices/gone");
    await server.local("POST", "/phone/devices/other/suspend");
    const late = await server.pair("late", "ada");
    const { body } = await server.phone("GET", "/phone/inbox?since=1", { headers: { authorization: `Bearer ${token}` } });
    expect(body.messages).toMatchObject([{ seq: 2, payload: { message: "two" } }]);
    await broker.start();
    await reaches(server, "connected");
    const again = await patiently(broker.phoneUrl, { token });
    await again.receives(({ seq }) => seq === 2);
    await patiently(broker.phoneUrl, { token: late, deviceId: "late" });
    for (const [deviceId, password] of Object.entries({ gone, other }))
      expect(await rejectionOf(broker.phoneUrl, { token: password, deviceId })).toMatch(/^code [45]$/);
  });

  it("is updated on what changed while this server was away", async () => {
    const broker = await startMosquitto();
    const first = await linked(broker);
    await reaches(first, "connected");
    const [token, gone] = [await first.pair("phone", "ada"), await first.pair("gone", "ada")];
    await (await patiently(broker.phoneUrl, { token: gone, deviceId: "gone" })).leave();
    await first.close();
    // Without the broker, as if it had been unreachable.
    const between = await startServer({ PAIRING_STORAGE_PATH: first.folder });
    await between.local("DELETE", "/phone/devices/gone");
    await notify(between, "while nobody looked");
    await between.close();
    const second = await linked(broker, { PAIRING_STORAGE_PATH: first.folder });
    await reaches(second, "connected");
    const phone = await patiently(broker.phoneUrl, { token });
    await phone.receives(({ payload }) => payload.message === "while nobody looked");
    expect(await rejectionOf(broker.phoneUrl, { token: gone, deviceId: "gone" })).toMatch(/^code [45]$/);
  });

  it("keeps its own users, whatever phones are called", async () => {
    const broker = await startMosquitto();
    const server = await linked(broker);
    await reaches(server, "connected");
    const token = await server.pair(broker.username, "ada");
    await server.local("DELETE", `/phone/devices/${broker.username}`);
    const other = await server.pair("phone", "ada");
    const phone = await patiently(broker.phoneUrl, { token: other });
    expect(await rejectionOf(broker.phoneUrl, { token, deviceId: broker.username })).toMatch(/^code [45]$/);
    await notify(server, "still here");
    await phone.receivesMany(1);
  });

  it("lets nobody write to another phone, nor as the server", async () => {
    const broker = await startMosquitto();
    const server = await linked(broker);
    await reaches(server, "connected");
    const [token, other] = [await server.pair("phone", "ada"), await server.pair("other", "ada")];
    const listener = await patiently(broker.phoneUrl, { token: other, deviceId: "other" });
    const will = { topic: "topdog/ada/other/notification", payload: Buffer.from("{}"), qos: 1 as const, retain: false };
    const phone = await patiently(broker.phoneUrl, { token, will });
    for (const topic of ["topdog/ada/other/notification", "topdog/ada/phone/notification", "$CONTROL/dynamic-security/v1"])
      phone.client.publish(topic, "{}", { qos: 0 });
    phone.client.stream.destroy();
    await phone.closed;
    await notify(server, "the end", { device_id: "other" });
    await listener.receives(({ payload }) => payload.message === "the end");
    expect(listener.received).toHaveLength(1);
  });

  it("keeps a phone connected that is lowered, and from then on does and sends it no more than its level allows", async () => {
    const broker = await startMosquitto();
    const server = await linked(broker);
    await reaches(server, "connected");
    const phone = await patiently(broker.phoneUrl, { token: await server.pair("phone", "ada") });
    await patiently(broker.phoneUrl, { token: await server.pair("other", "ada"), deviceId: "other" });
    const before = await askApproval(server);
    await phone.receives(({ type }) => type === "approval_request");
    await server.local("PATCH", "/phone/devices/phone", { body: { level: "view" } });
    const decision = await phone.say("approval_decision", { approval_id: before, decision: "approve" });
    const refused = await phone.receives(({ in_reply_to }) => in_reply_to === decision);
    expect([refused.type, refused.payload.code]).toEqual(["problem", "forbidden_level"]);
    expect((await server.local("GET", `/phone/approvals/${before}`)).body.status).toBe("pending");
    const after = await askApproval(server);
    await notify(server, "the end");
    await phone.receives(({ payload }) => payload.message === "the end");
    expect(phone.received.some(({ payload }) => payload.approval_id === after)).toBe(false);
    expect(phone.client.connected).toBe(true);
  });

  it("lets a phone in no more when its token ends", async () => {
    const broker = await startMosquitto();
    let moved = 0;
    const start = Date.now();
    const server = await startServer(
      {
        PAIRING_MQTT_BROKER: broker.url,
        PAIRING_MQTT_USERNAME: broker.username,
        PAIRING_MQTT_PASSWORD: broker.password,
        PAIRING_TOKEN_EXPIRY_DAYS: "1",
      },
      { clock: { now: () => Date.now() + moved, steady: () => performance.now() + moved } },
    );
    await reaches(server, "connected");
    const token = await server.pair("phone", "ada");
    const phone = await patiently(broker.phoneUrl, { token });
    moved = 86_400_000 - (Date.now() - start) - 1500;
    // Any change makes the server check the time that is left.
    await server.local("PATCH", "/phone/devices/phone", { body: { device_name: "Renamed" } });
    await phone.closed;
    expect(await rejectionOf(broker.phoneUrl, { token })).toMatch(/^code [45]$/);
  });

  it("is reported as away when it does not know us", async () => {
    const broker = await startMosquitto();
    const server = await linked(broker, { PAIRING_MQTT_PASSWORD: "not-the-brokers-password" });
    await reaches(server, "away");
    expect((await server.local("GET", "/admin/overview")).body.broker.sentence).toMatch(/not authorized/i);
  });
});
