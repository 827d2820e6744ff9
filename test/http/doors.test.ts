import { mkdtempSync, symlinkSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { OPERATIONS, type Operation } from "../../src/contract/operations.ts";
import { phoneBody, startServer } from "./server.ts";

describe("host names", () => {
  const mine = ["localhost", "LOCALHOST", "localhost.", "127.0.0.1", "[::1]"].flatMap((name) => [name, `${name}:8000`, `${name}:1`]);
  const foreign = [
    "evil.test",
    "127.0.0.1.evil.test",
    "127.evil.test",
    "localhost.evil.test",
    "0.0.0.0",
    "[::]",
    "169.254.169.254",
    "2130706433",
    "0x7f.1",
    "",
    "user@localhost",
    "localhost\tevil",
    "localhost:",
    "localhost:x",
    "localhost,evil.test",
    "[::1",
    "pair.topdog-ide.com.evil.test",
    "localhost/evil",
  ];

  it.each(["local", "phone"] as const)("the %s door answers to its own and to no other", async (door) => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    for (const host of mine) expect([host, (await server[door]("GET", "/healthz", { headers: { host } })).status]).toEqual([host, 200]);
    for (const host of foreign) {
      const { status, body } = await server[door]("GET", "/healthz", { headers: { host } });
      expect([host, status === 400 || body?.code]).toEqual([host, status === 400 || "host_not_allowed"]);
    }
  });

  it("the phone door answers to the public address, the local door to its configured names", async () => {
    const server = await startServer({ PAIRING_BASE_URL: "https://pair.mycompany.com", PAIRING_ALLOWED_HOSTS: "ide.internal" });
    expect((await server.phone("GET", "/healthz", { headers: { host: "pair.mycompany.com" } })).status).toBe(200);
    expect((await server.local("GET", "/healthz", { headers: { host: "pair.mycompany.com" } })).status).toBe(421);
    expect((await server.local("GET", "/healthz", { headers: { host: "ide.internal:80" } })).status).toBe(200);
    expect((await server.phone("GET", "/healthz", { headers: { host: "ide.internal" } })).status).toBe(421);
  });

  it("two Host headers and foreign request targets are refused", async () => {
    const server = await startServer();
    const { port } = new URL(server.localAddress);
    const raw = (text: string) =>
      new Promise<string>((resolve, reject) => {
        let received = "";
        const socket = connect(Number(port), "127.0.0.1", () => socket.end(text));
        socket.on("data", (chunk) => (received += String(chunk)));
        socket.on("close", () => resolve(received));
        socket.on("error", reject);
      });
    expect(await raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil.test\r\nConnection: close\r\n\r\n")).toMatch(
      /^HTTP\/1.1 421 /,
    );
    expect(await raw("GET http://evil.test/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 421 /);
    expect(await raw("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1.1 4/);
    expect(
      await raw("POST /phone/pairing/send-sms HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"),
    ).toMatch(/^HTTP\/1.1 400 /);
  });
});

describe("the local door refuses", () => {
  it("pages of other origins, and lets allowed ones in with CORS", async () => {
    const server = await startServer({ PAIRING_ALLOWED_ORIGINS: "https://ide.example.com" });
    const own = server.localAddress;
    const ask = (headers: Record<string, string>) => server.local("GET", "/phone/devices", { headers });
    expect((await ask({ origin: own })).status).toBe(200);
    for (const headers of [
      { origin: "https://evil.test" },
      { origin: "null" },
      { origin: server.phoneAddress },
      { "sec-fetch-site": "cross-site" },
      { origin: `${own}.evil.test` },
    ]) {
      const { body, headers: answered } = await ask(headers);
      expect([headers, body.code]).toEqual([headers, "cross_site"]);
      expect(answered["access-control-allow-origin"]).toBeUndefined();
    }
    expect((await ask({ origin: "https://ide.example.com", "sec-fetch-site": "cross-site" })).headers["access-control-allow-origin"]).toBe(
      "https://ide.example.com",
    );
    const preflight = await server.local("OPTIONS", "/phone/pairing/send-sms", {
      headers: {
        origin: "https://ide.example.com",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
      },
    });
    expect([preflight.status, preflight.headers["access-control-allow-headers"]]).toEqual([204, expect.stringContaining("content-type")]);
    expect(
      (
        await server.local("OPTIONS", "/phone/pairing/send-sms", {
          headers: { origin: "https://evil.test", "access-control-request-method": "POST" },
        })
      ).status,
    ).toBe(403);
  });

  it.each(["X-Forwarded-For", "Forwarded", "CF-Connecting-IP", "Tailscale-User-Login"])(
    "what a tunnel forwards (%s), and says where to point it",
    async (name) => {
      const server = await startServer();
      const { status, body } = await server.local("GET", "/phone/devices", { headers: { [name]: "203.0.113.7" } });
      const port = new URL(server.phoneAddress).port;
      expect([status, body.code, body.detail]).toEqual([
        403,
        "tunnel_at_local_door",
        `A tunnel points at the local door. Point it at port ${port}.`,
      ]);
      const trusting = await startServer({ PAIRING_LOCAL_TRUST_PROXY: "127.0.0.1" });
      expect((await trusting.local("GET", "/phone/devices", { headers: { [name]: "203.0.113.7" } })).status).toBe(200);
    },
  );

  it("more requests of one program, whichever address of this computer it comes from", async () => {
    const server = await startServer();
    const send = async (from: string) =>
      (await server.local("POST", "/phone/pairing/send-sms", { from, body: { phone_number: "+0", user_id: "u" } })).status;
    const statuses: number[] = [];
    for (let turn = 1; turn <= 6; turn += 1) statuses.push(await send(`127.0.${turn}.${turn}`));
    expect(statuses).toEqual([400, 400, 400, 400, 400, 429]);
  });

  it("to start on the network without an admin token, and then asks others for it everywhere", async () => {
    await expect(startServer({ PAIRING_HOST: "0.0.0.0" })).rejects.toThrow(/PAIRING_HOST .* PHONE_DEVICES_REQUIRE_ADMIN=1 and ADMIN_TOKEN/);
    await expect(startServer({ PAIRING_HOST: "0.0.0.0", PHONE_DEVICES_REQUIRE_ADMIN: "1" })).rejects.toThrow(/ADMIN_TOKEN is empty/);
    const server = await startServer({ PAIRING_HOST: "0.0.0.0", PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "t" });
    // What a browser opens from its address bar speaks for no account.
    const headers = { host: "localhost", "sec-fetch-site": "none" };
    const at = (path: string, own = {}) => server.local("GET", path, { headers: { ...headers, ...own } });
    for (const path of ["/healthz", "/readyz", "/.well-known/jwks.json"]) expect([path, (await at(path)).status]).toEqual([path, 200]);
    for (const path of [
      "/",
      "/docs",
      "/openapi.json",
      "/admin/news",
      "/phone/devices",
      "/phone/me",
      "/phone/pairing/invite/x",
      "/admin/overview",
    ]) {
      expect([path, (await at(path)).status]).toEqual([path, 401]);
    }
    expect(
      (
        await server.local("POST", "/phone/pairing/send-sms", {
          headers,
          body: { phone_number: "+14155551234", user_id: "u" },
        })
      ).status,
    ).toBe(401);
    expect((await at("/phone/devices", { "x-admin-token": "t" })).status).toBe(200);
  });
});

describe("the phone door", () => {
  it("serves exactly the operations marked for it; the rest does not exist", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    for (const operation of Object.values(OPERATIONS) as Operation[]) {
      const path = operation.path.replace(/\{\w+\}/g, "x");
      const { status, body } = await server.phone(operation.method, path, operation.body ? { body: {} } : {});
      const hidden = status === 404 && body.code === "not_found";
      expect([operation.path, hidden]).toEqual([operation.path, operation.door === "local"]);
    }
    for (const path of ["/", "/docs", "/openapi.json", "/admin/news", "/assets/x.js", "/metrics"]) {
      const answer = await server.phone("GET", path, { headers: { "x-admin-token": "t" } });
      expect([path, answer.status, answer.body.code]).toEqual([path, 404, "not_found"]);
    }
  });

  it("answers a wrong method with 404, the local door with 405 and Allow", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    for (const method of ["GET", "PUT", "TRACE", "PROPFIND", "DELETE"]) {
      expect((await server.phone(method, "/phone/pairing/accept-invite")).status).toBe(404);
      const { status, headers, body } = await server.local(method, "/phone/pairing/accept-invite");
      expect([method, status, headers["allow"], body.code]).toEqual([method, 405, "POST", "method_not_allowed"]);
    }
    expect((await server.local("POST", "/phone/devices", { headers: { "x-http-method-override": "GET" } })).status).toBe(405);
    const head = await server.phone("HEAD", "/healthz");
    expect([head.status, head.text, Number(head.headers["content-length"])]).toEqual([200, "", 15]);
  });

  it("shows the ports only at the local door", async () => {
    const server = await startServer();
    const port = (address: string) => Number(new URL(address).port);
    expect((await server.local("GET", "/healthz")).body).toEqual({
      status: "ok",
      local_port: port(server.localAddress),
      phone_port: port(server.phoneAddress),
    });
    expect((await server.phone("GET", "/healthz")).body).toEqual({ status: "ok" });
    expect((await server.phone("GET", "/readyz")).body).toEqual({ status: "ready" });
  });

  it("believes X-Forwarded-For only of trusted peers, and never builds a link from a header", async () => {
    const forged = {
      "x-forwarded-for": "6.6.6.6, 203.0.113.7",
      "x-forwarded-host": "evil.test",
      "x-forwarded-proto": "https",
      forwarded: "host=evil.test",
    };
    const address = async (env: Record<string, string>, headers: Record<string, string>) => {
      const server = await startServer(env);
      const code = await server.invite();
      const { body } = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code), headers });
      expect(body.inbox_url).toBe(`${server.phoneAddress}/inbox`);
      return server.audit().at(-1)?.["ip"];
    };
    expect(await address({}, forged)).toBe("203.0.113.7");
    expect(await address({ PAIRING_TRUST_PROXY: "10.0.0.0/8" }, forged)).toBe("127.0.0.1");
    for (const nothing of ["", " ", " , "]) expect(await address({}, { "x-forwarded-for": nothing })).toBe("127.0.0.1");
    for (const junk of ["unknown", "_hidden", "x".repeat(10_000), "1.2.3.4, junk"])
      expect(await address({}, { "x-forwarded-for": junk })).toBe("unknown");
    expect(await address({}, { "x-forwarded-for": "::ffff:1.2.3.4" })).toBe("1.2.3.4");
  });
});

describe("bodies", () => {
  const at = "/phone/pairing/accept-invite";
  it.each(["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json; charset=latin1", ""])(
    "of type %j are refused",
    async (type) => {
      const server = await startServer();
      const { status, body } = await server.phone("POST", at, { raw: "{}", headers: type === "" ? {} : { "content-type": type } });
      expect([status, body.code]).toEqual([415, "unsupported_media_type"]);
    },
  );

  it("that are compressed are refused", async () => {
    const server = await startServer();
    for (const encoding of ["gzip", "br", "deflate"]) {
      expect(
        (await server.phone("POST", at, { raw: "{}", headers: { "content-type": "application/json", "content-encoding": encoding } }))
          .status,
      ).toBe(415);
    }
  });

  it.each(["", "{", "[]", "null", '"x"', "{]", "\ufeff{}", "NaN", `${'{"a":'.repeat(20)}1${"}".repeat(20)}`])(
    "that are no JSON object (%j) are refused",
    async (raw) => {
      const server = await startServer();
      const { status, body } = await server.phone("POST", at, { raw, headers: { "content-type": "application/json" } });
      expect([status, body.code]).toEqual([400, "invalid_request"]);
    },
  );

  it("that are nested more than eight deep are refused, also where nothing reads it", async () => {
    const server = await startServer();
    const nested = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    const ask = async (extra: string) => {
      const raw = JSON.stringify(phoneBody("x".repeat(43))).replace(/}$/, `,"extra":${extra}}`);
      return (await server.phone("POST", at, { raw, headers: { "content-type": "application/json" } })).body.code;
    };
    expect([await ask(nested(7)), await ask(nested(8)), await ask(`${"[".repeat(2000)}${"]".repeat(2000)}`)]).toEqual([
      "invite_not_found",
      "invalid_request",
      "invalid_request",
    ]);
  });

  it("that are not UTF-8 are refused", async () => {
    const server = await startServer();
    const raw = Buffer.concat([Buffer.from('{"invite_code":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]);
    expect((await server.phone("POST", at, { raw, headers: { "content-type": "application/json" } })).status).toBe(400);
  });

  it("over 16 KiB are refused, announced or not", async () => {
    const server = await startServer();
    const raw = JSON.stringify({ invite_code: "x".repeat(17_000) });
    expect((await server.phone("POST", at, { raw, headers: { "content-type": "application/json" } })).body.code).toBe("payload_too_large");
    const chunked = await fetch(`${server.phoneAddress}${at}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: new Blob([raw]).stream(),
      duplex: "half",
    } as RequestInit);
    expect(chunked.status).toBe(413);
    expect((await server.phone("GET", "/healthz", { raw })).status).toBe(413);
    expect((await server.phone("GET", `/healthz?${"x".repeat(5000)}`)).status).toBe(414);
  });
});

describe("every answer", () => {
  it("carries the security headers, errors and pages too", async () => {
    const server = await startServer();
    const paths: [typeof server.local, string][] = [
      [server.local, "/healthz"],
      [server.local, "/"],
      [server.local, "/docs"],
      [server.local, "/openapi.json"],
      [server.local, "/nothing"],
      [server.phone, "/pair?code=x"],
      [server.phone, "/inbox"],
      [server.phone, "/nothing"],
      [server.phone, "/phone/pairing/invite/x"],
    ];
    for (const [door, path] of paths) {
      const { headers } = await door("GET", path);
      expect({ path, ...headers }).toMatchObject({
        path,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-resource-policy": "same-origin",
        "x-frame-options": "DENY",
        "cache-control": "no-store",
      });
      expect(headers["x-powered-by"]).toBeUndefined();
      expect(headers["content-type"]).toMatch(/charset=utf-8|problem\+json/);
      if (headers["content-type"]?.startsWith("text/html")) {
        expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'/);
        expect(headers["content-security-policy"]).not.toMatch(/unsafe/);
        expect(headers["permissions-policy"]).toContain("camera=()");
      }
    }
    expect((await server.phone("GET", "/.well-known/jwks.json")).headers["cache-control"]).toBe("public, max-age=300");
  });

  it("describes itself as OpenAPI 3.1, every operation in it", async () => {
    const server = await startServer();
    const { body } = await server.local("GET", "/openapi.json");
    expect(body.openapi).toBe("3.1.0");
    for (const operation of Object.values(OPERATIONS) as Operation[]) {
      expect(body.paths[operation.path]?.[operation.method.toLowerCase()]?.responses?.[operation.status ?? 200]).toBeDefined();
    }
    expect(body.components.schemas.Problem.properties).toHaveProperty("code");
  });
});

describe("news", () => {
  it("notifies the settings page of changes, and ends when the server stops", async () => {
    const server = await startServer();
    const stream = await fetch(`${server.localAddress}/admin/news`);
    expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    let received = "";
    const receives = async (text: string): Promise<void> => {
      while (!received.includes(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`the stream ended before ${text}: ${received}`);
        received += value;
      }
    };
    await receives(": listening");
    const code = await server.invite();
    await receives("data: invites\n\n");
    await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code) });
    await receives("data: devices\n\n");
    await server.close();
    while (!(await reader.read()).done);
  });
});

describe("pages that cannot be loaded", () => {
  it("are a problem answer, and are there as soon as they can be", async () => {
    const dist = mkdtempSync(path.join(tmpdir(), "topdog-http-dist-"));
    const server = await startServer({}, { distFolder: dist });
    const target = `/pair?code=${await server.invite()}`;
    for (let tries = 0; tries < 2; tries += 1) {
      const { status, headers, body } = await server.phone("GET", target);
      expect([status, headers["content-type"], body.code]).toEqual([500, "application/problem+json", "internal_error"]);
    }
    expect((await server.phone("GET", "/healthz")).status).toBe(200);
    symlinkSync(path.resolve("dist/phone"), path.join(dist, "phone"));
    expect((await server.phone("GET", target)).status).toBe(200);
  });
});

describe("a path of the previous version", () => {
  it("names its successor at the local door, and is nothing at the phone door", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    const paths = Object.values(OPERATIONS).map(({ path: now }: Operation) => now.replace(/\{\w+\}/g, "id-1"));
    const moved = [...new Set(paths)].filter((now) => now.startsWith("/admin/"));
    expect(moved.length).toBeGreaterThan(20);
    for (const now of moved) {
      const former = now.replace("/admin/", "/desk/");
      for (const method of ["GET", "POST", "PATCH", "DELETE"]) {
        const { status, body } = await server.local(method, former);
        expect([method, status, body.code, body.detail]).toEqual([method, 410, "path_moved", `${former} has moved. Use ${now} instead.`]);
      }
    }
    for (const hostile of ["/desk", "/desk/%0d%0ax", "/desk/<b>"])
      expect((await server.local("GET", hostile)).body.code).toBe("path_moved");
    expect((await server.phone("GET", "/desk/overview")).body.code).toBe("not_found");
  });
});
