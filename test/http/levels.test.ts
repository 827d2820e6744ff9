import { readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { OPERATIONS, type Operation, type OperationName } from "../../src/contract/operations.ts";
import { LEVELS, type Level } from "../../src/core/index.ts";
import { type PushService, startPushService } from "../doubles/push-service.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const services: PushService[] = [];
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});

const WIDE = { PAIRING_RATE_LIMIT_SCALE: "1000" };
const MINUTE = 60_000;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const rank = (level: Level): number => LEVELS.indexOf(level);
const ask = (server: TestServer, over: object = {}) =>
  server.local("POST", "/phone/approvals/request", {
    body: {
      build_id: "b-1",
      project_name: "shop",
      plan: `plan ${Math.random()}`,
      affected_files: [],
      estimated_duration: "1 min",
      requires_approval_by: new Date(Date.now() + 10 * MINUTE).toISOString(),
      ...over,
    },
  });
const patch = (server: TestServer, deviceId: string, body: object) => server.local("PATCH", `/phone/devices/${deviceId}`, { body });
const inbox = async (server: TestServer, token: string, query = "since=0") =>
  server.phone("GET", `/phone/inbox?${query}`, { headers: bearer(token) });

describe("the table of operations", () => {
  const table = Object.entries(OPERATIONS) as [OperationName, Operation][];
  const leveled = table.filter(([, { level }]) => level !== undefined);

  it("has one level for each operation of a phone, and none for others", () => {
    expect(leveled.map(([name]) => name)).toEqual(table.filter(([, { caller }]) => caller === "phone").map(([name]) => name));
  });

  it("uses every level, and names the error of each that not every phone has", () => {
    expect(new Set(leveled.map(([, { level }]) => level))).toEqual(new Set(LEVELS));
    for (const [name, { level, errors }] of leveled) expect([name, errors.includes("forbidden_level")]).toEqual([name, level !== "view"]);
  });

  /** What belongs to the phone that asks, or to another user's. */
  const OBJECTS = ["own", "foreign"] as const;

  it.each(LEVELS)("lets a phone of the level %s do what its level allows, and nothing else", async (level) => {
    const server = await startServer(WIDE);
    await server.pair("foreign", "bob");
    const deviations: unknown[] = [];
    for (const [name, operation] of leveled) {
      for (const whose of OBJECTS) {
        // One asks, and one that may answer makes that there is something to ask for.
        const token = await server.pair("own", "ada", level);
        await server.pair("sibling", "ada");
        const approval_id = (await ask(server, { user_id: whose === "own" ? "ada" : "bob" })).body.approval_id;
        const { status, body } = await server.phone(operation.method, operation.path.replace("{approval_id}", approval_id), {
          headers: bearer(token),
          ...(operation.body
            ? {
                body: {
                  ...{ device_id: whose, device_name: "Phone", seq: 0, decision: "approve", command_text: "status" },
                  ...{ endpoint: "https://push.example.com/x", keys: { p256dh: "x", auth: "x" } },
                },
              }
            : {}),
        });
        const may = rank(level) >= rank(operation.level ?? "view");
        if (!may ? status !== 403 || body.code !== "forbidden_level" : body?.code === "forbidden_level")
          deviations.push({ name, whose, status, code: body?.code });
        if (!may && !/Top Dog/.test(body.detail)) deviations.push({ name, detail: body.detail });
        const names = operation.path.includes("{approval_id}") || name === "voiceCommand";
        if (may && names && status < 300 !== (whose === "own")) deviations.push({ name, whose, status, code: body?.code });
        await server.local("DELETE", `/phone/approvals/${approval_id}`);
      }
    }
    expect(deviations).toEqual([]);
  });
});

describe("the level of a phone", () => {
  it("is chosen with the invite, by text message and by QR code, and is everything without a choice", async () => {
    const server = await startServer(WIDE);
    const tokens: string[] = [];
    for (const level of [...LEVELS, undefined]) {
      const deviceId = `sms-${level}`;
      const token = await server.pair(deviceId, "ada", level);
      tokens.push(token);
      const me = await server.phone("GET", "/phone/me", { headers: bearer(token) });
      expect([deviceId, me.body.level]).toEqual([deviceId, level ?? "command"]);
      const qr = (await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada", level } })).body;
      const { invite_code: _, ...phone } = phoneBody("", `qr-${level}`);
      expect((await server.phone("POST", "/phone/pairing/pair", { body: { ...phone, pairing_token: qr.pairing_token } })).status).toBe(200);
    }
    const { body } = await server.local("GET", "/phone/devices");
    expect(Object.fromEntries(body.map(({ device_id, level }: any) => [device_id, level]))).toEqual(
      Object.fromEntries([...LEVELS, undefined].flatMap((level) => ["sms", "qr"].map((way) => [`${way}-${level}`, level ?? "command"]))),
    );
    const { sessions } = (await server.local("GET", "/phone/pairing/sessions")).body;
    expect(sessions.map(({ level }: any) => level).sort()).toEqual(["answer", "answer", ...Array(4).fill("command"), "view", "view"]);
    const wrong = await server.local("POST", "/phone/pairing/send-sms", {
      body: { phone_number: "+14155559999", user_id: "ada", level: "owner" },
    });
    expect([wrong.status, wrong.body.code]).toEqual([400, "invalid_request"]);
  });

  it("is changed with the name or without it, with a line in the audit trail, and never by the phone itself", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada", "answer");
    expect((await patch(server, "phone", { level: "view" })).body).toMatchObject({ level: "view", device_name: "John's iPhone" });
    expect((await patch(server, "phone", { level: "command", device_name: "Work" })).body).toMatchObject({
      level: "command",
      device_name: "Work",
    });
    expect((await patch(server, "phone", { device_name: "Home" })).body).toMatchObject({ level: "command", device_name: "Home" });
    for (const wrong of [{}, { level: "owner" }]) expect((await patch(server, "phone", wrong)).body.code).toBe("invalid_request");
    const own = await server.phone("PATCH", "/phone/me", { headers: bearer(token), body: { device_name: "Mine", level: "view" } });
    expect(own.body).toMatchObject({ device_name: "Mine", level: "command" });
    const lines = server.audit().filter(({ event }) => event === "change_device" || event === "rename_device");
    expect(lines.map(({ event, reason }) => [event, reason])).toEqual([
      ["change_device", "level: view"],
      ["rename_device", undefined],
      ["change_device", "level: command"],
      ["rename_device", undefined],
      ["rename_device", undefined],
    ]);
  });

  it("is lowered by programs of this account, and raised by a person or the admin alone", async () => {
    const server = await startServer(WIDE);
    await server.pair("phone", "ada");
    const key = readFileSync(path.join(server.folder, "local_key"), "utf8").trim();
    const change = (level: Level, headers?: Record<string, string>) =>
      server.local("PATCH", "/phone/devices/phone", { body: { level }, ...(headers ? { headers } : {}) });
    const program = { "x-local-key": key };
    expect((await change("answer", program)).body).toMatchObject({ level: "answer" });
    const raised = await change("command", program);
    expect([raised.status, raised.body.code, raised.body.params]).toEqual([403, "forbidden_level", { reason: "raise" }]);
    expect((await change("answer", program)).body).toMatchObject({ level: "answer" });
    expect((await change("command")).body).toMatchObject({ level: "command" });
  });

  it("counts from the moment it is changed: what a phone holds open ends within a second, and an asked approval is gone", async () => {
    const server = await startServer(WIDE);
    const token = await server.pair("phone", "ada");
    await server.pair("sibling", "ada");
    const { approval_id } = (await ask(server, { user_id: "ada" })).body;
    const { next, messages } = (await inbox(server, token)).body;
    expect(messages).toMatchObject([{ type: "approval_request" }]);
    const waiting = inbox(server, token, `since=${next}&wait=25`);
    await new Promise((resolve) => setTimeout(resolve, 200));
    const before = performance.now();
    await patch(server, "phone", { level: "view" });
    await waiting;
    expect(performance.now() - before).toBeLessThan(1000);
    const decided = await server.phone("POST", `/phone/approvals/${approval_id}/decision`, {
      headers: bearer(token),
      body: { decision: "approve" },
    });
    expect([decided.status, decided.body.code]).toEqual([403, "forbidden_level"]);
    expect((await inbox(server, token)).body.messages).toEqual([]);
    await patch(server, "phone", { level: "answer" });
    expect((await inbox(server, token)).body.messages).toMatchObject([{ type: "approval_request" }]);
  });

  it("keeps a voice command that was lowered away before its tap from running", async () => {
    const server = await startServer(WIDE);
    const run = vi.fn(async () => ({ status: "done" as const, message: "" }));
    server.pairing.registerVoiceHandler({ commands: [{ action: "build", targets: ["api"] }], run });
    const token = await server.pair("phone", "ada");
    const speak = async (more: object = {}) =>
      (
        await server.phone("POST", "/phone/voice-command", {
          headers: bearer(token),
          body: { command_text: "build api", device_id: "phone", ...more },
        })
      ).body;
    const { command_id } = await speak();
    await patch(server, "phone", { level: "answer" });
    expect((await speak({ confirms: command_id })).code).toBe("forbidden_level");
    expect(run).not.toHaveBeenCalled();
  });
});

describe("a phone that may not answer", () => {
  it("is not asked: not with others of its user, and not by its own id", async () => {
    const server = await startServer(WIDE);
    const viewer = await server.pair("viewer", "ada", "view");
    const none = await ask(server, { user_id: "ada" });
    expect([none.status, none.body.code, none.body.detail]).toEqual([404, "device_not_found", expect.stringContaining("permission")]);
    const named = await ask(server, { device_id: "viewer" });
    expect([named.status, named.body.code]).toEqual([403, "forbidden_level"]);
    const answerer = await server.pair("answerer", "ada", "answer");
    const { approval_id } = (await ask(server, { user_id: "ada" })).body;
    await server.local("POST", `/admin/approvals/${approval_id}/decision`, { body: { decision: "reject" } });
    await server.local("POST", "/phone/notifications/send", {
      body: { user_id: "ada", build_id: "b-1", project_name: "shop", status: "success", message: "m" },
    });
    const types = async (token: string) => (await inbox(server, token)).body.messages.map(({ type }: any) => type);
    expect(await types(viewer)).toEqual(["notification"]);
    expect(await types(answerer)).toEqual(["approval_request", "approval_settled", "notification"]);
  });

  it("does not ring, neither by push nor by text message", async () => {
    const service = await startPushService();
    services.push(service);
    let ahead = 0;
    let bursts = 0;
    const server = await startServer(
      { ...WIDE, PAIRING_BASE_URL: "https://pair.example.com", PAIRING_PUSH_SERVICES: service.address, PAIRING_SMS_APPROVALS: "1" },
      {
        clock: {
          now: () => Date.now() + ahead,
          steady: () => performance.now() + ahead,
          pause: async (milliseconds) => {
            if (milliseconds > 1000) bursts += 1;
          },
        },
      },
    );
    const phones = new Map<Level, ReturnType<PushService["subscribe"]>>();
    for (const level of LEVELS) {
      const token = await server.pair(level, level, level);
      const phone = service.subscribe();
      phones.set(level, phone);
      const saved = await server.phone("POST", "/phone/push/subscription", { headers: bearer(token), body: phone.subscription });
      expect(saved.status).toBe(204);
    }
    await server.pair("texted viewer", "carol", "view");
    ahead = 10 * MINUTE;
    await ask(server, { all: true, requires_approval_by: new Date(Date.now() + 60 * MINUTE).toISOString() });
    await expect.poll(() => bursts, { timeout: 30_000 }).toBeGreaterThanOrEqual(1);
    await expect.poll(() => phones.get("answer")?.received.length, { timeout: 30_000 }).toBe(1);
    expect(phones.get("command")?.received.length).toBeGreaterThan(0);
    expect(phones.get("view")?.received).toEqual([]);
    expect(server.printed.filter((block) => block.includes("an approval is waiting"))).toEqual([]);
    expect(server.audit().filter(({ event }) => event === "send_sms_approval")).toEqual([]);
  });
});
