import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { files } from "../../src/adapters/stores/file/storage-file.ts";
import { ask, phoneBody, startServer, type TestServer } from "../http/server.ts";
import { phoneBehaviour } from "./behaviour.ts";
import { askApproval, connectPhone, hangUp, movableClock, notify, rejectionOf, startBridge, upgradeStatus, urlOf } from "./phone.ts";

afterEach(() => {
  hangUp();
  vi.restoreAllMocks();
});

const WIDE = { PAIRING_RATE_LIMIT_SCALE: "1000" };
const DAY = 86_400_000;

describe("the phone door's own broker", () => {
  phoneBehaviour(
    async () => {
      const server = await startServer(WIDE);
      return { server, url: urlOf(server) };
    },
    async () => undefined,
  );

  const states = async (server: TestServer): Promise<string[]> => {
    const { body } = await server.local("GET", "/admin/notifications");
    return body.notifications.map(({ deliveries: [{ state }] }: any) => state);
  };

  it("knows what has arrived, from the handshake or the connection itself, and says none of it again", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const first = await connectPhone(urlOf(server), { token });
    await notify(server, "one");
    await notify(server, "two", { priority: "high" });
    await notify(server, "three");
    await vi.waitFor(async () => expect(await states(server)).toEqual(["delivered", "delivered", "delivered"]));
    await first.leave();
    await notify(server, "four");
    const second = await connectPhone(urlOf(server), { token });
    await second.receivesMany(1);
    expect(second.received.map(({ seq }) => seq)).toEqual([4]);
  });

  it("has a phone on the line: of approvals it is texted only once it has gone", async () => {
    const { clock, move, decided } = movableClock();
    const server = await startServer({ ...WIDE, PAIRING_SMS_APPROVALS: "1" }, { clock });
    const phone = await connectPhone(urlOf(server), { token: await server.pair("phone", "ada") });
    move(10 * 60_000);
    const later = { requires_approval_by: new Date(Date.now() + DAY).toISOString() };
    await askApproval(server, { ...later, project_name: "connected" });
    await phone.receives(({ type }) => type === "approval_request");
    await expect.poll(decided).toBe(1);
    await phone.leave();
    await vi.waitFor(
      async () => {
        await askApproval(server, { ...later, project_name: "gone" });
        expect(server.audit().map(({ event }) => event)).toContain("send_sms_approval");
      },
      { timeout: 30_000, interval: 50 },
    );
    const texts = server.printed.filter((block) => block.includes("approval"));
    expect(texts).toEqual([expect.stringContaining("an approval is waiting (gone)")]);
  });

  it("ends the connection of a phone whose level is lowered, within a second", async () => {
    const server = await startServer(WIDE);
    const phone = await connectPhone(urlOf(server), { token: await server.pair("phone", "ada") });
    const before = performance.now();
    await server.local("PATCH", "/phone/devices/phone", { body: { level: "view" } });
    await phone.closed;
    expect(performance.now() - before).toBeLessThan(1000);
  });

  it("waits with a phone that is back at once until what it had is written down", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    await notify(server, "one", { priority: "high" });
    const write = files.fdatasync;
    let letWrite = (): void => undefined;
    const allowed = new Promise<void>((resolve) => (letWrite = resolve));
    const writes = vi.spyOn(files, "fdatasync").mockImplementation(async (fd) => allowed.then(async () => write(fd)));
    const first = await connectPhone(urlOf(server), { token });
    await first.receives(({ seq }) => seq === 1);
    await vi.waitFor(() => expect(writes).toHaveBeenCalled());
    await first.leave();
    const connecting = connectPhone(urlOf(server), { token });
    await Promise.race([connecting, new Promise((resolve) => setTimeout(resolve, 200))]);
    letWrite();
    const second = await connecting;
    await notify(server, "two", { priority: "high" });
    await second.receives(({ seq }) => seq === 2);
    expect(second.received.map(({ seq }) => seq)).toEqual([2]);
  });

  it("keeps back, for later, what a phone does not listen to", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const phone = await connectPhone(urlOf(server), { token, filters: ["command_result"] });
    await notify(server, "one");
    await phone.say("voice_command", { command_text: "help" });
    await phone.receivesMany(1);
    expect(await states(server)).toEqual(["waiting"]);
    await phone.client.subscribeAsync(`${phone.tree}+`);
    await phone.receives(({ seq }) => seq === 1);
    await vi.waitFor(async () => expect(await states(server)).toEqual(["delivered"]));
  });

  it("brings nothing again that came before what it kept back", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const phone = await connectPhone(urlOf(server), { token, filters: ["approval_request"] });
    await notify(server, "one");
    await askApproval(server);
    await phone.receivesMany(1);
    await phone.client.subscribeAsync(`${phone.tree}+`);
    await notify(server, "three");
    await phone.receives(({ seq }) => seq === 3);
    expect(phone.received.map(({ seq }) => seq)).toEqual([2, 1, 3]);
  });

  it("has what the inbox has: read there, it is not brought here", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    for (const message of ["one", "two", "three"]) await notify(server, message);
    await server.phone("GET", "/phone/inbox?since=2", { headers: { authorization: `Bearer ${token}` } });
    const phone = await connectPhone(urlOf(server), { token });
    await phone.receivesMany(1);
    expect(phone.received.map(({ seq }) => seq)).toEqual([3]);
  });

  it("brings each message once, however many come while it is being asked for", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const sent = Array.from({ length: 300 }, async (_, index) => notify(server, String(index), { priority: index % 2 ? "high" : "low" }));
    const phone = await connectPhone(urlOf(server), { token });
    await Promise.all(sent);
    await phone.receivesMany(300);
    expect(phone.received.map(({ seq }) => seq)).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  it("distinguishes two users' phones of the same id", async () => {
    const server = await startServer(WIDE);
    const [adas, bobs] = [await server.pair("phone", "ada"), await server.pair("phone", "bob")];
    const one = await connectPhone(urlOf(server), { token: adas });
    const other = await connectPhone(urlOf(server), { token: bobs, userId: "bob" });
    await notify(server, "for ada");
    await notify(server, "for bob", { user_id: "bob" });
    await one.receivesMany(1);
    await other.receivesMany(1);
    expect([one.received, other.received].map((received) => received.map(({ payload }) => payload.message))).toEqual([
      ["for ada"],
      ["for bob"],
    ]);
    expect(one.client.connected && other.client.connected).toBe(true);
  });

  it("says why it lets nobody in", async () => {
    const server = await startServer(WIDE);
    const url = urlOf(server);
    const token = await server.pair("phone", "ada");
    expect(await rejectionOf(url, { token, deviceId: "other" })).toBe("code 2");
    expect(await rejectionOf(url, { token: "x.y.z" })).toBe("code 4");
    expect(await rejectionOf(url, {})).toBe("code 4");
    expect(await rejectionOf(url, { token, protocolVersion: 5 })).toBe("code 1");
    // MQTT 3.1.1 leaves the keep-alive to the client, 0 for none included.
    for (const keepalive of [0, 1, 300, 301, 65_535])
      expect([keepalive, await rejectionOf(url, { token, keepalive })]).toEqual([keepalive, "let in"]);
    const will = (topic: string) => ({ token, will: { topic, payload: Buffer.from("gone"), qos: 1 as const, retain: true } });
    expect(await rejectionOf(url, will("topdog/ada/other/heartbeat"))).toBe("code 5");
    expect(await rejectionOf(url, will("topdog/ada/phone/approval_decision"))).toBe("code 5");
    expect(await rejectionOf(url, will("$SYS/broker"))).toBe("code 5");
    expect(await rejectionOf(url, will("topdog/ada/phone/heartbeat"))).toBe("let in");
  });

  it("takes the cookie of its own page, and of no other", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const as = (headers: object) => ({ wsOptions: { headers: { cookie: `topdog_device=${token}`, ...headers } } });
    const phone = await connectPhone(urlOf(server), as({ origin: server.phoneAddress }));
    await notify(server, "by cookie");
    await phone.receivesMany(1);
    expect(await rejectionOf(urlOf(server), as({}))).toBe("code 4");
    const accepted = await server.phone("POST", "/phone/pairing/accept-invite", {
      body: phoneBody(await server.invite(undefined, "ada"), "phone"),
    });
    const own = accepted.headers["set-cookie"]?.[1]?.split(";")[0] ?? "";
    expect(own).toMatch(/^topdog_device_[\w-]+=/);
    const both = `topdog_device=of.another.server; ${own}`;
    expect(await rejectionOf(urlOf(server), as({ origin: server.phoneAddress, cookie: both }))).toBe("let in");
    for (const origin of ["https://evil.test", "null"])
      expect(await upgradeStatus(urlOf(server), { cookie: `topdog_device=${token}`, origin })).toBe(403);
    expect(
      await rejectionOf(urlOf(server), as({ origin: server.phoneAddress, cookie: `topdog_device=${token}; topdog_device=${token}` })),
    ).toBe("code 4");
  });

  it("is at the phone door's own names and at /mqtt alone, as a WebSocket that speaks mqtt", async () => {
    const server = await startServer(WIDE);
    const upgrade = { connection: "Upgrade", upgrade: "websocket", "sec-websocket-key": Buffer.alloc(16).toString("base64") };
    const asked = { ...upgrade, "sec-websocket-version": "13", "sec-websocket-protocol": "mqtt" };
    const code = async (address: string, target: string, headers: object) => {
      const { status, body } = await ask(address, "GET", target, { headers: { ...headers } });
      return [status, body?.code];
    };
    expect(await code(server.phoneAddress, "/mqtt", { ...asked, host: "evil.test" })).toEqual([421, "host_not_allowed"]);
    expect(await code(server.phoneAddress, "/mqtt", { ...asked, origin: "https://evil.test" })).toEqual([403, "cross_site"]);
    expect(await code(server.phoneAddress, "/mqtt", { ...asked, "sec-websocket-protocol": "chat" })).toEqual([400, "websocket_expected"]);
    expect(await code(server.phoneAddress, "/mqtt", { ...asked, "sec-websocket-version": "8" })).toEqual([400, "websocket_expected"]);
    expect(await code(server.phoneAddress, "/mqtt/more", asked)).toEqual([404, "not_found"]);
    expect(await code(server.phoneAddress, "/mqtt", {})).toEqual([404, "not_found"]);
    expect((await code(server.localAddress, "/mqtt", asked))[0]).toBe(404);
    expect(await upgradeStatus(urlOf(server).replace("/mqtt", "/healthz"))).toBe(200);
    expect(await upgradeStatus(urlOf(server))).toBe(101);
  });

  it("ends the connection of a phone that publishes elsewhere, and nobody receives it", async () => {
    const server = await startServer(WIDE);
    const [token, other] = [await server.pair("phone", "ada"), await server.pair("other", "ada")];
    const listener = await connectPhone(urlOf(server), { token: other, deviceId: "other" });
    for (const topic of [
      "topdog/ada/other/notification",
      "topdog/ada/other/approval_decision",
      "topdog/ada/phone/notification",
      "topdog/ada/phone/anything",
      "topdog/ada/phone/heartbeat/more",
      "$SYS/broker",
      "a",
      "a/b/c/d/e/f/g",
    ]) {
      const phone = await connectPhone(urlOf(server), { token });
      phone.client.publish(topic, "{}", { qos: 1, retain: true });
      await phone.closed;
    }
    await notify(server, "the end", { device_id: "other" });
    await listener.receivesMany(1);
    expect(listener.received).toHaveLength(1);
    expect(await server.phone("GET", "/healthz")).toMatchObject({ status: 200 });
  });

  it("ends the connection whose packet is too large, before it has come", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const phone = await connectPhone(urlOf(server), { token });
    phone.client.publish(`${phone.tree}voice_command`, "x".repeat(21 * 1024));
    await phone.closed;
    // Before anybody knows who it is: the head of a packet of 256 MB, and one whose length never ends.
    for (const head of [
      [0x10, 0xff, 0xff, 0xff, 0x7f],
      [0x10, 0xff, 0xff, 0xff, 0xff, 0x7f],
    ]) {
      const socket = new WebSocket(urlOf(server), "mqtt");
      await once(socket, "open");
      const closed = once(socket, "close");
      for (const byte of head) socket.send(Buffer.from([byte]));
      await closed;
    }
    const texts = new WebSocket(urlOf(server), "mqtt");
    await once(texts, "open");
    texts.send("hello");
    await once(texts, "close");
  });

  it("ends the connection of who says too much, and others' stay", async () => {
    const server = await startServer();
    const [token, other] = [await server.pair("phone", "ada"), await server.pair("other", "ada")];
    const calm = await connectPhone(urlOf(server), { token: other, deviceId: "other" });
    const phone = await connectPhone(urlOf(server), { token });
    for (let count = 0; count < 1300; count += 1)
      phone.client.publish(`${phone.tree}heartbeat`, JSON.stringify({ type: "heartbeat", message_id: String(count) }));
    await phone.closed;
    await notify(server, "calm", { device_id: "other" });
    await calm.receivesMany(1);
  });

  it("counts what it refuses, as the door counts its requests", async () => {
    const server = await startServer();
    const token = await server.pair("phone", "ada");
    const phone = await connectPhone(urlOf(server), { token });
    for (let count = 0; count < 130; count += 1) phone.client.subscribe("topdog/ada/other/#", () => undefined);
    await phone.closed;
    expect(await upgradeStatus(urlOf(server))).toBe(429);
    expect(await server.phone("GET", "/phone/me")).toMatchObject({ status: 429 });
  });

  it("ends a connection when its token ends", async () => {
    const start = Date.now();
    let moved = 0;
    const clock = { now: () => Date.now() + moved, steady: () => performance.now() + moved };
    const server = await startServer({ ...WIDE, PAIRING_TOKEN_EXPIRY_DAYS: "1" }, { clock });
    const token = await server.pair("phone", "ada");
    // So that what is left of the token's day is a moment.
    moved = DAY - (Date.now() - start) - 1500;
    const phone = await connectPhone(urlOf(server), { token });
    await phone.closed;
    expect(clock.now()).toBeGreaterThanOrEqual(Math.floor(start / 1000) * 1000 + DAY);
    expect(await rejectionOf(urlOf(server), { token })).toBe("code 4");
  });

  it("stops with its phones connected, and says farewell", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    const phone = await connectPhone(urlOf(server), { token });
    const socket = new WebSocket(urlOf(server), "mqtt");
    await once(socket, "open");
    const farewell = once(socket, "close");
    await server.close();
    await phone.closed;
    expect((await farewell)[0]).toBe(1001);
  });

  it("stops with a phone that has not finished its handshake", async () => {
    const server = await startServer(WIDE);
    const { hostname, port } = new URL(server.phoneAddress);
    const socket = connect(Number(port), hostname).on("error", () => undefined);
    socket.write(
      "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    );
    await once(socket, "data");
    const closed = once(socket, "close");
    socket.resume();
    await server.close();
    await closed;
  });
});

const hasMosquitto = spawnSync("sh", ["-c", "command -v mosquitto_sub"]).status === 0;

describe.skipIf(!hasMosquitto)("Mosquitto's own programs (Debian: apt-get install mosquitto-clients)", () => {
  const withBridge = async (work: (server: TestServer, args: (token: string, more: readonly string[]) => string[]) => Promise<void>) => {
    const server = await startServer(WIDE);
    const bridge = await startBridge(urlOf(server));
    const args = (token: string, more: readonly string[]) => [
      ...["-V", "mqttv311", "-h", "127.0.0.1", "-p", String(bridge.port), "-i", "phone", "-u", "phone", "-P", token],
      ...more,
    ];
    await work(server, args).finally(bridge.close);
  };
  const run = async (program: string, args: readonly string[]): Promise<{ code: number | null; output: string }> => {
    const child = spawn(program, args);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (bytes: Buffer) => (output += bytes.toString()));
    const [code] = await once(child, "close");
    return { code, output };
  };

  it("receive what waits for the phone, once", async () => {
    await withBridge(async (server, args) => {
      const token = await server.pair("phone", "ada");
      for (const message of ["one", "two", "three"]) await notify(server, message, { priority: "high" });
      const listen = ["-q", "2", "-t", "topdog/ada/phone/#", "-W", "30"];
      const { code, output } = await run("mosquitto_sub", args(token, [...listen, "-C", "3"]));
      expect(code).toBe(0);
      const lines = output
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).payload.message);
      expect(lines).toEqual(["one", "two", "three"]);
      const next = run("mosquitto_sub", args(token, [...listen, "-C", "1"]));
      await notify(server, "four", { priority: "high" });
      expect(JSON.parse((await next).output)).toMatchObject({ seq: 4 });
    });
  });

  it("command by voice, and are refused what is not theirs", async () => {
    await withBridge(async (server, args) => {
      const token = await server.pair("phone", "ada");
      const publish = async (topic: string, payload: object, password = token) =>
        run("mosquitto_pub", args(password, ["-q", "1", "-t", topic, "-m", JSON.stringify(payload)]));
      const command = { type: "voice_command", message_id: "1", payload: { command_text: "help" } };
      expect(await publish("topdog/ada/phone/voice_command", command)).toMatchObject({ code: 0 });
      await vi.waitFor(() => expect(server.audit()).toContainEqual(expect.objectContaining({ event: "voice_command", reason: "done" })));
      expect((await publish("topdog/ada/phone/voice_command", command, "x.y.z")).output).toMatch(
        /bad user name or password|not authorised/i,
      );
      const foreign = await run("mosquitto_sub", args(token, ["-t", "topdog/ada/other/#", "-W", "30"]));
      expect(foreign.output).toMatch(/denied/i);
      const v5 = await run(
        "mosquitto_pub",
        args(token, ["-t", "topdog/ada/phone/heartbeat", "-m", "{}"]).map((word) => (word === "mqttv311" ? "5" : word)),
      );
      expect(v5.output).toMatch(/protocol version/i);
    });
  });
});
