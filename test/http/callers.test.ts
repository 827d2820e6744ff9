import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { startServer, type TestServer } from "./server.ts";

const run = promisify(execFile);
const NOBODY = 65534;
/** Programs of another account can be run only by root. */
const isRoot = process.getuid?.() === 0;
const canIsolate = isRoot && spawnSync("unshare", ["--net", "--pid", "--fork", "true"]).status === 0;

interface Asker {
  readonly address: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** A request of a program that really is another process, with the status and code that it got. */
async function askAs(command: readonly string[], { address, method = "GET", path: target, headers = {}, body }: Asker) {
  const script = `
    const http = require("node:http");
    const { hostname, port } = new URL(${JSON.stringify(address)});
    const body = ${JSON.stringify(body === undefined ? "" : JSON.stringify(body))};
    const request = http.request({ host: hostname.replace(/^\\[|\\]$/g, ""), port, method: "${method}", path: ${JSON.stringify(target)},
      headers: { ...(body ? { "content-type": "application/json", "content-length": Buffer.byteLength(body) } : {}), ...${JSON.stringify(headers)} } },
      (response) => {
        let text = "";
        response.on("data", (bytes) => (text += bytes));
        response.on("end", () => console.log(JSON.stringify({ status: response.statusCode, body: JSON.parse(text) })));
      });
    request.on("error", (cause) => console.log(JSON.stringify({ status: 0, body: { code: cause.code } })));
    request.end(body);`;
  const [program = "", ...args] = [...command, process.execPath, "-e", script];
  return JSON.parse((await run(program, args)).stdout) as { status: number; body: Record<string, any> };
}

const asNobody = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
/** An account that has no special meaning to the kernel. */
const asDaemon = ["setpriv", "--reuid=1", "--regid=1", "--clear-groups"];
const asOwner: readonly string[] = [];

describe("a program of the server's own account", () => {
  it.each(["127.0.0.1", "::1"])("may ask, at %s, without a key", async (host) => {
    const server = await startServer({ PAIRING_HOST: host });
    const { status, body } = await askAs(asOwner, { address: server.localAddress, path: "/phone/devices" });
    expect([status, body]).toEqual([200, []]);
  });

  it.runIf(canIsolate)("may ask from another PID namespace", async () => {
    const server = await startServer();
    const { status } = await askAs(["unshare", "--pid", "--fork"], { address: server.localAddress, path: "/phone/devices" });
    expect(status).toBe(200);
  });

  it("with a shell can ask phones, and can neither approve, nor change settings, nor read a pending link", async () => {
    const server = await startServer();
    await server.pair("phone-1");
    await server.invite();
    const ask = (method: string, target: string, body?: unknown) =>
      askAs(asOwner, { address: server.localAddress, method, path: target, ...(body === undefined ? {} : { body }) });
    const { approval_id } = (await ask("POST", "/phone/approvals/request", approvalOf("user123"))).body;
    expect(approval_id).toEqual(expect.any(String));
    const refused = [403, "window_required"];
    for (const [method, target, body] of [
      ["POST", `/admin/approvals/${approval_id}/decision`, { decision: "approve" }],
      ["PATCH", "/admin/settings", { values: { PAIRING_LOCAL_AUTH: "off" } }],
      ["PATCH", "/admin/sms", { provider: "mock" }],
      ["POST", "/admin/admin-token", { admin_token: "a token of the agent's own" }],
      ["PATCH", "/admin/reachability", {}],
      ["POST", "/admin/local-key/rotate", undefined],
    ] as const) {
      const answer = await ask(method, target, body);
      expect([target, answer.status, answer.body["code"]]).toEqual([target, ...refused]);
    }
    const { invites } = (await ask("GET", "/admin/overview")).body;
    expect(invites).not.toEqual([]);
    expect(JSON.stringify(invites)).not.toMatch(/invite_code|"link"/);
    expect((await ask("GET", `/phone/approvals/${approval_id}`)).body["status"]).toBe("pending");
  });

  it.runIf(isRoot)("that runs as the account that no kernel distinguishes is nobody", async () => {
    const server = await startServer();
    expect((await askAs(asNobody, { address: server.localAddress, path: "/phone/devices" })).status).toBe(401);
  });
});

describe.runIf(isRoot)("a program of another account", () => {
  it("sees nothing, asks nothing and decides nothing, whatever the gate", async () => {
    for (const env of [{}, { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "an admin token that nobody could guess" }]) {
      const server = await startServer(env);
      for (const account of [asNobody, asDaemon]) {
        for (const [method, target, body] of [
          ["GET", "/admin/approvals", undefined],
          ["GET", "/phone/devices", undefined],
          ["GET", "/admin/overview", undefined],
          ["POST", "/phone/approvals/request", approvalOf("user123")],
          ["POST", "/phone/notifications/send", { build_id: "b", project_name: "p", status: "success", message: "m" }],
          ["POST", "/admin/approvals/x/decision", { decision: "approve" }],
          ["PATCH", "/admin/sms", { provider: "mock" }],
          ["POST", "/admin/admin-token", { admin_token: "a token of the other account" }],
        ] as const) {
          const answer = await askAs(account, { address: server.localAddress, method, path: target, ...(body ? { body } : {}) });
          expect([target, [401, 403].includes(answer.status), answer.body["code"]]).toEqual([
            target,
            true,
            expect.stringMatching(/^(local_key|window|admin_token)_required$/),
          ]);
        }
      }
      await server.close();
    }
  });

  it("pairs a phone of its own, which can neither read a plan nor approve it", async () => {
    const server = await startServer();
    await server.pair("owners-phone");
    const qr = await askAs(asDaemon, {
      address: server.localAddress,
      method: "POST",
      path: "/phone/pairing/generate-qr",
      body: { user_id: "user123" },
    });
    const phone = { device_id: "strangers-phone", device_name: "Phone", device_type: "web", pairing_token: qr.body["pairing_token"] };
    const paired = await askAs(asDaemon, { address: server.phoneAddress, method: "POST", path: "/phone/pairing/pair", body: phone });
    expect(paired.status).toBe(200);
    const { approval_id } = (await server.local("POST", "/phone/approvals/request", { body: approvalOf("user123") })).body;
    const headers = { authorization: `Bearer ${paired.body["jwt_token"]}` };
    for (const [method, target, body] of [
      ["GET", "/phone/inbox", undefined],
      ["POST", `/phone/approvals/${approval_id}/decision`, { decision: "approve" }],
      ["POST", "/phone/devices/strangers-phone/confirm", {}],
    ] as const) {
      const address = target.startsWith("/phone/devices") ? server.localAddress : server.phoneAddress;
      const answer = await askAs(asDaemon, { address, method, path: target, headers, ...(body ? { body } : {}) });
      expect([target, answer.status, answer.body["code"]]).toEqual([
        target,
        403,
        expect.stringMatching(/^(device_unconfirmed|window_required)$/),
      ]);
    }
    expect((await server.local("GET", `/phone/approvals/${approval_id}`)).body.status).toBe("pending");
  });

  it("may ask with the content of local_key", async () => {
    const server = await startServer();
    const headers = { "x-local-key": keyOf(server) };
    expect((await askAs(asDaemon, { address: server.localAddress, path: "/phone/devices", headers })).status).toBe(200);
    expect(
      (await askAs(asDaemon, { address: server.localAddress, path: "/phone/devices", headers: { "x-local-key": "A".repeat(43) } })).status,
    ).toBe(401);
  });

  it("cannot read local_key", async () => {
    const server = await startServer();
    const { mode } = statSync(path.join(server.folder, "local_key"));
    expect(mode & 0o777).toBe(0o600);
    expect(keyOf(server)).toMatch(/^[\w-]{43}$/);
  });

  it("that closes its connection at once is never taken for the server's account", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
    await server.pair("phone-1");
    const { hostname, port } = new URL(server.localAddress);
    const times = 1000;
    const before = (await server.pairing.pageOfNotifications({ most: 2000 })).items.length;
    const body = JSON.stringify({ build_id: "b", project_name: "p", status: "success", message: "m", user_id: "user123" });
    const head = `POST /phone/notifications/send HTTP/1.1\\r\\nHost: localhost\\r\\nContent-Type: application/json\\r\\nContent-Length: ${body.length}\\r\\n\\r\\n`;
    const script = `
      const net = require("node:net");
      let left = ${times};
      const one = () => {
        if (left-- <= 0) return;
        const socket = net.connect(${port}, "${hostname}", () => { socket.write("${head}" + ${JSON.stringify(body)}); socket.destroy(); });
        socket.on("error", () => {}); socket.on("close", one);
      };
      one();`;
    const [program = "", ...args] = [...asDaemon, process.execPath, "-e", script];
    await run(program, args);
    // What was still on its way has been answered when this is.
    await server.local("GET", "/phone/devices");
    expect((await server.pairing.pageOfNotifications({ most: 2000 })).items.length - before).toBe(0);
  });

  it.runIf(canIsolate)("is not mistaken when it is in another network namespace", async () => {
    const server = await startServer();
    // It has a loopback of its own, where nobody listens.
    expect((await askAs(["unshare", "--net"], { address: server.localAddress, path: "/phone/devices" })).status).toBe(0);
  });
});

describe("a browser", () => {
  const asks = async (server: TestServer, headers: Record<string, string>) =>
    (await server.local("GET", "/phone/devices", { headers })).status;

  it("speaks for the account only on the server's own page", async () => {
    const server = await startServer({ PAIRING_ALLOWED_ORIGINS: "http://ide.example" });
    expect(await asks(server, { "sec-fetch-site": "none" })).toBe(401);
    expect(await asks(server, { "sec-fetch-site": "same-site" })).toBe(401);
    expect(await asks(server, { origin: "http://ide.example" })).toBe(401);
    expect(await asks(server, { "sec-fetch-site": "same-origin" })).toBe(200);
    expect(await asks(server, { origin: server.localAddress })).toBe(200);
    // With its key, an allowed page may ask.
    expect(await asks(server, { origin: "http://ide.example", "x-local-key": keyOf(server) })).toBe(200);
  });

  it("behind a proxy of this account speaks for nobody", async () => {
    const server = await startServer({ PAIRING_LOCAL_TRUST_PROXY: "loopback" });
    expect((await askAs(asOwner, { address: server.localAddress, path: "/phone/devices" })).status).toBe(401);
  });
});

describe("the server's link", () => {
  const open = (server: TestServer, secret: string) =>
    server.local("POST", "/admin/session", {
      headers: { "sec-fetch-site": "same-origin", "user-agent": "Firefox" },
      body: { open: secret },
    });

  it("makes a page a window, which can be seen and ended", async () => {
    const server = await startServer();
    const secret = new URL(server.pageAddress).hash.replace("#open=", "");
    const { body } = await open(server, secret);
    const as = { "x-window-key": body.window_key, "user-agent": "Firefox" };
    expect((await server.local("GET", "/admin/session", { headers: as })).body).toMatchObject({ caller: "window", admin_required: false });
    const { windows } = (await server.local("GET", "/admin/windows", { headers: as })).body;
    expect(windows).toEqual([expect.objectContaining({ user_agent: "Firefox", current: true })]);
    for (const { window_id } of windows) await server.local("DELETE", `/admin/windows/${window_id}`, { headers: as });
    expect((await server.local("POST", "/admin/secrets/check", { headers: as })).body.code).toBe("window_required");
  });

  it("is guessed at most five times a minute, and stays good for the person who has it", async () => {
    const server = await startServer();
    const statuses: number[] = [];
    for (let guess = 0; guess < 7; guess += 1) statuses.push((await open(server, `guess ${guess}`)).status);
    expect(statuses).toEqual([403, 403, 403, 403, 403, 429, 429]);
    expect((await open(server, server.openSecret)).status).toBe(200);
    // Admin tokens and keys that are guessed count together with it, and all of it is in the trail.
    const other = await server.local("GET", "/phone/devices", { headers: { "x-local-key": "A".repeat(43), "sec-fetch-site": "none" } });
    expect([other.status, other.body.params.reason]).toEqual([429, "wrong_keys"]);
    expect(server.audit().filter(({ event }) => event === "admin_denied")).toEqual([
      expect.objectContaining({ reason: "window_required" }),
      expect.objectContaining({ reason: "rate_limited" }),
    ]);
  });

  it.each([{ PAIRING_OPEN_LINK: "never" }, { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "an admin token that nobody could guess" }])(
    "is not printed with %o",
    async (env) => {
      const server = await startServer(env as Record<string, string>);
      expect(server.pageAddress).toBe(`${server.localAddress}/`);
    },
  );
});

describe("local_key", () => {
  const restartWith = async (plant: (file: string) => void): Promise<string> => {
    const first = await startServer();
    const file = path.join(first.folder, "local_key");
    await first.close();
    rmSync(file);
    plant(file);
    return startServer({ PAIRING_STORAGE_PATH: first.folder }).then(
      () => "started",
      (cause: Error) => cause.message.replaceAll(first.folder, "…"),
    );
  };

  it.each<[string, (file: string) => void, RegExp]>([
    ["a link", (file) => symlinkSync("/etc/hostname", file), /local_key.*(link|ELOOP)/],
    ["a pipe", (file) => void execFileSync("mkfifo", [file]), /local_key/],
    ["a folder", (file) => mkdirSync(file), /local_key/],
    ["one that others can read", (file) => writeFileSync(file, "A".repeat(43), { mode: 0o644 }), /local_key.*chmod 600/],
    ["one without a key in it", (file) => writeFileSync(file, "password", { mode: 0o600 }), /local_key doesn't contain a key/],
  ])("that is %s is refused by name", async (_what, plant, reported) => {
    expect(await restartWith(plant)).toMatch(reported);
  });

  it.runIf(isRoot)("of another account is refused by name", async () => {
    const reported = await restartWith((file) => {
      writeFileSync(file, "A".repeat(43), { mode: 0o600 });
      execFileSync("chown", ["1:1", file]);
    });
    // Root may use any account's files; the server says whose it is where it is not root.
    expect(reported).toMatch(/local_key|started/);
  });

  it("can be replaced: the former one is not good any more", async () => {
    const server = await startServer();
    const former = keyOf(server);
    const asks = async (key: string) =>
      (await server.local("GET", "/phone/devices", { headers: { "x-local-key": key, "sec-fetch-site": "none" } })).status;
    expect(await asks(former)).toBe(200);
    expect((await server.local("POST", "/admin/local-key/rotate")).status).toBe(200);
    expect(await asks(former)).toBe(401);
    expect(await asks(keyOf(server))).toBe(200);
  });
});

it("with PAIRING_LOCAL_AUTH=off everybody on this computer may do everything, which the start says", async () => {
  const server = await startServer({ PAIRING_LOCAL_AUTH: "off" });
  expect((await server.local("PATCH", "/admin/welcome", { headers: { "sec-fetch-site": "none" }, body: { shown: false } })).status).toBe(
    200,
  );
  expect(server.printed.join("\n")).toContain("PAIRING_LOCAL_AUTH is off");
});

function keyOf({ folder }: TestServer): string {
  return readFileSync(path.join(folder, "local_key"), "utf8");
}

function approvalOf(user_id: string): Record<string, unknown> {
  return {
    build_id: "b",
    project_name: "p",
    plan: "deploy",
    affected_files: [],
    estimated_duration: "1 m",
    requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
    user_id,
  };
}
