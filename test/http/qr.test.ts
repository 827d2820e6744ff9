import jsQR from "jsqr";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { phoneBody, startServer, type TestServer } from "./server.ts";

/** What a phone's camera reads from the picture. */
function scan(base64: string): { text: string | undefined; quiet: number; size: number } {
  const { data, width, height } = PNG.sync.read(Buffer.from(base64, "base64"));
  const pixels = new Uint8ClampedArray(data);
  const white = (index: number): boolean => (pixels[index * 4] ?? 0) > 127;
  let quiet = 0;
  while (quiet < height && Array.from({ length: width }, (_, x) => white(quiet * width + x)).every(Boolean)) quiet += 1;
  return { text: jsQR(pixels, width, height)?.data, quiet, size: width };
}

const open = async (server: TestServer) =>
  server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123", user_name: "John Doe" } });

/** A phone that scanned a token. */
const phone = (token: string, otp?: string, deviceId = "iphone-12345"): Record<string, unknown> => {
  return { ...phoneBody("", deviceId), invite_code: undefined, pairing_token: token, ...(otp === undefined ? {} : { otp_code: otp }) };
};
const pair = async (server: TestServer, token: string, otp?: string, deviceId?: string) =>
  server.phone("POST", "/phone/pairing/pair", { body: phone(token, otp, deviceId) });

/** Another password than this one. */
const wrongFor = (otp: string): string => (otp === "000000" ? "111111" : "000000");

describe("a QR code (S105)", () => {
  it("holds the pairing link, with white around it, and lives five minutes", async () => {
    const server = await startServer({ PAIRING_BASE_URL: "https://pair.example.com" });
    const { status, body } = await open(server);
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual([
      "expires_at",
      "mqtt_broker",
      "otp_required",
      "pairing_link",
      "pairing_token",
      "qr_code_base64",
    ]);
    expect(body.pairing_token).toMatch(/^[\w-]{43}$/);
    expect(body.pairing_link).toBe(`https://pair.example.com/pair?token=${body.pairing_token}`);
    expect(body).toMatchObject({ otp_required: false, mqtt_broker: "pair.example.com" });
    const { text, quiet, size } = scan(body.qr_code_base64);
    expect(text).toBe(body.pairing_link);
    expect(quiet).toBeGreaterThanOrEqual(4 * 8);
    expect(size).toBeGreaterThanOrEqual(240);
    const left = Date.parse(body.expires_at) - Date.now();
    expect(left).toBeGreaterThan(4.5 * 60_000);
    expect(left).toBeLessThanOrEqual(5 * 60_000);
  });

  it("pairs one phone, which is listed as paired by QR", async () => {
    const server = await startServer();
    const { body } = await open(server);
    const answers = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => pair(server, body.pairing_token, undefined, `phone-${index}`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(9).fill(409)]);
    const winner = answers.find(({ status }) => status === 200);
    const me = await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${winner?.body.jwt_token}` } });
    expect(me.body).toMatchObject({ paired_via: "qr", status: "active" });
    expect(server.audit().map(({ event }) => event)).toEqual(["generate_qr", "pair_device", "alert_raised"]);
    expect(JSON.stringify(server.audit())).not.toContain(body.pairing_token);
  });

  it("is on the settings page while it is pending, with its link, and so is its outcome", async () => {
    const server = await startServer();
    const { body } = await open(server);
    const shown = async () => (await server.local("GET", "/admin/overview")).body.invites;
    const [waiting, ...others] = await shown();
    expect(others).toEqual([]);
    expect(waiting).toMatchObject({ method: "qr", status: "pending", invite_code: body.pairing_token, link: body.pairing_link });
    const ended = await server.local("DELETE", `/admin/invites/${waiting.session_id}`);
    expect(ended.status).toBe(200);
    expect(await shown()).toMatchObject([{ session_id: waiting.session_id, status: "cancelled" }]);
    expect((await pair(server, body.pairing_token)).status).toBe(410);
  });

  it("and a text message's link do not stand in for one another (S108)", async () => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1" });
    const { body } = await open(server);
    const asSms = await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(body.pairing_token) });
    expect([asSms.status, asSms.body.code]).toEqual([404, "invite_not_found"]);
    const code = await server.invite();
    expect((await pair(server, code)).body.code).toBe("invite_not_found");
    // The text message's way asks for no password, whatever QR codes ask for.
    expect((await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code) })).status).toBe(200);
  });

  it("is not sent as a text message, nor made to live longer by that", async () => {
    const server = await startServer();
    const { body } = await open(server);
    const before = (await server.local("GET", "/phone/pairing/sessions")).body;
    const { status, body: problem } = await server.local("POST", `/phone/pairing/resend-sms/${body.pairing_token}`);
    expect([status, problem.code]).toEqual([404, "invite_not_found"]);
    expect((await server.local("GET", "/phone/pairing/sessions")).body).toEqual(before);
    expect(server.printed.join("\n")).not.toContain("MOCK SMS");
  });

  it("gets the same answer again for the same Idempotency-Key", async () => {
    const server = await startServer();
    const { body } = await open(server);
    const headers = { "idempotency-key": "a key of the phone" };
    const send = async () => server.phone("POST", "/phone/pairing/pair", { headers, body: phone(body.pairing_token) });
    const first = await send();
    expect(first.status).toBe(200);
    expect((await send()).body).toEqual(first.body);
  });

  it("is refused after it expired, was cancelled, or when nobody made it", async () => {
    const server = await startServer();
    const { body } = await open(server);
    expect((await server.local("DELETE", `/phone/pairing/invite/${body.pairing_token}`)).status).toBe(200);
    expect([(await pair(server, body.pairing_token)).status, (await pair(server, "x".repeat(43))).status]).toEqual([410, 404]);
  });

  it("is made at most ten times a minute", async () => {
    const server = await startServer();
    const statuses: number[] = [];
    for (let index = 0; index < 11; index += 1) statuses.push((await open(server)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
  });

  it("is not for phones to make", async () => {
    const server = await startServer();
    expect((await server.phone("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123" } })).status).toBe(404);
  });
});

describe("with PAIRING_QR_REQUIRE_OTP (S106, S113, S146)", () => {
  it("a phone needs the six digits, which are beside the picture and not in it", async () => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1" });
    const { body } = await open(server);
    expect(body).toMatchObject({ otp_required: true, otp_code: expect.stringMatching(/^\d{6}$/) });
    expect(scan(body.qr_code_base64).text).not.toContain(body.otp_code);
    for (const missing of [undefined, ""]) {
      const { status, body: problem } = await pair(server, body.pairing_token, missing);
      expect([status, problem.code, problem.detail]).toEqual([400, "otp_required", expect.stringContaining("OTP required")]);
    }
    // As people type them.
    const spaced = `${body.otp_code.slice(0, 3)} ${body.otp_code.slice(3)}`;
    expect((await pair(server, body.pairing_token, spaced)).status).toBe(200);
    // Asking without one was not counted, and is nobody's fault.
    expect(server.audit().map(({ event }) => event)).toEqual(["generate_qr", "pair_device"]);
  });

  it.each(["\u0966", "\u09E6", "\u0E50", "\u0660", "\uFF10", "\u{1E950}"])("is read in the digits that begin with %s", async (zero) => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1" });
    const { body } = await open(server);
    const foreign = body.otp_code.replace(/\d/g, (digit: string) => String.fromCodePoint((zero.codePointAt(0) ?? 0) + Number(digit)));
    expect((await pair(server, body.pairing_token, foreign)).status).toBe(200);
  });

  it("the fifth wrong try cancels the code, also over a restart, and the right one comes too late (S136, S158)", async () => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1" });
    const { body } = await open(server);
    const wrong = wrongFor(body.otp_code);
    const details: string[] = [];
    for (let index = 0; index < 3; index += 1) details.push((await pair(server, body.pairing_token, wrong)).body.detail);
    await server.close();
    const again = await startServer({ PAIRING_QR_REQUIRE_OTP: "1", PAIRING_STORAGE_PATH: server.folder });
    for (let index = 0; index < 2; index += 1) {
      const { status, body: problem } = await pair(again, body.pairing_token, wrong);
      expect([status, problem.code]).toEqual([400, "otp_invalid"]);
      details.push(problem.detail);
    }
    expect(details.map((detail) => /(\d) (?:try|tries) left/.exec(detail)?.[1])).toEqual(["4", "3", "2", "1", undefined]);
    expect(details[4]).toContain("no longer works");
    const late = await pair(again, body.pairing_token, body.otp_code);
    expect([late.status, late.body.code]).toEqual([410, "invite_cancelled"]);
    expect(again.audit().filter(({ event }) => event === "otp_failed")).toHaveLength(5);
    expect(JSON.stringify(again.audit())).not.toContain(body.otp_code);
  });

  it("guesses at once gain nothing", async () => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1", PAIRING_RATE_LIMIT_SCALE: "1000" });
    const { body } = await open(server);
    const answers = await Promise.all(Array.from({ length: 60 }, async () => pair(server, body.pairing_token, wrongFor(body.otp_code))));
    expect(answers.filter(({ body: { code } }) => code === "otp_invalid")).toHaveLength(5);
    expect(answers.filter(({ body: { code } }) => code === "invite_cancelled")).toHaveLength(55);
  });

  it("and PAIRING_QR_EMBED_OTP the digits are in the link, and checked all the same (S107, S114, S147)", async () => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1", PAIRING_QR_EMBED_OTP: "1" });
    const { body } = await open(server);
    expect(body.pairing_link).toBe(`${server.baseUrl()}/pair?token=${body.pairing_token}&otp=${body.otp_code}`);
    expect(scan(body.qr_code_base64).text).toBe(body.pairing_link);
    expect((await pair(server, body.pairing_token, wrongFor(body.otp_code))).body.code).toBe("otp_invalid");
    expect((await pair(server, body.pairing_token, body.otp_code)).status).toBe(200);
  });
});

describe("the page of a QR code, without scripts", () => {
  const form = async (server: TestServer, fields: Record<string, string>) =>
    server.phone("POST", "/pair", {
      headers: { origin: server.phoneAddress, "content-type": "application/x-www-form-urlencoded" },
      raw: new URLSearchParams(fields).toString(),
    });

  it("asks for the password, says when it is wrong, keeps the name, and pairs", async () => {
    const server = await startServer({ PAIRING_QR_REQUIRE_OTP: "1" });
    const { body } = await open(server);
    const token: string = body.pairing_token;
    const page = await server.phone("GET", `/pair?token=${token}`);
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<input id="otp" name="otp_code" type="text" value="" inputmode="numeric" autocomplete="one-time-code"/);
    const wrong = await form(server, { token, otp_code: wrongFor(body.otp_code), device_name: "My <phone>", action: "accept" });
    expect(wrong.status).toBe(400);
    expect(wrong.text).toContain("OTP invalid.");
    expect(wrong.text).toContain('value="My &lt;phone&gt;"');
    const missing = await form(server, { token, device_name: "x", action: "accept" });
    expect([missing.status, missing.text.includes("OTP required.")]).toEqual([400, true]);
    const done = await form(server, { token, otp_code: body.otp_code, device_name: "My phone", action: "accept" });
    expect([done.status, done.headers.location]).toEqual([303, "/pair/done?result=paired&level=command"]);
    expect((await server.phone("GET", `/pair?token=${token}`)).status).toBe(409);
  });

  it("knows its own codes only, asks for nothing that is not asked for, and can be declined", async () => {
    const server = await startServer();
    const { body } = await open(server);
    const code = await server.invite();
    expect((await server.phone("GET", `/pair?token=${code}`)).status).toBe(404);
    expect((await server.phone("GET", `/pair?code=${body.pairing_token}`)).status).toBe(404);
    expect((await server.phone("GET", `/pair?token=${body.pairing_token}`)).text).not.toContain("otp_code");
    expect((await form(server, { token: body.pairing_token, action: "decline" })).headers.location).toBe("/pair/done?result=declined");
    expect((await server.phone("GET", `/pair?token=${body.pairing_token}`)).status).toBe(410);
  });
});
