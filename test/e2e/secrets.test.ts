import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { exchange } from "../http/hidden-requests.ts";
import { ask, phoneBody, startServer } from "../http/server.ts";
import { CANARIES, isOfDatabase, leaksIn, needlesOf, notePassing, notePrinted } from "../leaks.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";

afterEach(killServers);

const ADMIN = CANARIES["ADMIN_TOKEN"]!;
const EVERYTHING = {
  ...Object.fromEntries(Object.entries(CANARIES).filter(([name]) => !isOfDatabase(name))),
  PHONE_DEVICES_REQUIRE_ADMIN: "1",
  PAIRING_QR_REQUIRE_OTP: "1",
  PAIRING_RATE_LIMIT_SCALE: "100",
};

/** What a process was started with, as every account of the computer can read it. */
function commandLine({ child }: Headless): string {
  const file = `/proc/${child.pid}/cmdline`;
  return existsSync(file) ? readFileSync(file, "utf8") : child.spawnargs.join(" ");
}

const asAdmin = { headers: { "x-admin-token": ADMIN } };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** Everything that carries a secret, done well and badly, at both doors. Answers the statuses that came of it. */
async function goThroughAll({ localAddress, phoneAddress }: Headless, storage: string): Promise<Set<number>> {
  const statuses = new Set<number>();
  const at =
    (address: string) =>
    async (...asked: [method: string, target: string, more?: Parameters<typeof ask>[3]]) => {
      const answer = await ask(address, ...asked);
      statuses.add(answer.status);
      return answer;
    };
  const [local, phone] = [at(localAddress), at(phoneAddress)];
  const send = async (phone_number: string) =>
    local("POST", "/phone/pairing/send-sms", { body: { phone_number, user_id: "user123", user_name: "John Doe" } });
  const accept = async (code: string, deviceId: string, headers = {}) =>
    phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, deviceId), headers });

  const { body } = await send("+14155552671");
  const code: string = body.invite_code;
  for (const number of ["+19005550123", "+1415555267", "+14155552671", "+14155552671", "+14155552671"]) await send(number);
  await local("POST", `/phone/pairing/resend-sms/${code}`);
  await phone("GET", `/phone/pairing/invite/${code}`);
  await phone("GET", `/pair?code=${code}`);
  // Where a code or a token has no business, and where no request is understood.
  for (const target of [
    `/${code}`,
    `/phone/${code}/x`,
    `/pair/done?result=${code}`,
    `/pair/assets/${code}`,
    `/healthz?${"x".repeat(5000)}${code}`,
  ])
    for (const door of [local, phone]) await door("GET", target);
  await local("PUT", `/phone/pairing/invite/${code}`);
  await local("GET", `/phone/pairing/invite/${code}`, { headers: { "x-forwarded-for": "203.0.113.7" } });
  await phone("GET", `/pair?code=${code}`, { headers: { host: "evil.test" } });
  await phone("POST", "/phone/pairing/accept-invite", {
    raw: `{"invite_code":"${code}",`,
    headers: { "content-type": "application/json" },
  });
  await phone("POST", "/phone/pairing/accept-invite", { raw: `invite_code=${code}`, headers: { "content-type": "text/plain" } });
  await phone("POST", "/phone/pairing/accept-invite", { body: { invite_code: code, device_id: code, [code]: code } });
  await exchange(phoneAddress, `GET /pair?code=${code} HTTP/1.1\r\nHost: localhost\r\nX : ${code}\r\n\r\n`);
  await exchange(phoneAddress, `POST /pair HTTP/1.1\r\nHost: localhost\r\nContent-Length: x${code}\r\n\r\n`);

  const key = { "idempotency-key": `an-idempotency-key-of-${code}` };
  const token: string = (await accept(code, "iphone-1", key)).body.jwt_token;
  expect((await accept(code, "iphone-1", key)).body.jwt_token).toBe(token);
  await accept(code, "iphone-2", key);
  await accept(code, "iphone-2");
  await phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: code } });
  await phone("GET", "/phone/me", bearer(token));
  await phone("GET", "/phone/me", bearer(`${token.slice(0, -5)}AAAAA`));
  await phone("GET", "/phone/me", { headers: { authorization: `Basic ${token}` } });
  await phone("GET", "/phone/me", { headers: { cookie: `topdog_device=${token}` } });
  await phone("GET", `/phone/me?token=${token}`);
  await phone("GET", `/phone/${token}`, bearer(token));

  const qr = (await local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123" } })).body;
  const pair = async (otp_code?: string) =>
    phone("POST", "/phone/pairing/pair", {
      body: { ...phoneBody("", "iphone-3"), pairing_token: qr.pairing_token, ...(otp_code === undefined ? {} : { otp_code }) },
    });
  await pair();
  await pair(qr.otp_code === "864201" ? "864202" : "864201");
  await phone("GET", `/pair?token=${qr.pairing_token}&otp=${qr.otp_code}`);
  await phone("POST", "/pair", {
    headers: { origin: phoneAddress, "content-type": "application/x-www-form-urlencoded" },
    raw: new URLSearchParams({ token: qr.pairing_token, otp_code: "135790", device_name: "x", action: "accept" }).toString(),
  });
  expect((await pair(qr.otp_code)).status).toBe(200);

  for (const headers of [{}, { "x-admin-token": `${ADMIN}x` }, { "x-admin-token": ADMIN }, { authorization: `Bearer ${ADMIN}` }]) {
    await local("GET", "/phone/devices", { headers });
    await local("GET", "/phone/pairing/sessions", { headers });
    await local("GET", `/phone/devices?x-admin-token=${ADMIN}`, { headers });
  }
  await local("GET", "/admin/overview", asAdmin);
  await local("POST", "/phone/devices/iphone-1/suspend", asAdmin);
  await phone("GET", "/phone/me", bearer(token));
  await local("DELETE", "/phone/devices/iphone-1", asAdmin);
  await phone("GET", "/phone/me", bearer(token));
  await local("POST", "/phone/keys/rotate", asAdmin);

  // The disk is gone, and comes back.
  const other: string = (await send("+14155552672")).body.invite_code;
  renameSync(storage, `${storage} away`);
  for (const number of ["+14155552673", "+14155552674"]) await send(number);
  await accept(other, "iphone-4");
  await pair("864201");
  await phone("GET", "/readyz");
  renameSync(`${storage} away`, storage);
  return statuses;
}

describe("secrets", () => {
  it("stand nowhere but in their places, whatever was asked and however it was answered", async () => {
    const home = freshHome();
    const storage = path.join(home, ".topdog", "pairing");
    const server = await startHeadless(home, EVERYTHING);
    const statuses = await goThroughAll(server, storage);
    for (const status of [200, 400, 401, 403, 404, 405, 409, 414, 415, 421, 422, 429, 503]) expect(statuses).toContain(status);
    const started = commandLine(server);
    server.child.kill("SIGTERM");
    await server.ended;
    notePrinted(server.printed());
    expect(leaksIn({ folder: home, printed: server.printed() + started, env: EVERYTHING })).toEqual([]);
  });

  it.each(["readable by everybody", "damaged"])("are not printed when the signing key is %s", async (fault) => {
    const home = freshHome();
    const key = CANARIES["PAIRING_JWT_PRIVATE_KEY"]!;
    const inFile = fault !== "damaged";
    if (inFile) {
      const storage = path.join(home, ".topdog", "pairing");
      mkdirSync(storage, { recursive: true, mode: 0o700 });
      writeFileSync(path.join(storage, "signing_key.pem"), key, { mode: 0o644 });
    }
    const server = await startHeadless(home, inFile ? {} : { PAIRING_JWT_PRIVATE_KEY: key.replace(/\n(.{20})/, "\n$1!!!!") });
    const refused = await ask(server.localAddress, "POST", "/phone/pairing/send-sms", {
      body: { phone_number: "+14155552671", user_id: "user123" },
    });
    expect([refused.status, refused.body.code]).toEqual([503, "keys_unavailable"]);
    server.child.kill("SIGTERM");
    await server.ended;
    await expect.poll(() => server.printed()).toContain("signing key unavailable");
    expect(leaksIn({ folder: home, printed: server.printed(), env: inFile ? {} : { PAIRING_JWT_PRIVATE_KEY: key } })).toEqual([]);
  });

  it("are not printed by a start that fails, nor by a command", async () => {
    const home = freshHome();
    for (const [name, secret] of Object.entries(CANARIES)) {
      const { code, printed } = await run([CLI, "serve"], {
        HOME: home,
        PAIRING_PORT: "eighty",
        ...CANARIES,
        [name]: secret.repeat(Math.ceil(5000 / secret.length)),
      }).ended;
      expect(code).toBe(1);
      expect(printed).toContain("PAIRING_PORT");
      expect([name, leaksIn({ folder: home, printed, env: CANARIES })]).toEqual([name, []]);
    }
    const { code, printed } = await run([CLI, "rotate-key"], { HOME: home, ...CANARIES, PAIRING_PORT: "9" }).ended;
    expect([code, leaksIn({ folder: home, printed, env: CANARIES })]).toEqual([1, []]);
  });

  it("stay inside when the desktop's page asks", async () => {
    const { ask: asks, close, folder, printed } = await startServer({ PAIRING_QR_REQUIRE_OTP: "1" });
    for (const [operation, input] of [
      ["sendInvite", { phone_number: "+14155552671", user_id: "user123" }],
      ["sendInvite", { phone_number: "+19005550123", user_id: "user123" }],
      ["sendInvite", { phone_number: 7 }],
      ["generateQr", { user_id: "user123" }],
      ["overview", {}],
      ["readPhoneNumber", { typed: "+14155552671" }],
      ["resendInvite", { invite_code: "x".repeat(43) }],
      ["listDevices", {}],
    ] as const)
      await asks(operation, input);
    await close();
    expect(leaksIn({ folder, printed: printed.join("\n"), env: CANARIES })).toEqual([]);
  });
});

describe("a leak", () => {
  const folder = mkdtempSync(path.join(tmpdir(), "topdog-leak-"));
  const code = "c".repeat(43);
  const jwt = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(40)}`;
  const message = `${"=".repeat(50)}\nMOCK SMS (Development Mode)\nTo: +14155552671\nMessage:\nhttp://127.0.0.1/pair?code=${code}\n${"=".repeat(50)}\n`;
  const [keyLine = ""] = needlesOf(CANARIES["PAIRING_JWT_PRIVATE_KEY"]!);
  const pass = (): void => notePassing({ invite_code: code, otp_code: "135790", deeper: [{ phone_number: "+14155552671" }] });

  it.each([
    ["a code in the log", "logs/x.log", code],
    ["a password in the trail", "pairing_audit.jsonl", '{"reason":"135790 is wrong"}'],
    ["a whole number in the trail", "pairing_audit.jsonl", '{"phone_number":"+14155552671"}'],
    ["a code in the state", "pairing_sessions.json", code],
    ["a token that nobody noted", "paired_devices.json", jwt],
    ["the admin token in the log", "logs/x.log", `wrong: ${ADMIN}`],
    ["a line of the key in the state", "revoked_jti.json", keyLine],
    ["a private key anywhere", "logs/x.log", "-----BEGIN RSA PRIVATE KEY-----"],
    ["a code after a message", "logs/x.log", `${message}${code}`],
  ])("would be noticed: %s", (_what, name, text) => {
    const own = path.join(folder, name.replace(/\W/g, ""));
    mkdirSync(path.join(own, "logs"), { recursive: true });
    writeFileSync(path.join(own, name), text);
    pass();
    expect(leaksIn({ folder: own, printed: "", env: CANARIES })).not.toEqual([]);
    expect(leaksIn({ folder: path.join(own, "nowhere"), printed: text, env: CANARIES })).not.toEqual([]);
  });

  it("is none where a secret has its place", () => {
    const own = path.join(folder, "fine");
    mkdirSync(own);
    writeFileSync(path.join(own, "signing_key.pem"), CANARIES["PAIRING_JWT_PRIVATE_KEY"]!);
    writeFileSync(path.join(own, "pairing_sessions.json"), '{"phoneNumber":"+14155552671","at":1357901357900}');
    cpSync(path.join(own, "pairing_sessions.json"), path.join(own, "pairing_journal.jsonl"));
    pass();
    expect(leaksIn({ folder: own, printed: message, env: { ADMIN_TOKEN: ADMIN } })).toEqual([]);
  });
});
