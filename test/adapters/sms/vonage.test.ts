import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createVonageSms, type VonageAccount } from "../../../src/adapters/sms/providers/vonage.ts";
import { message, rejectionOf } from "../../contracts/rejection.ts";
import { type Refusing, smsSenderContract } from "../../contracts/sms-sender.ts";
import { openVonageDouble, signedBy, type VonageAnswer, type VonageDouble } from "../../doubles/vonage.ts";
import { startServer, type TestServer } from "../../http/server.ts";

const KEY = "abcd1234";
const SECRET = "canary-vonage-secret";
const SIGNATURE = "canary-vonage-signature-secret";
const BASE = "https://pair.example.test";
/** For answers that never come. */
const SHORT = 250;

let vonage: VonageDouble;
beforeAll(async () => {
  vonage = await openVonageDouble({ key: KEY, secret: SECRET, signatureSecret: SIGNATURE });
});
afterAll(async () => vonage.close());

const account = (over: Partial<VonageAccount> = {}): VonageAccount => ({
  apiKey: KEY,
  apiSecret: SECRET,
  sender: "+15005550006",
  signatureSecret: SIGNATURE,
  baseUrl: vonage.url,
  ...over,
});

const REFUSED: readonly (readonly [name: string, status: number, code: string, our: string, reason: string])[] = [
  ["no number", 422, "1170", "sms_number_rejected", "number"],
  ["an unknown prefix", 422, "1040", "sms_number_rejected", "number"],
  ["barred", 422, "1050", "sms_opted_out", "opted_out"],
  ["opted out", 422, "1240", "sms_opted_out", "opted_out"],
  ["demo account", 422, "1160", "sms_number_rejected", "trial_account"],
  ["no route", 422, "1251", "sms_region_blocked", "region"],
  ["sender", 422, "1120", "sms_send_failed", "sender"],
  ["credentials", 401, "unauthorized", "sms_send_failed", "credentials"],
  ["suspended", 403, "account-suspended", "sms_send_failed", "account"],
  ["no credit", 402, "low-balance", "sms_send_failed", "budget"],
  ["throttled", 429, "1000", "sms_send_failed", "busy"],
  ["broken", 500, "1030", "sms_send_failed", "busy"],
  ["a code nobody knows", 422, "9999", "sms_send_failed", "other"],
];
const numberOf = (index: number): string => `+1415555${String(2000 + index)}`;
const refusing: Refusing = Object.fromEntries(
  REFUSED.map(([name, , code, our, reason], index) => [name, { to: numberOf(index), code: our, reason, details: code }]),
);

describe("Vonage", () => {
  smsSenderContract(async () => {
    for (const [index, [, status, code]] of REFUSED.entries()) vonage.answer(numberOf(index).slice(1), [status, code]);
    const [taken, asked] = [vonage.messages.length, vonage.asked.length];
    return {
      sender: createVonageSms(account()),
      arrived: () => vonage.messages.slice(taken).map(({ content }) => ({ to: `+${content["to"]}`, text: content["text"] })),
      asked: () => vonage.asked.length - asked,
    };
  }, refusing);

  it.each([
    ["hang", "sms_outcome_unknown", "outcome_unknown"],
    ["reset", "sms_outcome_unknown", "outcome_unknown"],
    ["html 200", "sms_outcome_unknown", "outcome_unknown"],
    ["no id 202", "sms_outcome_unknown", "outcome_unknown"],
    ["html 502", "sms_send_failed", "busy"],
    ["redirect", "sms_send_failed", "other"],
  ] as const satisfies readonly (readonly [VonageAnswer, string, string])[])(
    "answers %s as %s, in one request",
    async (how, code, reason) => {
      const to = "14155553001";
      vonage.answer(to, how);
      const asked = vonage.asked.length;
      const rejection = await rejectionOf(createVonageSms(account(), SHORT).send(message(`+${to}`)));
      expect([rejection.code, rejection.details?.reason, vonage.asked.length - asked]).toEqual([code, reason, 1]);
      vonage.answer(to);
    },
  );

  it("says that nothing was sent where nobody listens", async () => {
    const rejection = await rejectionOf(createVonageSms(account({ baseUrl: "http://127.0.0.1:9" })).send(message()));
    expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "unreachable"]);
  });

  it.each([
    ["ttl", "1130", "Invalid ttl", /worth nothing/],
    ["webhook_url", "1020", "The webhook_url is not reachable", /without delivery reports/],
  ])("sends without %s where that alone is refused, warns once, and does not ask for it again", async (option, code, detail, warning) => {
    const to = "14155553002";
    vonage.answer(to, (content) => (option in content ? [422, code, detail] : undefined));
    const sender = createVonageSms(account());
    const asked = vonage.asked.length;
    for (const _time of [1, 2]) await sender.send(message(`+${to}`));
    expect(vonage.asked.length - asked).toBe(3);
    expect(vonage.messages.slice(-2).map(({ content }) => option in content)).toEqual([false, false]);
    expect(sender.warnings()).toEqual([expect.stringMatching(warning)]);
    vonage.answer(to);
  });

  it("tries the account without sending anything", async () => {
    const taken = vonage.messages.length;
    expect(await createVonageSms(account()).tryConnection()).toMatchObject({ ok: true, provider: "vonage" });
    const wrong = await createVonageSms(account({ apiSecret: "wrong" })).tryConnection();
    expect(wrong).toMatchObject({ ok: false, sentence: expect.stringContaining("credentials"), details: { code: "unauthorized" } });
    expect(vonage.messages).toHaveLength(taken);
  });

  describe("reports", () => {
    const read = async (report: object, over: { secret?: string; claims?: object; body?: string } = {}) => {
      const body = JSON.stringify(report);
      const token = await signedBy(over.secret ?? SIGNATURE, KEY, body, { ...over.claims });
      const headers = { authorization: `Bearer ${token}` };
      return createVonageSms(account()).readReport({ addresses: [], headers, body: over.body ?? body });
    };

    it.each([
      [{ status: "submitted" }, { state: "sent", more: true }],
      [{ status: "delivered" }, { state: "delivered", more: false }],
      [
        { status: "undeliverable", error: { title: 1180 } },
        { state: "undelivered", more: false, fault: "phone_unreachable", providerCode: "1180" },
      ],
      [
        { status: "rejected", error: { type: "https://developer.vonage.com/api-errors/messages#1210", title: "1210" } },
        { state: "failed", more: false, fault: "filtered", providerCode: "1210" },
      ],
      [{ status: "undeliverable" }, { state: "undelivered", more: false, fault: "carrier" }],
      [
        { status: "undeliverable", error: { title: "9999" } },
        { state: "undelivered", more: false, fault: "carrier", providerCode: "9999" },
      ],
    ])("reads %j", async (report, expected) => {
      expect(await read(report)).toEqual({ provider: "vonage", ...expected });
    });

    it.each([{ status: "from the future" }, { channel: "sms" }, { status: "__proto__" }])("takes %j as no news", async (report) => {
      expect(await read(report)).toBeUndefined();
    });

    it("reads a body with a byte order mark, and says whose message it is about", async () => {
      const body = `\ufeff${JSON.stringify({ status: "delivered", to: "14155551234" })}`;
      const headers = { authorization: `Bearer ${await signedBy(SIGNATURE, KEY, body)}` };
      expect(await createVonageSms(account()).readReport({ addresses: [], headers, body })).toEqual({
        provider: "vonage",
        state: "delivered",
        more: false,
        to: "+14155551234",
      });
    });

    it.each([
      ["another secret", { secret: "another" }],
      ["a token of last week", { claims: { iat: Math.floor(Date.now() / 1000) - 7 * 86_400 } }],
      ["a token of no time", { claims: { iat: undefined } }],
      ["another body", { body: '{"status":"delivered" }' }],
      ["no hash of the body", { claims: { payload_hash: undefined } }],
      ["another account", { claims: { api_key: "other" } }],
    ])("believes none with %s", async (_name, over) => {
      expect((await rejectionOf(read({ status: "delivered" }, over))).code).toBe("bad_signature");
    });

    it("believes no token without a signature, nor one of another kind", async () => {
      const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
      const body = '{"status":"delivered"}';
      const [, claims] = (await signedBy(SIGNATURE, KEY, body)).split(".");
      for (const authorization of ["", "Bearer", "Basic YTpi", `Bearer ${part({ alg: "none" })}.${claims}.`, "Bearer a.b.c"]) {
        const reading = createVonageSms(account()).readReport({ addresses: [], headers: { authorization }, body });
        expect([authorization, (await rejectionOf(reading)).code]).toEqual([authorization, "bad_signature"]);
      }
    });
  });
});

describe("a server that sends through Vonage", () => {
  const running: TestServer[] = [];
  afterEach(async () => {
    for (const server of running.splice(0)) await server.close();
  });
  const start = async (env: Record<string, string> = {}): Promise<TestServer> => {
    const server = await startServer({
      SMS_PROVIDER: "auto",
      VONAGE_API_KEY: KEY,
      VONAGE_API_SECRET: SECRET,
      VONAGE_SENDER: "TopDog",
      VONAGE_SIGNATURE_SECRET: SIGNATURE,
      PAIRING_VONAGE_BASE_URL: vonage.url,
      PAIRING_BASE_URL: BASE,
      PAIRING_RATE_LIMIT_SCALE: "1000",
      ...env,
    });
    running.push(server);
    return server;
  };
  const send = async (server: TestServer, phone_number = "+14155551234") =>
    server.local("POST", "/phone/pairing/send-sms", { body: { phone_number, user_id: "user123", user_name: "John Doe" } });
  const delivery = async (server: TestServer) => (await server.local("GET", "/phone/pairing/sessions")).body.sessions[0].delivery;

  it("says so, sends the text, and follows it by signed reports alone", async () => {
    const server = await start();
    expect(server.printed[0]).toBe("✓ Vonage SMS provider configured");
    expect((await send(server)).body.message).toBe("SMS sent! Link expires in 15 minutes.");
    const sent = vonage.messages.at(-1)!;
    expect(sent.content).toMatchObject({ to: "14155551234", from: "TopDog", channel: "sms", message_type: "text" });
    expect(sent.content["ttl"]).toBeLessThanOrEqual(900);
    expect(sent.content["webhook_url"]).toMatch(new RegExp(`^${BASE}/phone/sms/status/vonage/[\\w-]+\\.1$`));
    expect(await delivery(server)).toMatchObject({ state: "handed_over", more: true });
    const via = server.phoneAddress;
    expect(await vonage.report(sent, "delivered", { via, secret: "another" })).toBe(403);
    expect(await vonage.report(sent, "submitted", { via })).toBe(204);
    expect(await delivery(server)).toMatchObject({ state: "sent", more: true });
    expect(await vonage.report(sent, "undeliverable", { via, code: "1180" })).toBe(204);
    expect(await delivery(server)).toMatchObject({ state: "undelivered", details: { provider: "vonage", code: "1180" } });
    // A report about another message, sent to this one's address.
    await send(server, "+14155551235");
    const other = vonage.messages.at(-1)!;
    const misled = { uuid: sent.uuid, content: { ...sent.content, webhook_url: other.content["webhook_url"] } };
    expect(await vonage.report(misled, "delivered", { via })).toBe(403);
    expect(await delivery(server)).toMatchObject({ state: "handed_over" });
    // A provider that is no longer in use cannot report, nor can one use the path of another.
    const target = new URL(sent.content["webhook_url"]).pathname.replace("/vonage/", "/pigeon/");
    expect((await server.phone("POST", target, { body: {} })).status).toBe(403);
  });

  it("asks for no reports without the secret that they are signed with", async () => {
    const server = await start({ VONAGE_SIGNATURE_SECRET: "" });
    await send(server);
    expect(vonage.messages.at(-1)!.content).not.toHaveProperty("webhook_url");
    expect(await delivery(server)).toMatchObject({ state: "handed_over", more: false });
  });

  it("comes after Twilio and AWS, before mock mode, and is set up by files as well", async () => {
    const twilio = { TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`, TWILIO_AUTH_TOKEN: "token", TWILIO_PHONE_NUMBER: "+15005550006" };
    expect((await start(twilio)).printed[0]).toBe("✓ Twilio SMS provider configured");
    expect((await start({ ...twilio, SMS_PROVIDER: "vonage" })).printed[0]).toBe("✓ Vonage SMS provider configured");
    const half = await start({ VONAGE_SENDER: "" });
    expect(half.printed.slice(0, 2)).toEqual([
      "⚠ Vonage is not complete, so it is not used. Missing: the sender (VONAGE_SENDER)",
      "⚠ No SMS provider configured: MOCK mode",
    ]);
    const folder = mkdtempSync(path.join(tmpdir(), "topdog-vonage-"));
    const names = { VONAGE_API_KEY: KEY, VONAGE_API_SECRET: SECRET, VONAGE_SENDER: "TopDog", VONAGE_SIGNATURE_SECRET: SIGNATURE };
    const files = Object.fromEntries(
      Object.entries(names).flatMap(([name, text]) => {
        const file = path.join(folder, name);
        writeFileSync(file, `${text}\n`);
        return [
          [name, ""],
          [`${name}_FILE`, file],
        ];
      }),
    );
    const server = await start(files);
    expect(server.printed[0]).toBe("✓ Vonage SMS provider configured");
    await send(server);
    expect(vonage.messages.at(-1)!.content["from"]).toBe("TopDog");
  });

  it("is set up from the settings page, whose secrets never come out", async () => {
    const server = await start({
      SMS_PROVIDER: "",
      VONAGE_API_KEY: "",
      VONAGE_API_SECRET: "",
      VONAGE_SENDER: "",
      VONAGE_SIGNATURE_SECRET: "",
    });
    const body = { provider: "vonage", vonage_api_key: KEY, vonage_sender: "+15005550006" };
    const refused = await server.local("PATCH", "/admin/sms", { body });
    expect(refused.body).toMatchObject({ code: "sms_settings_incomplete", detail: expect.stringContaining("VONAGE_API_SECRET") });
    const saved = await server.local("PATCH", "/admin/sms", {
      body: { ...body, vonage_api_secret: SECRET, vonage_signature_secret: SIGNATURE },
    });
    expect([saved.status, saved.body.active]).toEqual([200, "vonage"]);
    expect(saved.text).not.toContain("canary");
    expect((await server.local("POST", "/admin/sms/test-connection")).body).toMatchObject({ ok: true, provider: "vonage" });
    await send(server);
    expect(vonage.messages.at(-1)!.content["from"]).toBe("15005550006");
    expect(readFileSync(path.join(server.folder, "sms_settings.json"), "utf8")).not.toContain("canary");
    expect(readFileSync(path.join(server.folder, "vonage_api_secret.secret"), "utf8")).toBe(SECRET);
  });
});
