import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { paired } from "../paired.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

/** All that is answered until `enough` answers came or the connection ends. */
async function exchange(address: string, text: string, enough = 1): Promise<string> {
  const { port } = new URL(address);
  return new Promise((resolve, reject) => {
    let received = "";
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => {
      received += String(chunk);
      if (received.split("HTTP/1.1 ").length > enough) socket.destroy();
    });
    socket.on("close", () => resolve(received));
    socket.on("error", reject);
  });
}
const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const PUBLIC = "pair.example.com";

describe("a target that is a whole address", () => {
  it.each([
    ["GET http://localhost/healthz HTTP/1.1\r\nHost: localhost", 200],
    ["GET HTTP://LocalHost:8001/healthz?x=1 HTTP/1.1\r\nHost: localhost", 200],
    ["GET http://127.0.0.1:1/healthz HTTP/1.1\r\nHost: localhost", 200],
    // The target's host counts, and the header does not (RFC 9112 section 3.2.2).
    ["GET http://localhost/healthz HTTP/1.1\r\nHost: evil.test", 200],
    ["GET http://evil.test/healthz HTTP/1.1\r\nHost: localhost", 421],
    ["GET http://localhost@evil.test/healthz HTTP/1.1\r\nHost: localhost", 421],
    ["GET http://evil.test@localhost/healthz HTTP/1.1\r\nHost: localhost", 421],
    ["GET http:///healthz HTTP/1.1\r\nHost: localhost", 421],
    ["GET ftp://localhost/healthz HTTP/1.1\r\nHost: localhost", 421],
    ["GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.test", 421],
    ["GET http://localhost/nothing HTTP/1.1\r\nHost: localhost", 404],
    ["GET http://localhost?x=1 HTTP/1.1\r\nHost: localhost", 404],
  ])("%j is answered with %d at the phone door", async (text, status) => {
    const server = await startServer({ PAIRING_BASE_URL: `https://${PUBLIC}` });
    expect(statusOf(await exchange(server.phoneAddress, `${text}\r\nConnection: close\r\n\r\n`, 9))).toBe(status);
  });

  it("opens pages and is checked for its origin as any other", async () => {
    const server = await startServer();
    const { host } = new URL(server.localAddress);
    const page = await exchange(server.localAddress, `GET http://${host}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 9);
    expect(statusOf(page)).toBe(200);
    const ask = (origin: string) =>
      exchange(server.localAddress, `GET http://${host}/phone/devices HTTP/1.1\r\nHost: evil.test\r\nOrigin: ${origin}\r\n\r\n`);
    expect(statusOf(await ask(`http://${host}`))).toBe(200);
    expect(statusOf(await ask("http://evil.test"))).toBe(403);
  });
});

describe("a Bearer token", () => {
  it.each(["Bearer ", "bearer ", "BEARER  ", "Bearer   \t"])("after %j is read", async (scheme) => {
    const server = await startServer();
    const token = await server.pair();
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: scheme + token } })).status).toBe(200);
  });

  it.each(["Bearer", "Basic ", "Bearer:", ""])("after %j is none", async (scheme) => {
    const server = await startServer();
    const token = await server.pair();
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: scheme + token } })).status).toBe(401);
  });
});

describe("the type of a body", () => {
  const typed = async (server: TestServer, type: string) =>
    server.phone("POST", "/phone/pairing/accept-invite", {
      raw: JSON.stringify(phoneBody(await server.invite())),
      headers: { "content-type": type },
    });

  it.each([
    "application/json",
    "APPLICATION/JSON; charset=UTF-8",
    "application/json;charset=utf8",
    'application/json; charset="utf-8"',
    'application/json ; Charset="UTF\\-8" ;',
    "application/json; odata=verbose; charset=utf-8",
  ])("%s is read", async (type) => {
    const server = await startServer();
    expect((await typed(server, type)).status).toBe(200);
  });

  it.each([
    "application/json; charset=utf-16",
    "application/json; charset=",
    "application/json; charset=utf-8; charset=utf-7",
    'application/json; charset="utf-8',
    "application/jsonp",
    "application/json, text/plain",
    "text/json",
  ])("%s is refused", async (type) => {
    const server = await startServer();
    expect((await typed(server, type)).status).toBe(415);
  });

  it("of a form may be utf8, too", async () => {
    const server = await startServer();
    const code = await server.invite();
    const { status } = await server.phone("POST", "/pair", {
      raw: `code=${code}&action=decline`,
      headers: { "content-type": "application/x-www-form-urlencoded;charset=utf8", origin: server.phoneAddress },
    });
    expect(status).toBe(303);
  });
});

describe("an offer to upgrade", () => {
  it("to another protocol changes no answer, with a body or without", async () => {
    const server = await startServer();
    const headers = {
      authorization: `Bearer ${await server.pair("phone")}`,
      connection: "Upgrade, HTTP2-Settings",
      upgrade: "h2c",
      "http2-settings": "AAMAAABk",
    };
    expect(await server.phone("GET", "/phone/me", { headers })).toMatchObject({ status: 200, body: { device_id: "phone" } });
    const command = { command_text: "help", device_id: "phone" };
    expect(await server.phone("POST", "/phone/voice-command", { headers, body: command })).toMatchObject({ body: { status: "done" } });
  });

  it.each([
    ["Content-Length: 5", "hello"],
    ["Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"],
  ])("to the message channel has no body: with %s it is any other request", async (header, body) => {
    const server = await startServer();
    const channel =
      "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n${header}\r\n\r\n${body}`;
    expect(statusOf(await exchange(server.phoneAddress, channel))).toBe(404);
  });

  it("behind another request is answered in its turn, and so is what follows", async () => {
    const server = await startServer();
    const token = await server.pair();
    const waiting = `GET /phone/inbox?wait=1 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`;
    const plain = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
    const offer = `${plain}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
    const answers = await exchange(server.phoneAddress, `${plain}\r\n${waiting}${offer}${plain}\r\n`, 4);
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(4);
    expect(answers.indexOf('"messages"')).toBeLessThan(answers.lastIndexOf('{"status":"ok"}'));
  });

  it("to the message channel behind another request opens it after that one's answer", async () => {
    const server = await startServer();
    const plain = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    const channel =
      "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n";
    const answers = await exchange(server.phoneAddress, plain + channel, 2);
    expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 101"]);
  });
});

describe("a page of the same name", () => {
  it.each([
    ["https", `https://${PUBLIC}`, 200],
    ["https", `http://${PUBLIC}`, 403],
    ["https", `https://${PUBLIC}:8443`, 403],
    ["http", `http://${PUBLIC}`, 200],
  ])("with an %s address: %s gets %d for a phone's cookie", async (scheme, origin, status) => {
    const server = await startServer({ PAIRING_BASE_URL: `${scheme}://${PUBLIC}` });
    const cookie = `topdog_device=${await server.pair()}`;
    expect((await server.phone("GET", "/phone/me", { headers: { host: PUBLIC, origin, cookie } })).status).toBe(status);
    const own = { host: "localhost:1", origin: "http://localhost:1", cookie };
    expect((await server.phone("GET", "/phone/me", { headers: own })).status).toBe(200);
  });
});

describe("a page of the local door's name", () => {
  const NAME = "pair.lan:8000";

  it.each([
    [{}, 200, 200],
    [{ "x-forwarded-proto": "https" }, 403, 200],
    [{ "x-forwarded-proto": "HTTPS, http" }, 403, 200],
    [{ forwarded: 'for=203.0.113.7;proto="https"' }, 403, 200],
    [{ "x-forwarded-proto": "http" }, 200, 200],
    [{ forwarded: "for=203.0.113.7;proto=http;host=https" }, 200, 200],
    [{ "sec-fetch-site": "same-origin" }, 200, 200],
    [{ "sec-fetch-site": "same-site" }, 403, 403],
    [{ "sec-fetch-site": "cross-site" }, 403, 403],
  ])("behind a trusted proxy that says %j gets %d without https and %d with it", async (headers, plain, secure) => {
    const server = await startServer({ PAIRING_ALLOWED_HOSTS: "pair.lan", PAIRING_LOCAL_TRUST_PROXY: "127.0.0.9" });
    const key = readFileSync(path.join(server.folder, "local_key"), "utf8");
    const ask = async (origin: string, from: string, more = {}) =>
      (await server.local("GET", "/phone/devices", { headers: { host: NAME, origin, "x-local-key": key, ...more }, from })).status;
    expect([await ask(`http://${NAME}`, "127.0.0.9", headers), await ask(`https://${NAME}`, "127.0.0.9", headers)]).toEqual([
      plain,
      secure,
    ]);
    // What anybody else says about it counts for nothing.
    expect(await ask(`http://${NAME}`, "127.0.0.2", { "x-forwarded-proto": "https" })).toBe(200);
  });
});

describe("held connections", () => {
  const hold = async (address: string, count: number, from?: string): Promise<readonly Socket[]> => {
    const { port } = new URL(address);
    return Promise.all(
      Array.from(
        { length: count },
        async () =>
          new Promise<Socket>((resolve) => {
            const socket = connect({ port: Number(port), host: "127.0.0.1", ...(from === undefined ? {} : { localAddress: from }) });
            socket.on("error", () => resolve(socket));
            socket.on("connect", () => resolve(socket));
          }),
      ),
    );
  };

  it("at the phone door never starve the local door", async () => {
    const server = await startServer({}, { openFiles: 256 });
    const held = await hold(server.phoneAddress, 400);
    expect((await server.local("GET", "/healthz")).status).toBe(200);
    expect((await server.local("GET", "/readyz")).status).toBe(200);
    for (const socket of held) socket.destroy();
  });

  it("of one address leave room for others, unless it is a trusted proxy's", async () => {
    const server = await startServer({ PAIRING_TRUST_PROXY: "127.0.0.9" }, { openFiles: 256 });
    const held = await hold(server.phoneAddress, 300, "127.0.0.2");
    expect((await server.phone("GET", "/healthz", { from: "127.0.0.3" })).status).toBe(200);
    for (const socket of held) socket.destroy();
    const proxy = await hold(server.phoneAddress, 100, "127.0.0.9");
    expect((await server.phone("GET", "/healthz", { from: "127.0.0.9" })).status).toBe(200);
    for (const socket of proxy) socket.destroy();
  });

  it("of one address leave room for others at a local door that the network reaches", async () => {
    const server = await startServer(
      { PAIRING_HOST: "0.0.0.0", PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "t", PAIRING_LOCAL_TRUST_PROXY: "127.0.0.9" },
      { openFiles: 256 },
    );
    const healthy = async (from: string) => (await server.local("GET", "/healthz", { from, headers: { host: "localhost" } })).status;
    const held = await hold(server.localAddress, 100, "127.0.0.2");
    expect(await healthy("127.0.0.3")).toBe(200);
    const proxy = await hold(server.localAddress, 16, "127.0.0.9");
    expect(await healthy("127.0.0.9")).toBe(200);
    for (const socket of [...held, ...proxy]) socket.destroy();
  });
});

describe("a phone that calls itself", () => {
  it.each(["desk", "Desk", "COMPUTER", "admin", " admin ", "ｄｅｓｋ"])("%j is not paired", async (deviceId) => {
    const server = await startServer();
    const { status, body } = await server.phone("POST", "/phone/pairing/accept-invite", {
      body: phoneBody(await server.invite(), deviceId),
    });
    expect([status, body.code, body.errors?.[0]?.field]).toEqual([400, "invalid_request", "device_id"]);
  });

  it.each(["desk", "computer", "admin"])("%j and was paired before that was refused goes on as a phone", async (deviceId) => {
    const first = await startServer();
    const answer = await first.pairing.acceptInvite(
      {
        code: await first.invite(),
        method: "sms",
        deviceId,
        deviceName: "Pixel 7",
        deviceType: "android",
        osVersion: "17",
        appVersion: "1.0.0",
      },
      { ua: "test" },
    );
    await first.close();
    const server = await startServer({ PAIRING_STORAGE_PATH: first.folder });
    const bearer = { headers: { authorization: `Bearer ${paired(answer).token}` } };
    expect((await server.phone("GET", "/phone/me", bearer)).body).toMatchObject({ device_id: deviceId, status: "active" });
    const asked = await server.local("POST", "/phone/approvals/request", {
      body: {
        device_id: deviceId,
        build_id: "b-1",
        project_name: "shop",
        plan: "terraform apply",
        affected_files: [],
        estimated_duration: "1 min",
        requires_approval_by: new Date(Date.now() + 60_000).toISOString(),
      },
    });
    const target = `/phone/approvals/${asked.body.approval_id}`;
    expect((await server.phone("POST", `${target}/decision`, { ...bearer, body: { decision: "approve" } })).status).toBe(200);
    const byPhone = { status: "approved", decided_by: deviceId, decided_by_name: "Pixel 7" };
    expect((await server.local("GET", target)).body).toMatchObject(byPhone);
    expect((await server.local("GET", "/admin/approvals")).body.approvals).toMatchObject([byPhone]);
    expect(server.audit().find(({ event }) => event === "approval_decided")).toMatchObject({ device_id: deviceId, via: "phone" });
    expect((await server.local("DELETE", `/phone/devices/${deviceId}`)).status).toBe(200);
    expect((await server.phone("GET", "/phone/me", bearer)).status).toBe(401);
  });
});

describe("two servers on one host", () => {
  it("have cookies of their own; the former cookie is good until it expires, and another server's is none", async () => {
    const [one, other] = await Promise.all([startServer(), startServer()]);
    const pair = async (server: TestServer): Promise<{ readonly token: string; readonly cookie: string }> => {
      const { headers, body } = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(await server.invite()) });
      const cookies = headers["set-cookie"] ?? [];
      expect(cookies.map((text) => /Path=([^;]+)/.exec(text)?.[1])).toEqual(["/phone", "/mqtt"]);
      return { token: body.jwt_token, cookie: cookies[0]?.split(";")[0] ?? "" };
    };
    const [mine, theirs] = [await pair(one), await pair(other)];
    const me = async (server: TestServer, cookie: string) => {
      const { status, body } = await server.phone("GET", "/phone/me", { headers: { cookie, "sec-fetch-site": "same-origin" } });
      return [status, body.code];
    };
    const both = `${theirs.cookie}; ${mine.cookie}`;
    expect([await me(one, both), await me(other, both)]).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
    expect(await me(one, `topdog_device=${theirs.token}; ${mine.cookie}`)).toEqual([200, undefined]);
    expect(await me(one, `topdog_device=${mine.token}`)).toEqual([200, undefined]);
    expect(await me(one, `topdog_device=${theirs.token}`)).toEqual([401, "token_missing"]);
    expect(await me(one, theirs.cookie)).toEqual([401, "token_missing"]);
    // The name stays with the folder.
    await one.close();
    const again = await startServer({ PAIRING_STORAGE_PATH: one.folder });
    expect(await me(again, mine.cookie)).toEqual([200, undefined]);
  });
});
