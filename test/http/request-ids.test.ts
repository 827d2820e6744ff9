import { readFileSync } from "node:fs";
import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { createRequestIds } from "../../src/http/request-id.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const FORM = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const GIVEN = "0b7e6d5c-4f3a-4e2b-9c1d-0a1b2c3d4e5f";

async function logOf(server: TestServer): Promise<readonly Record<string, unknown>[]> {
  await server.close();
  const lines = readFileSync(path.join(server.folder, "logs", "Top Dog-topdog.log"), "utf8").split("\n");
  return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The answer's head and body, as they came. */
function sendText(address: string, text: string): Promise<string> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding("latin1");
    socket.on("data", (part) => {
      answer += part;
      if (/^HTTP\/1.1 101 /.test(answer)) socket.destroy();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

const upgrade = (more: Record<string, string>) =>
  Object.entries({
    Host: "localhost",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": "mqtt",
    ...more,
  })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");

describe("every answer has an id of its own", () => {
  it.each([
    ["local", "GET", "/healthz", 200, {}],
    ["local", "GET", "/phone/pairing/sessions", 200, {}],
    ["local", "HEAD", "/healthz", 200, {}],
    ["local", "GET", "/nowhere", 404, {}],
    ["local", "GET", "/", 200, {}],
    ["local", "GET", "/openapi.json", 200, {}],
    ["local", "GET", `/${"x".repeat(5000)}`, 414, {}],
    ["local", "GET", "/healthz", 421, { host: "example.com" }],
    ["local", "OPTIONS", "/phone/devices", 204, { origin: "https://ide.example", "access-control-request-method": "GET" }],
    ["phone", "GET", "/healthz", 200, {}],
    ["phone", "GET", "/phone/inbox", 401, {}],
    ["phone", "GET", "/pair?code=x", 404, { accept: "text/html" }],
    ["phone", "GET", "/inbox", 200, {}],
    ["phone", "GET", "/inbox/worker.js", 200, {}],
    ["phone", "GET", "/phone/pairing/invite/%E0%A4%A", 400, {}],
  ] as const)("at the %s door: %s %.40s (%i)", async (door, method, target, status, headers) => {
    const server = await startServer({ PAIRING_ALLOWED_ORIGINS: "https://ide.example" });
    const answers = [await server[door](method, target, { headers }), await server[door](method, target, { headers })];
    for (const answer of answers) {
      expect([answer.status, answer.headers["x-request-id"]]).toEqual([status, expect.stringMatching(FORM)]);
      if (answer.headers["content-type"] === "application/problem+json")
        expect(answer.body.request_id).toBe(answer.headers["x-request-id"]);
    }
    expect(answers[0]?.headers["x-request-id"]).not.toBe(answers[1]?.headers["x-request-id"]);
  });

  it.each([
    ["what is no HTTP", "HELLO\r\n\r\n", 400],
    ["a WebSocket of another protocol", `GET /mqtt HTTP/1.1\r\n${upgrade({ "Sec-WebSocket-Protocol": "chat" })}\r\n`, 400],
    ["a WebSocket without its key", `GET /mqtt HTTP/1.1\r\n${upgrade({ "Sec-WebSocket-Key": "short" })}\r\n`, 400],
    ["a WebSocket with a wrong list of protocols", `GET /mqtt HTTP/1.1\r\n${upgrade({ "Sec-WebSocket-Protocol": "mqtt,mqtt" })}\r\n`, 400],
    ["a WebSocket", `GET /mqtt HTTP/1.1\r\n${upgrade({})}\r\n`, 101],
  ])("also for %s", async (_, text, status) => {
    const server = await startServer();
    const answer = await sendText(server.phoneAddress, text);
    expect(answer.split(" ")[1]).toBe(String(status));
    const [, id = ""] = /^X-Request-Id: (.*)\r$/im.exec(answer) ?? [];
    expect(id).toMatch(FORM);
    if (status !== 101) expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ status, request_id: id });
  });

  it("which pages of allowed origins may read", async () => {
    const server = await startServer({ PAIRING_ALLOWED_ORIGINS: "https://ide.example" });
    const { headers } = await server.local("GET", "/healthz", { headers: { origin: "https://ide.example" } });
    expect(headers["access-control-expose-headers"]).toContain("X-Request-Id");
  });
});

describe("an id that comes with a request", () => {
  it("is taken from callers on this computer, at both doors", async () => {
    const server = await startServer();
    for (const given of [GIVEN, GIVEN.replaceAll("-", ""), GIVEN.toUpperCase()]) {
      expect((await server.local("GET", "/nowhere", { headers: { "x-request-id": given } })).body.request_id).toBe(given);
      expect((await server.phone("GET", "/healthz", { headers: { "x-request-id": given } })).headers["x-request-id"]).toBe(given);
    }
  });

  it("is replaced where it has another form", async () => {
    const server = await startServer();
    for (const given of [
      "",
      "1",
      "+14155551234",
      "14155551234",
      `${GIVEN}0`,
      `${GIVEN},${GIVEN}`,
      ` ${GIVEN.replace("-", "")}`,
      "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ1c2VyMTIzIn0.c2lnbmF0dXJl",
      "x".repeat(43),
      "x".repeat(8000),
      '"}{"level":50',
    ]) {
      const { headers } = await server.local("GET", "/healthz", { headers: { "x-request-id": given } });
      expect(headers["x-request-id"]).not.toBe(given);
      expect(headers["x-request-id"]).toMatch(FORM);
    }
  });

  it.each([
    ["127.0.0.1", [], true],
    ["::1", [], true],
    ["10.1.2.3", [], false],
    ["10.1.2.3", ["10.0.0.0/8"], true],
    ["203.0.113.7", ["10.0.0.0/8"], false],
    [undefined, ["loopback"], false],
  ] as const)("from %s, where the proxies are %j: %s", (remoteAddress, proxies, isTaken) => {
    const request = { headers: { "x-request-id": GIVEN }, socket: { remoteAddress } } as unknown as IncomingMessage;
    expect(createRequestIds(proxies)(request) === GIVEN).toBe(isTaken);
  });
});

describe("the log", () => {
  const failing = {
    async openStore() {
      const broken = async () => {
        throw new TypeError("a fault of the program");
      };
      return { ...createMemoryStore(), findByCode: broken, checkHeld() {}, warnings: [] };
    },
  };

  it("names the request that failed for an unexpected reason, as its answer does", async () => {
    const server = await startServer({}, failing);
    const { status, body, headers } = await server.phone("GET", "/phone/pairing/invite/code");
    expect([status, body.code, body.request_id]).toEqual([500, "internal_error", headers["x-request-id"]]);
    const reply = await server.ask("inviteStatus", { invite_code: "code" });
    expect(reply).toMatchObject({ ok: false, problem: { code: "internal_error", request_id: expect.stringMatching(FORM) } });
    const failed = (await logOf(server)).filter(({ level }) => level === 50);
    expect(failed).toMatchObject([
      { msg: "request failed", request_id: body.request_id, reason: expect.stringContaining("a fault of the program") },
      { msg: "question failed", request_id: !reply.ok && reply.problem.request_id },
    ]);
  });

  it("has a line for each request where the level is debug, without codes, tokens, numbers and queries", async () => {
    const server = await startServer({ PAIRING_LOG_LEVEL: "debug" });
    const sent = await server.local("POST", "/phone/pairing/send-sms", { body: { phone_number: "+14155551234", user_id: "secret-user" } });
    const code: string = sent.body.invite_code;
    const accepted = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, "secret-phone") });
    const token: string = accepted.body.jwt_token;
    await server.phone("GET", `/pair?code=${code}`, { headers: { accept: "text/html" } });
    await server.phone("GET", "/phone/inbox?since=77", { headers: { authorization: `Bearer ${token}` } });
    await server.local("DELETE", "/phone/devices/secret-phone");
    const nowhere = await server.local("GET", `/${code}?token=${token}`, { headers: { host: "example.com" } });
    const lines = (await logOf(server)).filter(({ msg }) => msg === "request");
    const text = JSON.stringify(lines);
    expect(lines.map(({ door, operation, status }) => [door, operation, status])).toEqual([
      ["local", "sendInvite", 200],
      ["phone", "acceptInvite", 200],
      ["phone", "page", 409],
      ["phone", "readInbox", 200],
      ["local", "revokeDevice", 200],
      ["local", "none", 421],
    ]);
    for (const line of lines) expect(Object.keys(line).sort()).toEqual(KEYS);
    expect(lines[0]?.["request_id"]).toBe(sent.headers["x-request-id"]);
    expect(lines.at(-1)?.["request_id"]).toBe(nowhere.body.request_id);
    for (const secret of [code, token, "4155551234", "secret-user", "secret-phone", "since=77"]) expect(text).not.toContain(secret);
  });

  it("has none of them otherwise", async () => {
    const server = await startServer();
    await server.local("GET", "/healthz");
    expect((await logOf(server)).filter(({ msg }) => msg === "request")).toEqual([]);
  });
});

const KEYS = ["door", "level", "milliseconds", "msg", "operation", "request_id", "status", "time"];
