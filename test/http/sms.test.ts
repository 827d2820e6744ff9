import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openSnsDouble, type SnsAnswer, type SnsDouble } from "../doubles/sns.ts";
import { type Mischief, openTwilioDouble, signReport, type TwilioDouble, type TwilioMessage } from "../doubles/twilio.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const SID = `AC${"0".repeat(32)}`;
const TOKEN = `canary-token-${"a".repeat(20)}`;
const BASE = "https://pair.example.test";
const TO = "+14155551234";

let twilio: TwilioDouble;
let sns: SnsDouble;
beforeAll(async () => {
  twilio = await openTwilioDouble({ sid: SID, token: TOKEN });
  sns = await openSnsDouble({ AKIDEXAMPLE00000: "canary/aws+secret" });
});
afterAll(async () => {
  await Promise.all([twilio.close(), sns.close()]);
});

const withTwilio = async (env: Record<string, string> = {}): Promise<TestServer> =>
  startServer({
    SMS_PROVIDER: "auto",
    TWILIO_ACCOUNT_SID: SID,
    TWILIO_AUTH_TOKEN: TOKEN,
    TWILIO_PHONE_NUMBER: "+15005550006",
    PAIRING_TWILIO_BASE_URL: twilio.url,
    PAIRING_BASE_URL: BASE,
    PAIRING_RATE_LIMIT_SCALE: "1000",
    ...env,
  });
const withSns = async (env: Record<string, string> = {}): Promise<TestServer> =>
  startServer({
    SMS_PROVIDER: "auto",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIDEXAMPLE00000",
    AWS_SECRET_ACCESS_KEY: "canary/aws+secret",
    AWS_ENDPOINT_URL_SNS: sns.url,
    PAIRING_BASE_URL: BASE,
    ...env,
  });
const send = async (server: TestServer, phone_number = TO) =>
  server.local("POST", "/phone/pairing/send-sms", { body: { phone_number, user_id: "user123", user_name: "John Doe" } });
const newest = async (server: TestServer) => (await server.local("GET", "/phone/pairing/sessions")).body.sessions[0];
const overview = async (server: TestServer) => (await server.local("GET", "/admin/overview")).body;
const last = (): TwilioMessage => twilio.messages.at(-1)!;

/** Everything that the server wrote, the line of mock mode excepted, which is not used here. */
function written(folder: string): string {
  return readdirSync(folder, { recursive: true })
    .map((name) => path.join(folder, String(name)))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, "utf8"))
    .join("\n");
}

describe("a provider that is slow to answer", () => {
  it("leaves an invite that is known to be on its way, with its link", async () => {
    const server = await withTwilio();
    const slow = "+14155554321";
    twilio.answer(slow, "hang");
    // The server is closed while this request waits, so it fails before it is awaited.
    const sent = send(server, slow).catch(() => undefined);
    await expect
      .poll(async () => (await overview(server)).invites[0], { timeout: 30_000 })
      .toMatchObject({ status: "pending", sending_since: expect.stringMatching(/Z$/), link: expect.stringContaining(BASE) });
    twilio.answer(slow);
    await server.close();
    await sent;
  });

  it("is no longer waited for once it has refused", async () => {
    const server = await withTwilio();
    const refused = "+14155554322";
    twilio.answer(refused, [400, 21211, "no such number"]);
    await send(server, refused);
    const [invite] = (await overview(server)).invites;
    expect(invite).toMatchObject({ status: "cancelled", cancel_reason: "send_failed" });
    expect(invite.sending_since).toBeUndefined();
    twilio.answer(refused);
  });
});

describe("through Twilio", () => {
  it("sends the guide's text, says so at the start, and knows no more than that it was handed over (S22-S28)", async () => {
    const server = await withTwilio();
    expect(server.printed[0]).toBe("✓ Twilio SMS provider configured");
    const { status, body } = await send(server);
    expect([status, body.message]).toEqual([200, "SMS sent! Link expires in 15 minutes."]);
    const { To, Body, From, ValidityPeriod, StatusCallback } = last().form;
    expect([To, From]).toEqual([TO, "+15005550006"]);
    expect(Body).toBe(
      `Hi John! Click to pair your phone with Top Dog:\n\n${BASE}/pair?code=${body.invite_code}\n\nLink expires in 15 minutes.`,
    );
    expect(Number(ValidityPeriod)).toBeGreaterThan(890);
    expect(Number(ValidityPeriod)).toBeLessThanOrEqual(900);
    expect(StatusCallback).toMatch(new RegExp(`^${BASE}/phone/sms/status/[\\w-]+\\.1$`));
    expect(StatusCallback).not.toContain(body.invite_code);
    expect(await newest(server)).toMatchObject({ status: "pending", delivery: { state: "handed_over", more: true } });
    expect((await overview(server)).sms_month).toEqual({ month: new Date().toISOString().slice(0, 7), messages: 1 });
    expect(server.printed.join("\n")).not.toContain("MOCK SMS");
  });

  it("answers a rejection by its family, in one try, and leaves no pending invite (S52)", async () => {
    const server = await withTwilio();
    const rows: readonly (readonly [string, number, string, string, string, (readonly [number, number, string] | Mischief)?])[] = [
      ["+15005550001", 400, "sms_number_rejected", "21211", "number"],
      ["+15005550002", 400, "sms_region_blocked", "21612", "region"],
      ["+15005550003", 400, "sms_region_blocked", "21408", "region"],
      ["+15005550004", 400, "sms_opted_out", "21610", "opted_out"],
      ["+15005550009", 400, "sms_number_rejected", "21614", "number"],
      ["+14155552001", 400, "sms_number_rejected", "21608", "trial_account", [400, 21608, "unverified"]],
      ["+14155552002", 500, "sms_send_failed", "20003", "credentials", [401, 20003, "Authenticate"]],
      ["+14155552003", 500, "sms_send_failed", "20429", "busy", [429, 20429, "Too Many Requests"]],
      ["+14155552004", 500, "sms_send_failed", "21606", "sender", [400, 21606, "not yours"]],
      ["+14155552005", 500, "sms_send_failed", "HTTP 502", "busy", "html 502"],
      ["+14155552006", 500, "sms_send_failed", "29999", "other", [400, 29999, "new"]],
    ];
    for (const [to, status, code, providerCode, reason, how] of rows) {
      if (how !== undefined) twilio.answer(to, how);
      const asked = twilio.asked.length;
      const refused = await send(server, to);
      expect([to, refused.status, refused.body.code]).toEqual([to, status, code]);
      expect(refused.body.details).toEqual({ provider: "twilio", code: providerCode, reason });
      expect(refused.body.detail).toMatch(/\. [A-Z].*\.$/);
      expect(refused.headers["retry-after"]).toBe(reason === "busy" ? "30" : undefined);
      expect(twilio.asked.length - asked).toBe(1);
      expect(await newest(server)).toMatchObject({
        status: "cancelled",
        delivery: { state: "failed", more: false, problem: expect.any(String), details: { provider: "twilio", code: providerCode } },
      });
      expect(server.audit().at(-1)).toMatchObject({ event: "sms_failed", reason: code, via: "twilio" });
    }
    expect((await overview(server)).sms_month.messages).toBe(0);
  });

  it("does not treat a lost connection as a rejection: the invite stays, one message went out, and a report may still say so", async () => {
    const server = await withTwilio();
    const to = "+14155552010";
    twilio.answer(to, "reset");
    const asked = twilio.asked.length;
    const { status, body } = await send(server, to);
    expect([status, body.code, body.details.reason]).toEqual([500, "sms_outcome_unknown", "outcome_unknown"]);
    expect(twilio.asked.length - asked).toBe(1);
    const session = await newest(server);
    expect(session).toMatchObject({ status: "pending", delivery: { state: "unknown", more: true } });
    const { items } = await server.pairing.pageOfSessions({ most: 1 });
    const message: TwilioMessage = {
      sid: `SM${"a".repeat(32)}`,
      form: { To: to, StatusCallback: `${BASE}/phone/sms/status/${items[0]?.textId}.1` },
      headers: {},
    };
    expect(await twilio.report(message, "delivered", { via: server.phoneAddress })).toBe(204);
    expect((await newest(server)).delivery.state).toBe("delivered");
  });

  it("leaves an invite as it was when sending it again fails", async () => {
    const server = await withTwilio();
    const to = "+14155552011";
    const { body } = await send(server, to);
    const before = await newest(server);
    twilio.answer(to, [400, 21610, "Attempt to send to unsubscribed recipient"]);
    const resent = await server.local("POST", `/phone/pairing/resend-sms/${body.invite_code}`);
    expect([resent.status, resent.body.code]).toEqual([400, "sms_opted_out"]);
    const after = await newest(server);
    expect(after).toMatchObject({ status: "pending", expires_at: before.expires_at, sends: 2, delivery: { state: "failed" } });
    twilio.answer(to);
    expect((await server.local("POST", `/phone/pairing/resend-sms/${body.invite_code}`)).body).toEqual({
      message: "SMS resent successfully",
    });
    expect(last().form["Body"]).toMatch(/^Top Dog Pairing Link \(Resent\):\n\nhttps:\/\/pair\.example\.test\/pair\?code=/);
    expect(await newest(server)).toMatchObject({ sends: 3, delivery: { state: "handed_over" } });
  });

  it("pauses a failing provider, and says until when", async () => {
    const server = await withTwilio();
    const reasons: string[] = [];
    for (let index = 0; index < 6; index += 1) {
      const to = `+1415555${2100 + index}`;
      twilio.answer(to, "empty 500");
      reasons.push((await send(server, to)).body.details.reason);
    }
    expect(reasons).toEqual(["busy", "busy", "busy", "busy", "busy", "paused"]);
    const paused = await send(server, "+14155552106");
    expect([paused.status, paused.body.code]).toEqual([500, "sms_send_failed"]);
    expect(Number(paused.headers["retry-after"])).toBeGreaterThan(25);
    expect((await newest(server)).status).toBe("cancelled");
    expect(Date.parse((await overview(server)).sms_paused_until)).toBeGreaterThan(Date.now());
  });

  it("writes neither credentials nor links, whatever goes wrong", async () => {
    const server = await withTwilio();
    const { body } = await send(server, "+14155552200");
    for (const [index, how] of (["reset", "html 502", "garbage 201", "json without code", "redirect"] as const).entries()) {
      twilio.answer(`+1415555${2201 + index}`, how);
      await send(server, `+1415555${2201 + index}`);
    }
    await server.close();
    const everything = written(server.folder) + server.printed.join("\n");
    expect(everything).toContain("text message not sent");
    for (const canary of [TOKEN, Buffer.from(`${SID}:${TOKEN}`).toString("base64"), body.invite_code, "pair?code", "Authorization"]) {
      expect(everything).not.toContain(canary);
    }
  });
});

describe("reports of deliveries", () => {
  let server: TestServer;
  let message: TwilioMessage;
  let serial = 4000;
  const fresh = async (): Promise<void> => {
    server = await withTwilio();
    await send(server, `+1415555${++serial}`);
    message = last();
  };
  const report = async (status: string, more: { code?: number; token?: string } = {}) =>
    twilio.report(message, status, { ...more, via: server.phoneAddress });
  const state = async () => (await newest(server)).delivery.state;

  it("move it forward, in any order and however often", async () => {
    await fresh();
    expect(await report("sent")).toBe(204);
    expect(await state()).toBe("sent");
    for (const late of ["queued", "sending", "sent"]) expect(await report(late)).toBe(204);
    expect(await state()).toBe("sent");
    expect(await report("delivered")).toBe(204);
    for (const late of ["sent", "delivered", "undelivered", "failed", "no such state"]) expect(await report(late)).toBe(204);
    expect((await newest(server)).delivery).toEqual({ state: "delivered", at: expect.any(String), more: false });
    expect(server.audit().map(({ event }) => event)).toEqual(["send_sms_invite"]);
  });

  it("say why it did not arrive, once in the audit trail", async () => {
    await fresh();
    for (let time = 0; time < 3; time += 1) expect(await report("undelivered", { code: 30003 })).toBe(204);
    expect((await newest(server)).delivery).toMatchObject({
      state: "undelivered",
      more: false,
      problem: expect.stringMatching(/can.t be reached.*send again/),
      details: { provider: "twilio", code: "30003" },
    });
    const failed = server.audit().filter(({ event }) => event === "sms_failed");
    expect(failed).toEqual([expect.objectContaining({ reason: "phone_unreachable", phone_number: expect.stringContaining("***") })]);
  });

  it("are of the last message: one about an earlier says nothing", async () => {
    await fresh();
    const code = /code=(\S+)/.exec(message.form["Body"] ?? "")?.[1];
    await server.local("POST", `/phone/pairing/resend-sms/${code}`);
    expect(await report("delivered")).toBe(204);
    expect(await state()).toBe("handed_over");
    message = last();
    await report("delivered");
    expect(await state()).toBe("delivered");
  });

  it("are believed over no word of anybody else", async () => {
    await fresh();
    expect(await report("delivered", { token: "another-token" })).toBe(403);
    const address = message.form["StatusCallback"] ?? "";
    const target = new URL(address).pathname;
    const fields = { MessageSid: message.sid, MessageStatus: "delivered", To: message.form["To"] ?? "" };
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const body = new URLSearchParams(fields).toString();
    const post = async (headers: Record<string, string>, raw = body, where = target) =>
      (await server.phone("POST", where, { headers: { ...form, ...headers }, raw })).body?.code;
    const signature = signReport(TOKEN, address, fields);
    expect(await post({})).toBe("bad_signature");
    expect(await post({ "x-twilio-signature": "AAAA" })).toBe("bad_signature");
    // Signed for an address that only headers claim.
    const evil = signReport(TOKEN, `https://evil.example${target}`, fields);
    expect(
      await post({
        "x-twilio-signature": evil,
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "https",
        forwarded: "host=evil.example",
      }),
    ).toBe("bad_signature");
    // Replayed with another word, or at another message's address.
    expect(await post({ "x-twilio-signature": signature }, body.replace("delivered", "failed"))).toBe("bad_signature");
    expect(await post({ "x-twilio-signature": signature }, body, `${target}1`)).toBe("bad_signature");
    expect(await post({ "x-twilio-signature": signature }, `${body}&To=again`)).toBe("invalid_request");
    expect(await post({ "x-twilio-signature": signature }, "x".repeat(20_000))).toBe("payload_too_large");
    const json = await server.phone("POST", target, { headers: { "x-twilio-signature": signature }, body: fields });
    expect([json.body.code, json.body.detail]).toEqual(["unsupported_media_type", expect.stringMatching(/^Send a form /)]);
    expect(await post({ "x-twilio-signature": signature, host: "evil.example" })).toBe("host_not_allowed");
    expect(await state()).toBe("handed_over");
    // Forged headers take nothing from a true one either.
    expect(await post({ "x-twilio-signature": signature, "x-forwarded-host": "evil.example" })).toBeUndefined();
    expect(await state()).toBe("delivered");
    expect((await server.phone("GET", target)).status).toBe(404);
  });

  it("of messages that nobody remembers are taken when they are signed, so that they stop", async () => {
    await fresh();
    for (const name of ["never.1", "x", `${"y".repeat(200)}.9`]) {
      const address = `${BASE}/phone/sms/status/${name}`;
      const forgotten = { ...message, form: { ...message.form, StatusCallback: address } };
      expect(await twilio.report(forgotten, "delivered", { via: server.phoneAddress })).toBe(204);
      expect(await twilio.report(forgotten, "delivered", { via: server.phoneAddress, token: "another" })).toBe(403);
    }
    expect(await state()).toBe("handed_over");
  });

  it("are refused in mock mode, where nobody can have signed them", async () => {
    server = await startServer({ PAIRING_BASE_URL: BASE });
    const address = `${BASE}/phone/sms/status/a.1`;
    const mock = { sid: "SM", form: { StatusCallback: address }, headers: {} };
    expect(await twilio.report(mock, "delivered", { via: server.phoneAddress })).toBe(403);
  });
});

describe("through AWS SNS", () => {
  it("hands the guide's text over, and says that no more will be known (S29-S34)", async () => {
    const server = await withSns({ PAIRING_SNS_SENDER_ID: "TopDog" });
    expect(server.printed[0]).toBe("✓ AWS SNS provider configured");
    const { status, body } = await send(server);
    expect(status).toBe(200);
    expect(sns.sent.at(-1)).toMatchObject({
      to: TO,
      text: `Hi John! Click to pair your phone with Top Dog:\n\n${BASE}/pair?code=${body.invite_code}\n\nLink expires in 15 minutes.`,
      attributes: { "AWS.SNS.SMS.SenderID": { value: "TopDog" } },
    });
    expect(await newest(server)).toMatchObject({ status: "pending", delivery: { state: "handed_over", more: false } });
  });

  it("answers a rejection by its family", async () => {
    const server = await withSns({ PAIRING_RATE_LIMIT_SCALE: "1000" });
    const rows: readonly (readonly [string, SnsAnswer, number, string])[] = [
      ["+14155553001", ["OptedOut", "opted out", 400], 400, "sms_opted_out"],
      ["+14155553002", ["InvalidParameterException", "Invalid parameter: PhoneNumber"], 400, "sms_number_rejected"],
      ["+14155553003", ["AuthorizationErrorException", "no"], 500, "sms_send_failed"],
      ["+14155553004", ["ThrottledException", "slow down"], 500, "sms_send_failed"],
      ["+14155553005", "html 502", 500, "sms_send_failed"],
      ["+14155553006", "reset", 500, "sms_outcome_unknown"],
    ];
    for (const [to, how, status, code] of rows) {
      sns.answer(to, how);
      const refused = await send(server, to);
      expect([to, refused.status, refused.body.code, refused.body.details.provider]).toEqual([to, status, code, "sns"]);
      expect((await newest(server)).status).toBe(code === "sms_outcome_unknown" ? "pending" : "cancelled");
    }
  });
});

describe("set up in the settings page", () => {
  const fieldIn = ({ providers }: any, name: string): any =>
    providers.flatMap(({ fields }: any) => fields).find((field: any) => field.name === name);
  const SETTINGS = {
    provider: "twilio",
    twilio_account_sid: SID,
    twilio_auth_token: TOKEN,
    twilio_phone_number: "+15005550006",
  };

  it("is used from the next message on, over restarts, and its secrets never come out", async () => {
    const env = { SMS_PROVIDER: "", PAIRING_BASE_URL: BASE, PAIRING_TWILIO_BASE_URL: twilio.url };
    const server = await startServer(env);
    expect((await server.local("GET", "/admin/sms")).body).toMatchObject({
      provider: { value: "auto", locked: false },
      active: "mock",
      providers: expect.arrayContaining([
        expect.objectContaining({ id: "twilio", missing: expect.arrayContaining([expect.stringContaining("account SID")]) }),
      ]),
      secrets_in: "file",
    });
    await send(server, "+14155555001");
    expect(server.printed.join("\n")).toContain("MOCK SMS");
    const saved = await server.local("PATCH", "/admin/sms", { body: SETTINGS });
    expect(saved.status).toBe(200);
    const [ready] = saved.body.providers;
    expect([saved.body.active, ready]).toEqual(["twilio", expect.objectContaining({ id: "twilio", missing: [], delivery_reports: true })]);
    expect(fieldIn(saved.body, "twilio_auth_token")).toMatchObject({ value: "", set: true });
    const tried = await server.local("POST", "/admin/sms/test-connection");
    expect(tried.body).toMatchObject({ ok: true, provider: "twilio", sentence: expect.stringContaining("Twilio knows") });
    await send(server, "+14155555002");
    expect(last().form["To"]).toBe("+14155555002");
    expect((await overview(server)).sms_provider).toBe("twilio");

    const reported = [
      saved.text,
      tried.text,
      (await server.local("GET", "/admin/sms")).text,
      (await server.local("GET", "/admin/overview")).text,
    ];
    expect(reported.join()).not.toContain(TOKEN);
    const secretFile = path.join(server.folder, "twilio_auth_token.secret");
    expect(readFileSync(secretFile, "utf8")).toBe(TOKEN);
    expect(statSync(secretFile).mode & 0o777).toBe(0o600);
    await server.close();
    expect(written(server.folder).split(TOKEN)).toHaveLength(2);

    const again = await startServer({ ...env, PAIRING_STORAGE_PATH: server.folder });
    expect(again.printed[0]).toBe("✓ Twilio SMS provider configured");
    await again.local("PATCH", "/admin/sms", { body: { provider: "mock", twilio_auth_token: "" } });
    expect(readdirSync(server.folder)).not.toContain("twilio_auth_token.secret");
    await send(again, "+14155555003");
    expect(again.printed.join("\n")).toContain("To: +14155555003");
  });

  it("refuses what cannot be: bad fields, gaps, what the environment rules, and callers without a token", async () => {
    const server = await withTwilio({ SMS_PROVIDER: "", PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "sesame-sesame-sesame-1234" });
    const headers = { "x-admin-token": "sesame-sesame-sesame-1234" };
    const patch = async (body: unknown) => server.local("PATCH", "/admin/sms", { headers, body });
    for (const [method, target] of [
      ["GET", "/admin/sms"],
      ["PATCH", "/admin/sms"],
      ["POST", "/admin/sms/test-connection"],
      ["POST", "/admin/sms/send-test"],
      ["POST", "/admin/reach"],
    ] as const) {
      expect((await server.local(method, target, { body: {} })).status).toBe(401);
      expect((await server.phone(method, target, { headers, body: {} })).status).toBe(404);
    }
    for (const body of [
      { twilio_account_sid: "AC12" },
      { twilio_phone_number: "+1 call me" },
      { sns_region: "moon" },
      { sns_sender_id: "much too long a name" },
      { twilio_auth_token: "two words" },
      { provider: "pigeon" },
      { pigeon_loft: "7" },
      { twilio_auth_token: true },
      { sns_agreed: "yes" },
    ]) {
      expect((await patch(body)).body).toMatchObject({ status: 400, code: "invalid_request", errors: [{ field: Object.keys(body)[0] }] });
    }
    expect((await patch({ provider: "sns" })).body).toMatchObject({ status: 400, code: "sms_settings_incomplete" });
    expect((await patch({ twilio_account_sid: `AC${"1".repeat(32)}` })).body).toMatchObject({ status: 409, code: "setting_locked" });
    const { body } = await server.local("GET", "/admin/sms", { headers });
    expect(fieldIn(body, "twilio_account_sid")).toMatchObject({ value: SID, locked: true });
    expect(fieldIn(body, "twilio_auth_token")).toMatchObject({ value: "", set: true, locked: true });
  });

  it("sends a test message without a link, counts it, and follows it", async () => {
    const server = await withTwilio({ PAIRING_SMS_PER_NUMBER_PER_DAY: "2" });
    const test = async () => server.local("POST", "/admin/sms/send-test", { body: { phone_number: "+14155556001" } });
    const { status, body } = await test();
    expect([status, body.message]).toEqual([200, "Test message sent. Check the phone."]);
    expect(last().form["Body"]).toBe("This is a test message from Top Dog. Text messages reach this phone.");
    await twilio.report(last(), "delivered", { via: server.phoneAddress });
    expect(await overview(server)).toMatchObject({
      invites: [],
      sms_month: { messages: 1 },
      sms_test: { session_id: body.session_id, phone_number: "+1******6001", delivery: { state: "delivered" } },
    });
    // It is no invite, and nobody can look for it among them.
    expect(await newest(server)).toBeUndefined();
    expect((await test()).status).toBe(200);
    expect((await test()).body.code).toBe("sms_budget_exceeded");
    expect((await server.local("POST", "/admin/sms/send-test", { body: { phone_number: "+15005550004" } })).body.code).toBe(
      "sms_opted_out",
    );
  });
});

describe("before a message is paid for", () => {
  const read = async (server: TestServer, typed: string, user_name = "John Doe") =>
    (await server.local("POST", "/admin/phone-number", { body: { typed, country: "US", user_name } })).body;

  it("shows what will be sent and what it is charged as", async () => {
    const server = await withTwilio();
    expect(await read(server, "(415) 555-2671")).toEqual({
      e164: "+14155552671",
      country: "US",
      sendable: true,
      message: {
        text: `Hi John! Click to pair your phone with Top Dog:\n\n${BASE}/pair?code=…\n\nLink expires in 15 minutes.`,
        segments: 1,
        character_set: "GSM-7",
        cost: { currency: "USD", least: 0.0079, most: 0.0079 },
      },
    });
    expect((await read(server, "+442079460958")).message.cost).toEqual({ currency: "USD", least: 0.02, most: 0.15 });
    expect((await read(server, "+14155552671", "👋")).message).toMatchObject({
      character_set: "UCS-2",
      segments: 3,
      cost: { least: 0.0237 },
    });
    const mock = await startServer();
    expect((await read(mock, "+14155552671")).message).not.toHaveProperty("cost");
  });

  it("keeps to the countries that are allowed", async () => {
    const server = await withTwilio({ PAIRING_ALLOWED_COUNTRIES: "de, US" });
    const asked = twilio.asked.length;
    const refused = await send(server, "+442079460958");
    expect([refused.status, refused.body.code]).toEqual([400, "country_not_allowed"]);
    expect(refused.body.detail).toContain("PAIRING_ALLOWED_COUNTRIES");
    expect(await read(server, "+442079460958")).toMatchObject({ country: "GB", sendable: false, problem: refused.body.detail });
    expect((await server.local("POST", "/admin/sms/send-test", { body: { phone_number: "+442079460958" } })).body.code).toBe(
      "country_not_allowed",
    );
    expect(twilio.asked.length).toBe(asked);
    expect((await send(server, "+493012345678")).status).toBe(200);
    // An area code that is too new for the metadata may be in any country of +1; Jamaica's is not.
    expect((await send(server, "+18615552671")).status).toBe(200);
    expect((await read(server, "+18615552671")).sendable).toBe(true);
    expect((await send(server, "+18765552671")).body.code).toBe("country_not_allowed");
    expect((await server.local("GET", "/admin/sms")).body.allowed_countries).toEqual(["DE", "US"]);
  });

  it("refuses a country that is none wherever one is given, and names the right one", async () => {
    const server = await startServer({ PAIRING_COUNTRY: "" });
    const typed = await server.local("POST", "/admin/phone-number", { body: { typed: "020 7946 0958", country: "UK" } });
    expect([typed.status, typed.body.code, typed.body.detail]).toEqual([400, "invalid_request", "UK is not a country code: use GB."]);
    expect((await server.local("POST", "/admin/phone-number", { body: { typed: "020 7946 0958", country: "gb" } })).body.country).toBe(
      "GB",
    );
    for (const name of ["PAIRING_ALLOWED_COUNTRIES", "PAIRING_COUNTRY"]) {
      const saved = await server.local("PATCH", "/admin/settings", { body: { values: { [name]: "UK" } } });
      expect([saved.status, JSON.stringify(saved.body)]).toEqual([400, expect.stringContaining("UK is not a country code: use GB")]);
    }
  });

  it("proves itself at the phone door, and says what is wrong with an address without asking anybody", async () => {
    const server = await startServer();
    const nonce = "n".repeat(24);
    const { status, body } = await server.phone("GET", `/phone/reach/${nonce}`);
    expect([status, body]).toEqual([200, { proof: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect((await server.phone("GET", `/phone/reach/${nonce}x`)).body.proof).not.toBe(body.proof);
    expect((await server.phone("GET", "/phone/reach/short")).status).toBe(400);
    const reach = async (at: TestServer) => (await at.local("POST", "/admin/reach")).body;
    expect(await reach(server)).toMatchObject({ result: "this_computer_only", reachable: true, base_url: server.phoneAddress });
    expect(await reach(await withTwilio({ PAIRING_BASE_URL: "http://127.0.0.1:9" }))).toMatchObject({
      result: "this_computer_only",
      reachable: false,
      sentence: expect.stringContaining("PAIRING_BASE_URL"),
    });
    expect(await reach(await withTwilio({ PAIRING_BASE_URL: "http://pair.example.test" }))).toMatchObject({
      result: "not_https",
      reachable: false,
    });
    for (const host of ["192.168.1.20:8001", "10.0.0.7", "172.31.255.1", "100.64.0.9", "[fd12::1]:8001", "studio.local"]) {
      expect(await reach(await withTwilio({ PAIRING_BASE_URL: `http://${host}` }))).toMatchObject({
        result: "this_network_only",
        reachable: false,
        sentence: expect.stringMatching(/only while the phone is on the same network.*Phone reachability/),
      });
    }
    expect(await reach(await startServer({ PAIRING_BASE_URL: "http://192.168.1.20:8001" }))).toMatchObject({ reachable: true });
    for (const host of ["172.32.0.1", "8.8.8.8", "10.example.test", "192.168.1.20.example.test"])
      expect(await reach(await withTwilio({ PAIRING_BASE_URL: `http://${host}` }))).toMatchObject({ result: "not_https" });
    expect(await reach(await withTwilio({ PAIRING_BASE_URL: "https://no-such-host.invalid" }))).toMatchObject({
      result: "no_answer",
      reachable: false,
    });
  });
});

describe("a link that was opened", () => {
  it("is reported by the page itself, and never by opening it", async () => {
    const server = await startServer();
    const code = await server.invite();
    for (const method of ["GET", "HEAD"]) await server.phone(method, `/pair?code=${code}`);
    expect(await newest(server)).not.toHaveProperty("opened_at");
    const opened = async (headers = {}) => server.phone("POST", "/phone/pairing/opened", { headers, body: { code } });
    expect((await opened({ origin: "https://evil.example" })).body.code).toBe("cross_site");
    expect((await server.phone("GET", "/phone/pairing/opened")).status).toBe(404);
    expect(await newest(server)).not.toHaveProperty("opened_at");
    expect((await opened()).body).toEqual({ status: "pending" });
    const { opened_at } = await newest(server);
    expect(opened_at).toMatch(/Z$/);
    await opened();
    expect((await newest(server)).opened_at).toBe(opened_at);
    await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code) });
    expect((await opened()).body).toEqual({ status: "accepted" });
    expect((await server.phone("POST", "/phone/pairing/opened", { body: { code: "unknown" } })).body.code).toBe("invite_not_found");
  });
});
