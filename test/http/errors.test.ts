import { afterEach, describe, expect, it, vi } from "vitest";
import { type Answer, phoneBody, startServer, type TestServer } from "./server.ts";

afterEach(() => vi.useRealTimers());

/** Moves the server's clock; it reads `Date.now()`. */
function passMinutes(minutes: number): void {
  const later = Date.now() + minutes * 60_000;
  vi.useFakeTimers({ toFake: ["Date"], now: later });
}

function expectProblem(answer: Answer, status: number, code: string): void {
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect(answer.body).toMatchObject({
    type: `urn:topdog:problem:${code}`,
    title: expect.any(String),
    status,
    detail: expect.stringMatching(/[.!]$/),
  });
}

const send = (server: TestServer, body: unknown) => server.local("POST", "/phone/pairing/send-sms", { body });
const accept = (server: TestServer, code: string, headers = {}) =>
  server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code), headers });
const status = async (server: TestServer, code: string) => (await server.phone("GET", `/phone/pairing/invite/${code}`)).body;

describe("send-sms refuses", () => {
  it.each([
    "",
    "415",
    "+0",
    " +14155551234 ",
    "+1415555123x",
    "١٢٣٤٥٦٧",
    "+1 (415) 555-1234",
    "tel:+14155551234",
    "+14155550123;ext=5",
    "＋14155551234",
    "+888",
    "+1234567890123456",
    "00442079460958",
    "+1415555",
    "+19005550123",
    "+4490012345678",
    "+14155551234\u0000",
  ])("%j as a number", async (phone_number) => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    expectProblem(await send(server, { phone_number, user_id: "u" }), 400, "invalid_phone_number");
    expect(server.printed.join()).not.toContain("MOCK SMS");
    expect((await server.local("GET", "/phone/pairing/sessions")).body.sessions).toEqual([]);
  });

  it.each([
    ["no body", undefined],
    ["a list", []],
    ["no user", { phone_number: "+14155551234" }],
    ["an empty user", { phone_number: "+14155551234", user_id: "" }],
    ["a number as number", { phone_number: 14155551234, user_id: "u" }],
    ["a long user", { phone_number: "+14155551234", user_id: "u".repeat(257) }],
    ["a long name", { phone_number: "+14155551234", user_id: "u", user_name: "n".repeat(81) }],
    ["an invisible user", { phone_number: "+14155551234", user_id: "a\u202eb" }],
  ])("%s", async (_, body) => {
    const server = await startServer();
    expectProblem(await server.local("POST", "/phone/pairing/send-sms", { body: body ?? null }), 400, "invalid_request");
  });

  it("names the field that is wrong", async () => {
    const server = await startServer();
    const { body } = await send(server, { user_id: 7 });
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(["phone_number", "user_id"]);
  });

  it("the sixth request within a minute, and says when to come back", async () => {
    const server = await startServer();
    for (let n = 0; n < 5; n += 1) expect((await send(server, { phone_number: `+1415555300${n}`, user_id: "u" })).status).toBe(200);
    const sixth = await send(server, { phone_number: "+14155553009", user_id: "u" });
    expectProblem(sixth, 429, "rate_limited");
    expect(Number(sixth.headers["retry-after"])).toBeGreaterThan(0);
    expect(sixth.headers["ratelimit-policy"]).toBe('"send-sms";q=5;w=60');
    expect(sixth.headers["ratelimit"]).toMatch(/^"send-sms";r=0;t=\d+$/);
  });

  it("the fourth text to one number within ten minutes, resends counted", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    const number = "+14155551234";
    const { body } = await send(server, { phone_number: number, user_id: "u" });
    await server.local("POST", `/phone/pairing/resend-sms/${body.invite_code}`);
    await send(server, { phone_number: number, user_id: "u" });
    const fourth = await send(server, { phone_number: number, user_id: "u" });
    expectProblem(fourth, 429, "sms_budget_exceeded");
    expect(Number(fourth.headers["retry-after"])).toBeGreaterThan(500);
    expectProblem(await server.local("POST", `/phone/pairing/resend-sms/${body.invite_code}`), 429, "sms_budget_exceeded");
  });
});

describe("a code is refused", () => {
  it("when nobody was given it", async () => {
    const server = await startServer();
    const unknown = "A".repeat(43);
    expectProblem(await server.phone("GET", `/phone/pairing/invite/${unknown}`), 404, "invite_not_found");
    expectProblem(await accept(server, unknown), 404, "invite_not_found");
    expectProblem(await server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: unknown } }), 404, "invite_not_found");
    expectProblem(await server.local("POST", `/phone/pairing/resend-sms/${unknown}`), 404, "invite_not_found");
    expectProblem(await server.local("DELETE", `/phone/pairing/invite/${unknown}`), 404, "invite_not_found");
  });

  it("when it was used", async () => {
    const server = await startServer();
    const code = await server.invite();
    await accept(server, code);
    expectProblem(await accept(server, code), 409, "invite_already_used");
    expectProblem(await server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: code } }), 409, "invite_already_used");
    expectProblem(await server.local("POST", `/phone/pairing/resend-sms/${code}`), 409, "invite_already_used");
    expectProblem(await server.local("DELETE", `/phone/pairing/invite/${code}`), 409, "invite_already_used");
  });

  it("when it expired; a resend makes it pending again", async () => {
    const server = await startServer();
    const code = await server.invite();
    passMinutes(15);
    expect(await status(server, code)).toMatchObject({ status: "expired", is_expired: true, is_valid: false });
    expectProblem(await accept(server, code), 410, "invite_expired");
    expectProblem(await server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: code } }), 410, "invite_expired");
    await server.pairing.expireDueInvites();
    expect(server.audit().at(-1)).toMatchObject({ event: "invite_expired" });
    expect((await server.local("POST", `/phone/pairing/resend-sms/${code}`)).status).toBe(200);
    expect(await status(server, code)).toMatchObject({ status: "pending", is_valid: true });
    expect((await accept(server, code)).status).toBe(200);
  });

  it("when it was cancelled; cancelling twice or after expiry is fine", async () => {
    const server = await startServer();
    const code = await server.invite();
    for (let n = 0; n < 2; n += 1)
      expect((await server.local("DELETE", `/phone/pairing/invite/${code}`)).body).toEqual({ invite_code: code, status: "cancelled" });
    expectProblem(await accept(server, code), 410, "invite_cancelled");
    expectProblem(await server.local("POST", `/phone/pairing/resend-sms/${code}`), 410, "invite_cancelled");
    expect(server.audit().filter(({ event }) => event === "cancel_invite")).toHaveLength(1);

    const late = await server.invite();
    passMinutes(16);
    expect((await server.local("DELETE", `/phone/pairing/invite/${late}`)).body.status).toBe("cancelled");
  });

  it("when the phone declined", async () => {
    const server = await startServer();
    const code = await server.invite();
    expect((await server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: code } })).body).toEqual({
      invite_code: code,
      status: "cancelled",
    });
    expectProblem(await accept(server, code), 410, "invite_cancelled");
    expect(server.audit().at(-1)).toMatchObject({ event: "decline_invite" });
  });

  it("and says why, also after a restart", async () => {
    const server = await startServer();
    const declined = await server.invite("+14155552671");
    await server.phone("POST", "/phone/pairing/decline-invite", { body: { invite_code: declined } });
    const cancelled = await server.invite("+14155552672");
    await server.local("DELETE", `/phone/pairing/invite/${cancelled}`);
    await server.invite("+14155552673");
    const reasons = async (on: TestServer): Promise<unknown> =>
      (await on.local("GET", "/phone/pairing/sessions")).body.sessions.map((session: { cancel_reason?: string }) => session.cancel_reason);
    expect(await reasons(server)).toEqual([undefined, "cancelled", "declined"]);
    await server.close();
    const again = await startServer({ PAIRING_STORAGE_PATH: server.folder });
    expect(await reasons(again)).toEqual([undefined, "cancelled", "declined"]);
  });

  it("to forty-nine of fifty phones at once", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    const code = await server.invite();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        (n % 2 ? server.phone : server.local)("POST", "/phone/pairing/accept-invite", { body: phoneBody(code, `phone-${n}`) }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, ...Array.from({ length: 49 }, () => 409)]);
    const devices = (await server.local("GET", "/phone/devices")).body;
    expect(devices).toHaveLength(1);
    expect(devices[0].device_id).toBe(answers.find((answer) => answer.status === 200)?.body.device_id);
    expect(server.audit().filter(({ event }) => event === "accept_invite")).toHaveLength(1);
  });
});

describe("an Idempotency-Key", () => {
  it("gets the same answer again, also after a restart", async () => {
    const server = await startServer();
    const code = await server.invite();
    const first = await accept(server, code, { "idempotency-key": "k-1" });
    const second = await accept(server, code, { "idempotency-key": "k-1" });
    expect(second).toMatchObject({ status: 200, body: first.body });
    await server.close();
    const restarted = await startServer({ PAIRING_STORAGE_PATH: server.folder });
    expect((await accept(restarted, code, { "idempotency-key": "k-1" })).body.jwt_token).toBe(first.body.jwt_token);
    expect(restarted.audit().filter(({ event }) => event === "accept_invite")).toHaveLength(1);
  });

  it("is refused with another body, another key or after ten minutes", async () => {
    const server = await startServer();
    const code = await server.invite();
    await accept(server, code, { "idempotency-key": "k-1" });
    expectProblem(
      await server.phone("POST", "/phone/pairing/accept-invite", {
        body: phoneBody(code, "another"),
        headers: { "idempotency-key": "k-1" },
      }),
      422,
      "idempotency_key_reused",
    );
    expectProblem(await accept(server, code, { "idempotency-key": "k-2" }), 409, "invite_already_used");
    passMinutes(11);
    expectProblem(await accept(server, code, { "idempotency-key": "k-1" }), 409, "invite_already_used");
  });

  it("does not bring a revoked phone back", async () => {
    const server = await startServer();
    const code = await server.invite();
    await accept(server, code, { "idempotency-key": "k-1" });
    await server.local("DELETE", "/phone/devices/iphone-12345");
    expectProblem(await accept(server, code, { "idempotency-key": "k-1" }), 409, "invite_already_used");
  });
});

describe("devices", () => {
  it("are not found when unknown or already revoked", async () => {
    const server = await startServer();
    await server.pair("d");
    await server.local("DELETE", "/phone/devices/d");
    for (const id of ["d", "nobody", "__proto__", "%F0%9F%93%B1"]) {
      expectProblem(await server.local("DELETE", `/phone/devices/${id}`), 404, "device_not_found");
      expectProblem(await server.local("PATCH", `/phone/devices/${id}`, { body: { device_name: "x" } }), 404, "device_not_found");
      expectProblem(await server.local("POST", `/phone/devices/${id}/suspend`), 404, "device_not_found");
    }
    expectProblem(await server.local("PATCH", "/phone/devices/%zz", { body: { device_name: "x" } }), 400, "invalid_request");
  });

  it("are ambiguous under two users until one is named", async () => {
    const server = await startServer();
    await server.pair("same", "anna");
    const ben = await server.pair("same", "ben");
    expectProblem(await server.local("DELETE", "/phone/devices/same"), 409, "device_ambiguous");
    expect((await server.local("DELETE", "/phone/devices/same?user_id=anna")).status).toBe(200);
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${ben}` } })).status).toBe(200);
  });

  it("replace themselves when paired again, and the former token is dead", async () => {
    const server = await startServer();
    const former = await server.pair("d");
    const present = await server.pair("d");
    const me = (token: string) => server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
    expectProblem(await me(former), 401, "token_revoked");
    expect((await me(present)).status).toBe(200);
    expect((await server.local("GET", "/phone/devices")).body).toHaveLength(1);
  });

  it("cannot be renamed to nothing", async () => {
    const server = await startServer();
    await server.pair("d");
    for (const device_name of ["", "   ", "\u200b\u202e", "x".repeat(81)]) {
      expectProblem(await server.local("PATCH", "/phone/devices/d", { body: { device_name } }), 400, "invalid_request");
    }
  });

  it("are all revoked but one", async () => {
    const server = await startServer();
    const [saved] = [await server.pair("kept"), await server.pair("gone-1"), await server.pair("gone-2")];
    expect((await server.local("POST", "/phone/devices/revoke-all", { body: { except_device_id: "kept" } })).body).toEqual({ revoked: 2 });
    expect((await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${saved}` } })).status).toBe(200);
  });
});

describe("a device token is refused", () => {
  const me = (server: TestServer, authorization?: string) =>
    server.phone("GET", "/phone/me", { headers: authorization === undefined ? {} : { authorization } });

  it("when missing, garbled, spelled otherwise, or signed by nobody we know", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100" });
    const token = await server.pair();
    const [header = "", payload = "", signature = ""] = token.split(".");
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url");
    expectProblem(await me(server), 401, "token_missing");
    for (const bad of [
      "",
      "x",
      "a.b.c",
      `${token}==`,
      `${token}A`,
      `${header}.${payload}.${signature.slice(0, -1)}`,
      `${none}.${payload}.`,
      `${none}.${payload}.${signature}`,
      `${header}.${payload}A.${signature}`,
    ]) {
      expectProblem(await me(server, `Bearer ${bad}`), 401, "token_invalid");
    }
    expectProblem(await me(server, `Basic ${token}`), 401, "token_invalid");
    expect((await me(server, `Bearer ${token}`)).status).toBe(200);
  });

  it("when expired, and not a minute before", async () => {
    const server = await startServer({ PAIRING_TOKEN_EXPIRY_DAYS: "1" });
    const token = await server.pair();
    passMinutes(24 * 60 - 1);
    expect((await me(server, `Bearer ${token}`)).status).toBe(200);
    passMinutes(3);
    expectProblem(await me(server, `Bearer ${token}`), 401, "token_expired");
  });

  it("while its phone is suspended", async () => {
    const server = await startServer();
    const token = await server.pair("d");
    expect((await server.local("POST", "/phone/devices/d/suspend")).body.status).toBe("suspended");
    expectProblem(await me(server, `Bearer ${token}`), 403, "device_suspended");
    expect((await server.local("POST", "/phone/devices/d/reactivate")).body.status).toBe("active");
    expect((await me(server, `Bearer ${token}`)).status).toBe(200);
  });

  it("after the phone unpaired itself", async () => {
    const server = await startServer();
    const token = await server.pair("d");
    const left = await server.phone("DELETE", "/phone/me", { headers: { authorization: `Bearer ${token}` } });
    expect(left).toMatchObject({ status: 200, body: { device_id: "d" } });
    expectProblem(await me(server, `Bearer ${token}`), 401, "token_revoked");
    expect(server.audit().at(-1)).toMatchObject({ event: "unpair_device", device_id: "d" });
  });

  it("as a cookie of another site's page", async () => {
    const server = await startServer();
    const cookie = `topdog_device=${await server.pair()}`;
    const own = server.phoneAddress;
    expect((await server.phone("GET", "/phone/me", { headers: { cookie, "sec-fetch-site": "same-origin" } })).status).toBe(200);
    expect((await server.phone("GET", "/phone/me", { headers: { cookie, origin: own } })).status).toBe(200);
    for (const headers of [{}, { origin: "https://evil.test" }, { "sec-fetch-site": "cross-site" }, { origin: "null" }]) {
      expectProblem(await server.phone("GET", "/phone/me", { headers: { cookie, ...headers } }), 403, "cross_site");
    }
    expectProblem(await server.phone("DELETE", "/phone/me", { headers: { cookie, "sec-fetch-site": "same-origin" } }), 403, "cross_site");
    expectProblem(
      await server.phone("GET", "/phone/me", { headers: { cookie: `${cookie}; ${cookie}`, origin: own } }),
      401,
      "token_missing",
    );
  });
});

describe("the admin gate", () => {
  const gated = { PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "correct-horse-battery-staple" };
  it.each([
    ["GET", "/phone/devices"],
    ["GET", "/phone/pairing/sessions"],
    ["DELETE", "/phone/devices/d"],
    ["POST", "/phone/devices/d/suspend"],
    ["GET", "/admin/overview"],
  ])("asks at %s %s: 401 without, 403 wrong, both audited", async (method, path) => {
    const server = await startServer(gated);
    expectProblem(await server.local(method, path), 401, "admin_token_required");
    for (const token of ["wrong", "correct-horse-battery-staple ", "correct-horse-battery-staple, correct-horse-battery-staple"]) {
      expectProblem(
        await server.local(method, path, { headers: { "x-admin-token": token.trimEnd() === token ? token : `${token}x` } }),
        403,
        "admin_token_invalid",
      );
    }
    expect([200, 404]).toContain((await server.local(method, path, { headers: { "x-admin-token": gated.ADMIN_TOKEN } })).status);
    expect(
      server
        .audit()
        .filter(({ event }) => event === "admin_denied")
        .map(({ reason }) => reason),
      // One line for each kind and minute: the others are counted.
    ).toEqual(["admin_token_required", "admin_token_invalid"]);
    expect(JSON.stringify(server.audit())).not.toContain("correct-horse");
  });

  it.each([
    ["super-secret-admin", true],
    ["tr0ub4dor", true],
    ["0f4c2b7e9a1d3c5f7b9d1e3f5a7c9e1b", false],
  ])("warns at the start of a token that could be guessed: %s", async (token, warned) => {
    const { printed } = await startServer({ ...gated, ADMIN_TOKEN: token });
    expect(printed.some((line) => line.startsWith("⚠ ADMIN_TOKEN"))).toBe(warned);
    expect(printed.join("\n")).not.toContain(token);
  });

  it("leaves sending open", async () => {
    const server = await startServer(gated);
    expect((await send(server, { phone_number: "+14155551234", user_id: "u" })).status).toBe(200);
  });
});
