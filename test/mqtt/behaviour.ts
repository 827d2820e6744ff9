import { expect, it, vi } from "vitest";
import { OPERATIONS } from "../../src/contract/operations.ts";
import { LEVELS } from "../../src/core/index.ts";
import type { TestServer } from "../http/server.ts";
import { askApproval, connectPhone, type MqttPhone, notify, type PhoneOptions, rejectionOf } from "./phone.ts";

export interface World {
  readonly server: TestServer;
  readonly url: string;
}

/** What a phone may rely on, whichever broker it speaks to. `hello`: the phone says that it listens now, where it has to. */
export function phoneBehaviour(open: () => Promise<World>, hello: (phone: MqttPhone) => Promise<unknown>): void {
  const pair = async ({ server, url }: World, options: PhoneOptions = {}): Promise<MqttPhone & { readonly token: string }> => {
    const token = await server.pair(options.deviceId ?? "phone", options.userId ?? "ada");
    const phone = await vi.waitFor(() => connectPhone(url, { token, ...options }), { timeout: 20_000, interval: 20 });
    await hello(phone);
    return { ...phone, token };
  };

  it("brings a notification in the envelope, as surely as its priority asks for", async () => {
    const world = await open();
    const phone = await pair(world);
    await notify(world.server, "one");
    await notify(world.server, "two", { priority: "critical" });
    await phone.receivesMany(2);
    expect(phone.received[0]).toEqual({
      type: "notification",
      seq: 1,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      message_id: expect.any(String),
      user_id: "ada",
      device_id: "phone",
      payload: expect.objectContaining({ message: "one", project_name: "Top Dog", status: "success", priority: "normal" }),
    });
    expect(phone.received[1]).toMatchObject({ seq: 2, payload: { message: "two" } });
    expect(phone.qos).toEqual([0, 1]);
  });

  it("brings what was sent while the phone was away, in order and once", async () => {
    const world = await open();
    const token = await world.server.pair("phone", "ada");
    for (let number = 1; number <= 100; number += 1) await notify(world.server, String(number));
    const phone = await vi.waitFor(() => connectPhone(world.url, { token }), { timeout: 20_000, interval: 20 });
    await hello(phone);
    await notify(world.server, "101");
    for (let number = 10; number <= 100; number += 10) {
      await phone.receives(({ seq }) => seq === number);
      await phone.say("acknowledgment", { seq: number });
    }
    await phone.receivesMany(101);
    expect(phone.received.map(({ payload }) => payload.message)).toEqual(Array.from({ length: 101 }, (_, index) => String(index + 1)));
  });

  it("takes an acknowledgment, and says no acknowledged message again", async () => {
    const world = await open();
    const first = await pair(world);
    for (const message of ["one", "two", "three"]) await notify(world.server, message);
    await first.receivesMany(3);
    await first.say("acknowledgment", { seq: 2, read: [first.received[0].message_id] });
    await vi.waitFor(async () => {
      const { body } = await world.server.local("GET", "/admin/notifications");
      expect(body.notifications.map(({ deliveries: [{ state }] }: any) => state).slice(1)).toEqual(["delivered", "read"]);
    });
    await first.leave();
    const second = await connectPhone(world.url, { token: first.token });
    await hello(second);
    await notify(world.server, "four");
    await second.receives(({ payload }) => payload.message === "four");
    expect(second.received.map(({ payload }) => payload.message)).not.toContain("two");
  });

  it("approves what has a high risk with its number only, and the second wrong one rejects it", async () => {
    const world = await open();
    const phone = await pair(world);
    for (const choose of ["right", "wrong"]) {
      const approval_id = await askApproval(world.server, { risk: "high", plan: choose });
      const request = await phone.receives(({ type, payload }) => type === "approval_request" && payload.approval_id === approval_id);
      const { match_number } = (await world.server.local("GET", "/admin/approvals")).body.approvals[0];
      expect(JSON.stringify(request)).not.toContain("match_number");
      const decide = async (number?: string) => {
        const sent = await phone.say("approval_decision", { approval_id, decision: "approve", number });
        const { type, payload } = await phone.receives(({ in_reply_to }) => in_reply_to === sent);
        return [type, payload.code ?? payload.status];
      };
      expect(await decide()).toEqual(["problem", "number_mismatch"]);
      if (choose === "right") expect(await decide(match_number)).toEqual(["approval_settled", "approved"]);
      else for (const number of ["x", "x"]) expect(await decide(number)).toEqual(["problem", "number_mismatch"]);
      const { status } = (await world.server.local("GET", `/phone/approvals/${approval_id}`)).body;
      expect(status).toBe(choose === "right" ? "approved" : "rejected");
    }
  });

  it("takes a decision, and reports its result", async () => {
    const world = await open();
    const phone = await pair(world);
    const approval_id = await askApproval(world.server);
    await phone.receives(({ type }) => type === "approval_request");
    expect(phone.qos).toEqual([2]);
    const { content_sha256 } = phone.received[0].payload;
    const changed = await phone.say("approval_decision", { approval_id, decision: "approve", content_sha256: "0".repeat(64) });
    expect(await phone.receives(({ in_reply_to }) => in_reply_to === changed)).toMatchObject({
      type: "problem",
      payload: { code: "approval_changed", status: 409 },
    });
    const sent = await phone.say("approval_decision", { approval_id, decision: "approve", comment: "go", content_sha256 });
    expect(await phone.receives(({ in_reply_to }) => in_reply_to === sent)).toMatchObject({
      type: "approval_settled",
      payload: {
        approval_id,
        status: "approved",
        decided_by: "phone",
        decided_via: "phone",
        comment: "go",
        content_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    await phone.receives(({ type, seq }) => type === "approval_settled" && seq === 2);
    // Replayed, it changes nothing; another one is refused; so is one that comes too late.
    await phone.say("approval_decision", { approval_id, decision: "approve" }, { message_id: sent });
    const other = await phone.say("approval_decision", { approval_id, decision: "reject" });
    expect(await phone.receives(({ in_reply_to }) => in_reply_to === other)).toMatchObject({
      type: "problem",
      payload: { code: "already_decided", status: 409, detail: expect.stringContaining("already approved") },
    });
    expect(world.server.audit().filter(({ event }) => event === "approval_decided")).toHaveLength(1);
    const withdrawn = await askApproval(world.server);
    await world.server.local("DELETE", `/phone/approvals/${withdrawn}`);
    const late = await phone.say("approval_decision", { approval_id: withdrawn, decision: "approve" });
    expect(await phone.receives(({ in_reply_to }) => in_reply_to === late)).toMatchObject({ payload: { code: "approval_cancelled" } });
  });

  it("takes voice commands, and brings their results", async () => {
    const world = await open();
    const stop = world.server.pairing.registerVoiceHandler({
      commands: [{ action: "test", targets: ["all"] }],
      run: async () => ({ status: "done", message: "All 12 tests pass." }),
    });
    const phone = await pair(world);
    const sent = await phone.say("voice_command", { command_text: "test all" });
    const asked = await phone.receives(({ in_reply_to }) => in_reply_to === sent);
    expect(asked).toMatchObject({ type: "command_result", payload: { status: "needs_confirmation" } });
    await phone.say("voice_command", { command_text: "test all", confirms: asked.payload.command_id });
    expect(await phone.receives(({ payload, seq }) => seq === 1 && payload.status === "done")).toMatchObject({
      type: "command_result",
      payload: { command_id: asked.payload.command_id, message: "All 12 tests pass." },
    });
    expect(world.server.audit()).toContainEqual(expect.objectContaining({ event: "voice_command", user_id: "ada", device_id: "phone" }));
    stop();
  });

  it("does of what a phone publishes what its level allows, and names what may be done about the rest", async () => {
    const world = await open();
    const least = { voice_command: OPERATIONS.voiceCommand.level, approval_decision: OPERATIONS.decideApproval.level };
    for (const level of LEVELS) {
      const deviceId = `phone-${level}`;
      const token = await world.server.pair(deviceId, "ada", level);
      const phone = await vi.waitFor(() => connectPhone(world.url, { token, deviceId }), { timeout: 20_000, interval: 20 });
      await hello(phone);
      const approval_id = level === "view" ? "none" : await askApproval(world.server, { device_id: deviceId });
      const payloads = { voice_command: { command_text: "status" }, approval_decision: { approval_id, decision: "approve" } };
      for (const type of ["voice_command", "approval_decision"] as const) {
        const sent = await phone.say(type, payloads[type]);
        const { payload } = await phone.receives(({ in_reply_to }) => in_reply_to === sent);
        const may = LEVELS.indexOf(level) >= LEVELS.indexOf(least[type]);
        expect([level, type, payload.code]).toEqual([level, type, may ? undefined : "forbidden_level"]);
        if (!may) expect(payload).toMatchObject({ status: 403, detail: expect.stringContaining("Paired phones") });
      }
      await notify(world.server, level);
      const { seq } = await phone.receives(({ type }) => type === "notification");
      await phone.say("acknowledgment", { seq });
      expect(phone.received.some(({ type }) => type === "approval_request")).toBe(level !== "view");
    }
  });

  it("accepts a heartbeat", async () => {
    const world = await open();
    const phone = await pair(world);
    const later = Date.now() + 3_600_000;
    vi.spyOn(Date, "now").mockImplementation(() => later);
    await phone.say("heartbeat", {});
    await vi.waitFor(async () => {
      const { body } = await world.server.local("GET", "/phone/devices");
      expect(Math.abs(Date.parse(body[0].last_seen) - later)).toBeLessThan(1000);
    });
  });

  it.each<[string, string, (phone: MqttPhone) => Promise<unknown>]>([
    ["no JSON", "invalid_request", async ({ client, tree }) => client.publishAsync(`${tree}heartbeat`, "{", { qos: 1 })],
    [
      "no UTF-8",
      "invalid_request",
      async ({ client, tree }) => client.publishAsync(`${tree}heartbeat`, Buffer.from([0xff, 0xfe]), { qos: 1 }),
    ],
    ["nothing", "invalid_request", async ({ client, tree }) => client.publishAsync(`${tree}voice_command`, "", { qos: 1 })],
    ["a list", "invalid_request", async ({ client, tree }) => client.publishAsync(`${tree}voice_command`, "[]", { qos: 1 })],
    [
      "a message of another type",
      "invalid_request",
      async ({ say }) => say("heartbeat", {}, { type: "acknowledgment", payload: { seq: 1 } }),
    ],
    ["wrong fields", "invalid_request", async ({ say }) => say("acknowledgment", { seq: "all" })],
    ["nothing to acknowledge", "invalid_request", async ({ say }) => say("acknowledgment", {})],
    ["another phone's id", "device_mismatch", async ({ say }) => say("heartbeat", {}, { device_id: "other" })],
    ["another user's id", "device_mismatch", async ({ say }) => say("heartbeat", {}, { user_id: "bob" })],
    [
      "another phone's id in what it asks",
      "device_mismatch",
      async ({ say }) => say("voice_command", { command_text: "status", device_id: "other" }),
    ],
    [
      "a decision on what is not there",
      "approval_not_found",
      async ({ say }) => say("approval_decision", { approval_id: "none", decision: "approve" }),
    ],
  ])("answers %s with the problem %s, and goes on", async (_what, code, misspeak) => {
    const phone = await pair(await open());
    await misspeak(phone);
    expect(await phone.receives(({ type }) => type === "problem")).toMatchObject({ payload: { code, detail: expect.any(String) } });
    const sent = await phone.say("voice_command", { command_text: "help" });
    expect(await phone.receives(({ in_reply_to }) => in_reply_to === sent)).toMatchObject({ payload: { status: "done" } });
  });

  it("decides nothing of another user's", async () => {
    const world = await open();
    const phone = await pair(world);
    await world.server.pair("bobs", "bob");
    const approval_id = await askApproval(world.server, { user_id: "bob" });
    const sent = await phone.say("approval_decision", { approval_id, decision: "approve" });
    expect(await phone.receives(({ in_reply_to }) => in_reply_to === sent)).toMatchObject({ payload: { code: "approval_not_found" } });
    expect((await world.server.local("GET", `/phone/approvals/${approval_id}`)).body.status).toBe("pending");
  });

  it("lets nobody in with no token, a forged one or another phone's name", async () => {
    const world = await open();
    const phone = await pair(world);
    const other = await world.server.pair("other", "ada");
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const unsigned = `${part({ alg: "none", typ: "JWT" })}.${phone.token.split(".")[1]}.`;
    for (const token of [undefined, "x.y.z", unsigned, `${phone.token}x`, other])
      expect(await rejectionOf(world.url, { token })).toMatch(/^code [245]$/);
    expect(phone.client.connected).toBe(true);
  });

  it("gives a phone nothing but its own topics", async () => {
    const world = await open();
    const phone = await pair(world);
    await world.server.pair("other", "ada");
    for (const filter of ["#", "+/+/+/+", "$SYS/#", "topdog/#", "topdog/ada/#", "topdog/ada/+/notification", "topdog/ada/other/#"]) {
      const granted = await phone.client.subscribeAsync(filter, { qos: 1 }).then(
        (grants) => grants.map(({ qos }) => qos),
        () => [128],
      );
      expect([filter, granted]).toEqual([filter, [128]]);
    }
    await notify(world.server, "for one", { device_id: "other" });
    await notify(world.server, "for all");
    await phone.receives(({ payload }) => payload.message === "for all");
    expect(phone.received).toHaveLength(1);
  });

  it.each<[string, (world: World, phone: { readonly token: string }) => Promise<unknown>]>([
    ["revoked", async ({ server }) => server.local("DELETE", "/phone/devices/phone")],
    ["suspended", async ({ server }) => server.local("POST", "/phone/devices/phone/suspend")],
    ["revoked with all others", async ({ server }) => server.local("POST", "/phone/devices/revoke-all", { body: {} })],
    [
      "unpaired by itself",
      async ({ server }, { token }) => server.phone("DELETE", "/phone/me", { headers: { authorization: `Bearer ${token}` } }),
    ],
    ["paired again", async ({ server }) => server.pair("phone", "ada")],
  ])("ends the connection of a phone that is %s, and lets it in no more", async (_how, change) => {
    const world = await open();
    const phone = await pair(world);
    await change(world, phone);
    await phone.closed;
    expect(await rejectionOf(world.url, { token: phone.token })).toMatch(/^code [45]$/);
  });

  it("lets a phone in again that is reactivated", async () => {
    const world = await open();
    const phone = await pair(world);
    await world.server.local("POST", "/phone/devices/phone/suspend");
    await phone.closed;
    await world.server.local("POST", "/phone/devices/phone/reactivate");
    const again = await vi.waitFor(() => connectPhone(world.url, { token: phone.token }), { timeout: 20_000, interval: 20 });
    await hello(again);
    await notify(world.server, "welcome back");
    await again.receives(({ payload }) => payload.message === "welcome back");
  });

  it("gives way to the same phone's next connection", async () => {
    const world = await open();
    const first = await pair(world);
    const second = await connectPhone(world.url, { token: first.token });
    await first.closed;
    await hello(second);
    await notify(world.server, "for the second");
    await second.receives(({ payload }) => payload.message === "for the second");
    expect(first.received).toEqual([]);
  });

  it("spells ids in topics so that no two phones share one", async () => {
    const world = await open();
    const token = await world.server.pair("a/b+#%2F", "ada");
    const options = { token, deviceId: "a/b+#%2F", filters: [] };
    const phone = await vi.waitFor(() => connectPhone(world.url, options), { timeout: 20_000, interval: 20 });
    const received: string[] = [];
    phone.client.removeAllListeners("message");
    phone.client.on("message", (topic) => received.push(topic));
    const tree = "topdog/ada/a%2Fb%2B%23%252F/";
    await phone.client.subscribeAsync(`${tree}#`);
    await phone.client.publishAsync(`${tree}heartbeat`, JSON.stringify({ type: "heartbeat", message_id: "1" }), { qos: 1 });
    await notify(world.server, "found");
    await vi.waitFor(() => expect([...new Set(received)]).toEqual([`${tree}notification`]));
  });
}
