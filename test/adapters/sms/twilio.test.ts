import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createMockSms } from "../../../src/adapters/sms/mock.ts";
import { createTwilioSms } from "../../../src/adapters/sms/providers/twilio-client.ts";
import { message, rejectionOf } from "../../contracts/rejection.ts";
import { type Refusing, smsSenderContract } from "../../contracts/sms-sender.ts";
import { type Mischief, openTwilioDouble, signReport, type TwilioDouble } from "../../doubles/twilio.ts";

const SID = `AC${"0".repeat(32)}`;
const TOKEN = `canary-token-${"a".repeat(20)}`;
const KEY = { sid: `SK${"1".repeat(32)}`, secret: "canary-key-secret" };
/** For answers that never come. */
const SHORT = 250;

let twilio: TwilioDouble;
beforeAll(async () => {
  twilio = await openTwilioDouble({ sid: SID, token: TOKEN, keys: { [KEY.sid]: KEY.secret } });
});
afterAll(async () => twilio.close());

const account = (over: Partial<Parameters<typeof createTwilioSms>[0]> = {}) => ({
  accountSid: SID,
  authToken: TOKEN,
  sender: { from: "+15005550006" },
  baseUrl: twilio.url,
  ...over,
});

const REFUSED: readonly (readonly [name: string, code: number, our: string, reason: string, status?: number])[] = [
  ["trial", 21608, "sms_number_rejected", "trial_account"],
  ["landline", 21635, "sms_number_rejected", "number"],
  ["to itself", 21266, "sms_number_rejected", "number"],
  ["sender not owned", 21606, "sms_send_failed", "sender"],
  ["sender invalid", 21212, "sms_send_failed", "sender"],
  ["sender mismatched", 21660, "sms_send_failed", "sender"],
  ["credentials", 20003, "sms_send_failed", "credentials", 401],
  ["account gone", 20404, "sms_send_failed", "credentials", 404],
  ["too many", 20429, "sms_send_failed", "busy", 429],
  ["queue full", 21611, "sms_send_failed", "busy"],
  ["a code nobody knows", 29999, "sms_send_failed", "other"],
  ["a server error", 20500, "sms_send_failed", "busy", 500],
];
const numberOf = (index: number): string => `+1415555${String(2000 + index)}`;
const refusing: Refusing = {
  "invalid number": { to: "+15005550001", code: "sms_number_rejected", reason: "number", details: "21211" },
  "no mobile": { to: "+15005550009", code: "sms_number_rejected", reason: "number", details: "21614" },
  route: { to: "+15005550002", code: "sms_region_blocked", reason: "region", details: "21612" },
  region: { to: "+15005550003", code: "sms_region_blocked", reason: "region", details: "21408" },
  "opted out": { to: "+15005550004", code: "sms_opted_out", reason: "opted_out", details: "21610" },
  ...Object.fromEntries(
    REFUSED.map(([name, code, our, reason], index) => [name, { to: numberOf(index), code: our, reason, details: String(code) }]),
  ),
};

const MISCHIEF: readonly (readonly [Mischief, string, string])[] = [
  ["hang", "sms_outcome_unknown", "outcome_unknown"],
  ["drip", "sms_outcome_unknown", "outcome_unknown"],
  ["reset", "sms_outcome_unknown", "outcome_unknown"],
  ["half an answer", "sms_outcome_unknown", "outcome_unknown"],
  ["html 200", "sms_outcome_unknown", "outcome_unknown"],
  ["garbage 201", "sms_outcome_unknown", "outcome_unknown"],
  ["no sid 201", "sms_outcome_unknown", "outcome_unknown"],
  ["html 502", "sms_send_failed", "busy"],
  ["empty 500", "sms_send_failed", "busy"],
  ["json without code", "sms_send_failed", "other"],
  ["redirect", "sms_send_failed", "other"],
  ["rfc 9457", "sms_number_rejected", "number"],
];

describe("printed", () => {
  smsSenderContract(async () => {
    const printed: string[] = [];
    return {
      sender: createMockSms((block) => void printed.push(block)),
      arrived: () =>
        printed.map((block) => {
          const [, to = "", text = ""] = /\nTo: (.*)\nMessage:\n([\s\S]*)\n={50}$/.exec(block) ?? [];
          return { to, text };
        }),
      asked: () => printed.length,
    };
  });
});

describe("by Twilio's own client", () => {
  afterEach(() => {
    for (let index = 0; index < 100; index += 1) twilio.answer(numberOf(index));
  });

  smsSenderContract(async () => {
    const before = twilio.messages.length;
    const askedBefore = twilio.asked.length;
    for (const [index, [name, code, , , status = 400]] of REFUSED.entries())
      twilio.answer(numberOf(index), [status, code, `${name}, says Twilio`]);
    return {
      sender: createTwilioSms(account()),
      arrived: () => twilio.messages.slice(before).map(({ form }) => ({ to: form["To"] ?? "", text: form["Body"] ?? "" })),
      asked: () => twilio.asked.length - askedBefore,
    };
  }, refusing);

  it.each(MISCHIEF.map((row, index) => [...row, numberOf(90 + index)] as const))(
    "answers %s with %s, after one try",
    async (how, code, reason, to) => {
      twilio.answer(to, how);
      const timeouts = how === "hang" || how === "drip" ? SHORT : undefined;
      const rejection = await rejectionOf(createTwilioSms(account(), timeouts).send(message(to)));
      expect([rejection.code, rejection.details?.reason]).toEqual([code, reason]);
      // The time can be up before the stand-in has read the request.
      await expect.poll(() => twilio.asked.filter((number) => number === to)).toEqual([to]);
      expect(JSON.stringify([rejection.message, rejection.note, rejection.details])).not.toMatch(/canary|Basic|code=/);
    },
  );

  it("knows that nothing was sent when nobody was there", async () => {
    const gone = await openTwilioDouble({ sid: SID, token: TOKEN });
    await gone.close();
    const rejection = await rejectionOf(createTwilioSms(account({ baseUrl: gone.url })).send(message()));
    expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "unreachable"]);
  });

  it("says for how long the message is worth sending, and where to report", async () => {
    await createTwilioSms(account()).send({ ...message(), validSeconds: 871 });
    const { form, headers } = twilio.messages.at(-1)!;
    expect(form).toEqual({
      To: "+14155551234",
      From: "+15005550006",
      Body: message().text,
      ValidityPeriod: "871",
      StatusCallback: "https://pair.example.com/phone/sms/status/session.1",
    });
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`${SID}:${TOKEN}`).toString("base64")}`);
    await createTwilioSms(account()).send({ ...message(), validSeconds: 86_400 });
    expect(twilio.messages.at(-1)?.form["ValidityPeriod"], "Twilio's longest").toBe("36000");
  });

  it("sends by messaging service, and with an API key, which cannot check reports", async () => {
    const sms = createTwilioSms(account({ authToken: undefined, apiKey: KEY, sender: { messagingServiceSid: `MG${"2".repeat(32)}` } }));
    expect(await sms.send(message())).toEqual({ kind: "handed_over", more: false });
    const { form, headers } = twilio.messages.at(-1)!;
    expect(form).toMatchObject({ MessagingServiceSid: `MG${"2".repeat(32)}` });
    expect(form).not.toHaveProperty("From");
    expect(form).not.toHaveProperty("StatusCallback");
    expect(headers.authorization).toBe(`Basic ${Buffer.from(`${KEY.sid}:${KEY.secret}`).toString("base64")}`);
  });

  describe("an option that Twilio refuses", () => {
    const reporting = (origin: string) => ({ ...message(), reportTo: `${origin}/phone/sms/status/s.1` });

    it("an address for reports: is left out, once found out and from then on, with one warning", async () => {
      const sender = createTwilioSms(account());
      const [messages, asked] = [twilio.messages.length, twilio.asked.length];
      twilio.refuseReportsTo("devbox");
      for (let count = 0; count < 3; count += 1)
        expect(await sender.send(reporting("http://devbox:8001"))).toEqual({ kind: "handed_over", more: false });
      expect([twilio.messages.length - messages, twilio.asked.length - asked]).toEqual([3, 4]);
      expect(sender.warnings()).toEqual([expect.stringMatching(/cannot report to http:\/\/devbox:8001.*PAIRING_BASE_URL/)]);
      // Another address may be taken.
      expect(await sender.send(reporting("https://pair.example.com"))).toEqual({ kind: "handed_over", more: true });
    });

    it("the time that a message is good for: is left out as well", async () => {
      const sender = createTwilioSms(account());
      const to = "+14155552999";
      twilio.answer(to, (form) => (form["ValidityPeriod"] === undefined ? undefined : [400, 21620, "Invalid ValidityPeriod"]));
      expect((await sender.send(message(to))).kind).toBe("handed_over");
      expect(sender.warnings()).toHaveLength(1);
    });

    it("and rejects without it as well rejects the message, after one more try", async () => {
      const to = "+14155552998";
      twilio.answer(to, [400, 21609, "Invalid 'StatusCallback' url"]);
      const asked = twilio.asked.length;
      expect((await rejectionOf(createTwilioSms(account()).send({ ...message(to), reportTo: "http://10.0.0.5:8001/x" }))).code).toBe(
        "sms_send_failed",
      );
      expect(twilio.asked.length - asked).toBe(2);
    });
  });

  it("keeps to its endpoint whatever Twilio's own variables say", async () => {
    process.env["TWILIO_REGION"] = "ie1";
    process.env["TWILIO_EDGE"] = "dublin";
    process.env["TWILIO_LOG_LEVEL"] = "debug";
    try {
      const before = twilio.messages.length;
      await createTwilioSms(account()).send(message());
      expect(twilio.messages.length).toBe(before + 1);
    } finally {
      delete process.env["TWILIO_REGION"];
      delete process.env["TWILIO_EDGE"];
      delete process.env["TWILIO_LOG_LEVEL"];
    }
  });

  describe("reports", () => {
    const ADDRESS = "https://pair.example.com/phone/sms/status/session.1";
    const report = (fields: Record<string, string>, signature?: string, addresses = [ADDRESS]) =>
      createTwilioSms(account()).readReport({
        addresses,
        headers: { "x-twilio-signature": signature ?? signReport(TOKEN, ADDRESS, fields) },
        body: new URLSearchParams(fields).toString(),
      });

    it.each([
      [{ MessageStatus: "queued" }, { state: "handed_over", more: true }],
      [{ MessageStatus: "sent" }, { state: "sent", more: true }],
      [{ MessageStatus: "delivered" }, { state: "delivered", more: false }],
      [
        { MessageStatus: "undelivered", ErrorCode: "30003" },
        { state: "undelivered", more: false, fault: "phone_unreachable", providerCode: "30003" },
      ],
      [
        { MessageStatus: "undelivered", ErrorCode: "30006" },
        { state: "undelivered", more: false, fault: "not_a_mobile", providerCode: "30006" },
      ],
      [
        { MessageStatus: "undelivered", ErrorCode: "30007" },
        { state: "undelivered", more: false, fault: "filtered", providerCode: "30007" },
      ],
      [
        { MessageStatus: "undelivered", ErrorCode: "30034" },
        { state: "undelivered", more: false, fault: "unregistered_sender", providerCode: "30034" },
      ],
      [
        { MessageStatus: "failed", ErrorCode: "21610" },
        { state: "failed", more: false, fault: "opted_out", providerCode: "21610" },
      ],
      [
        { MessageStatus: "undelivered", ErrorCode: "39999" },
        { state: "undelivered", more: false, fault: "carrier", providerCode: "39999" },
      ],
      ...(
        [
          ["30001", "busy"],
          ["30002", "account"],
          ["30010", "budget"],
          ["30018", "unregistered_sender"],
          ["30022", "busy"],
          ["30023", "daily_limit"],
          ["30024", "sender"],
          ["30027", "daily_limit"],
          ["30033", "sender_suspended"],
          ["30036", "too_late"],
          ["30037", "account"],
          ["30038", "filtered"],
          ["30040", "unregistered_sender"],
          ["30450", "fraud_guard"],
        ] as const
      ).map(
        ([code, fault]) =>
          [
            { MessageStatus: "undelivered", ErrorCode: code },
            { state: "undelivered", more: false, fault, providerCode: code },
          ] as [object, object],
      ),
      [{ MessageStatus: "failed" }, { state: "failed", more: false, fault: "carrier" }],
    ])("reads %j", async (fields, expected) => {
      expect(await report(fields as Record<string, string>)).toEqual({ provider: "twilio", ...expected });
    });

    it("makes nothing of a word it does not know", async () => {
      expect(await report({ MessageStatus: "constructor" })).toBeUndefined();
      expect(await report({})).toBeUndefined();
    });

    it("believes only what the account's own token signed, for the very address and fields", async () => {
      const fields = { MessageStatus: "delivered", MessageSid: "SM1" };
      const forged: readonly (readonly [string, Record<string, string>, string[]?])[] = [
        ["", fields],
        [signReport("another token", ADDRESS, fields), fields],
        [signReport(TOKEN, ADDRESS, fields), { ...fields, MessageStatus: "undelivered" }],
        [signReport(TOKEN, `${ADDRESS}9`, fields), fields],
        [signReport(TOKEN, ADDRESS, fields), fields, ["https://evil.example/phone/sms/status/session.1"]],
      ];
      for (const [signature, sent, addresses] of forged) {
        expect((await rejectionOf(report(sent, signature, addresses))).code).toBe("bad_signature");
      }
    });
  });

  describe("a test of the connection", () => {
    afterEach(() => Object.assign(twilio.account, { type: "Full", status: "active" }));

    it.each([
      ["an account", {}, { type: "Full" }, true, /^Twilio knows the account "Top Dog's own"\.$/],
      ["a trial account", {}, { type: "Trial" }, true, /trial account.*verified/],
      ["a suspended account", {}, { status: "suspended" }, false, /not active.*Reactivate/],
      ["an API key", { authToken: undefined, apiKey: KEY }, {}, true, /knows this API key/],
      ["a wrong token", { authToken: "canary-wrong" }, {}, false, /doesn't accept the credentials/],
    ])("reports %s", async (_what, over, as, ok, sentence) => {
      Object.assign(twilio.account, as);
      const asked = twilio.asked.length;
      const tried = await createTwilioSms(account(over)).tryConnection();
      expect(tried).toMatchObject({ ok, provider: "twilio", sentence: expect.stringMatching(sentence) });
      expect(twilio.asked.length, "sent a message").toBe(asked);
      expect(JSON.stringify(tried)).not.toContain("canary");
    });
  });
});
