import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemorySecrets } from "../../src/adapters/secrets/memory.ts";
import { openSms, type SmsAdapter } from "../../src/adapters/sms/open-sms.ts";
import { SMS_PROVIDERS } from "../../src/adapters/sms/providers/index.ts";
import { missingOf, type ProviderSms } from "../../src/adapters/sms/providers/provider.ts";
import { createSnsSms } from "../../src/adapters/sms/providers/sns-client.ts";
import { createTwilioSms } from "../../src/adapters/sms/providers/twilio-client.ts";
import { createVonageSms } from "../../src/adapters/sms/providers/vonage.ts";
import { savedSmsFile } from "../../src/adapters/sms/saved-settings.ts";
import { textsOf } from "../../src/settings/option.ts";
import { ALL_OPTIONS } from "../../src/settings/options.ts";
import { readSettings } from "../../src/settings/read-settings.ts";
import { chooseLanguage, HOST_WORDS } from "../../src/words/say.ts";
import { message, rejectionOf } from "../contracts/rejection.ts";
import { openSnsDouble, type SnsDouble } from "../doubles/sns.ts";
import { openTwilioDouble, type TwilioDouble } from "../doubles/twilio.ts";
import { openVonageDouble, type VonageDouble } from "../doubles/vonage.ts";
import { plainWords, pseudoLocale } from "../pseudo-locale.ts";

const SID = `AC${"0".repeat(32)}`;
const TOKEN = "canary-token";
const AWS_KEYS = { accessKeyId: "AKIDEXAMPLE00000", secretAccessKey: "canary-aws" };
const VARIABLE = /[A-Z]+(?:_[A-Z]+)+/;
const NAMES = [
  "Twilio",
  "AWS SNS",
  "Vonage",
  "twilio",
  "sns",
  "vonage",
  "auto",
  "mock",
  "http://devbox:8001",
  "Top Dog's own",
  VARIABLE,
  /\b(?:AC|SK|MG)\b/,
];

let folder = "";
let twilio: TwilioDouble;
let vonage: VonageDouble;
let sns: SnsDouble;
beforeAll(async () => {
  twilio = await openTwilioDouble({ sid: SID, token: TOKEN, keys: {} });
  vonage = await openVonageDouble({ key: "abcd1234", secret: TOKEN, signatureSecret: TOKEN });
  sns = await openSnsDouble({ [AWS_KEYS.accessKeyId]: AWS_KEYS.secretAccessKey });
  chooseLanguage({ language: "en", words: pseudoLocale(HOST_WORDS) });
});
afterAll(async () => {
  chooseLanguage("en");
  await Promise.all([twilio.close(), vonage.close(), sns.close()]);
});
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "topdog-words-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function expectTranslated(...sentences: readonly string[]): void {
  expect(sentences).not.toEqual([]);
  for (const sentence of sentences) {
    expect(sentence).not.toBe("");
    expect([sentence, plainWords(sentence, NAMES)]).toEqual([sentence, []]);
  }
}

async function open(env: Readonly<Record<string, string>>, askBeforeAws = false): Promise<SmsAdapter> {
  const { sms } = readSettings({ HOME: folder, ...env }, { storageFolder: folder });
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return openSms({
    environment: sms,
    askBeforeAws,
    file: savedSmsFile(folder),
    secrets: createMemorySecrets(),
    print: () => undefined,
    log,
  });
}

const twilioSms = (authToken = TOKEN): ProviderSms =>
  createTwilioSms({ accountSid: SID, authToken, sender: { from: "+15005550006" }, baseUrl: twilio.url });
const vonageSms = (apiSecret = TOKEN): ProviderSms =>
  createVonageSms({ apiKey: "abcd1234", apiSecret, sender: "+15005550006", signatureSecret: TOKEN, baseUrl: vonage.url });
const snsSms = (secretAccessKey = AWS_KEYS.secretAccessKey): ProviderSms =>
  createSnsSms({
    region: "us-east-1",
    keys: { ...AWS_KEYS, secretAccessKey },
    instanceRole: false,
    senderId: "TopDog",
    endpoint: sns.url,
  });

describe("in a language that nobody speaks", () => {
  it.each(SMS_PROVIDERS)("what $label is set up with, and what it misses", ({ fields, needs, address, configured }) => {
    const nobody = { where: undefined, agreed: false };
    const described = [...fields.filter(({ ownRules }) => !ownRules), ...(address ? [address] : [])].flatMap(({ variable }) => {
      const option = ALL_OPTIONS[variable];
      return option ? [textsOf(variable, option).description] : [""];
    });
    expectTranslated(configured(), ...fields.flatMap(({ called, rule }) => [called(), rule()]), ...described);
    expectTranslated(...missingOf({ fields, needs }, {}, nobody));
  });

  it("credentials that were found, which the page asks about", async () => {
    const env = { AWS_REGION: "eu-west-1", AWS_ACCESS_KEY_ID: AWS_KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: AWS_KEYS.secretAccessKey };
    const found = (await open(env, true)).setup.read().providers.find(({ id }) => id === "sns");
    expectTranslated(found?.found ?? "", ...(found?.missing ?? []));
  });

  it("what the start says of no provider, and of one that is not complete", async () => {
    const begun = { TWILIO_ACCOUNT_SID: SID };
    expectTranslated(...(await open({})).lines);
    const { lines, unfinished, setup } = await open(begun);
    expectTranslated(...lines, ...unfinished);
    expectTranslated((await setup.tryConnection()).sentence);
    const refused = await open({ ...begun, SMS_PROVIDER: "twilio" }).catch((cause: unknown) => cause);
    expectTranslated(refused instanceof Error ? refused.message : "");
  });

  it("what is wrong with a change, field by field", async () => {
    const { setup } = await open({});
    const fields = { twilio_account_sid: "SK1", sns_region: "?", vonage_api_key: "?", pigeon_loft: "7" };
    const rejection = await rejectionOf(setup.save({ provider: "pigeon", fields, agreed: { pigeon: true } }));
    expect(rejection.fields).toHaveLength(6);
    expectTranslated(...(rejection.fields ?? []).map(({ message: text }) => text));
  });

  it("a test of the connection with each provider", async () => {
    for (const sms of [twilioSms(), vonageSms(), snsSms(), twilioSms("wrong"), vonageSms("wrong"), snsSms("wrong")])
      expectTranslated((await sms.tryConnection()).sentence);
    Object.assign(twilio.account, { type: "Trial" });
    expectTranslated((await twilioSms().tryConnection()).sentence);
    Object.assign(twilio.account, { type: "Full", status: "suspended" });
    expectTranslated((await twilioSms().tryConnection()).sentence);
    Object.assign(twilio.account, { status: "active" });
    sns.sandbox = true;
    expectTranslated((await snsSms().tryConnection()).sentence);
  });

  it("a warning of what each provider does not take", async () => {
    const to = "+14155552999";
    const [byTwilio, byVonage, bySns] = [twilioSms(), vonageSms(), snsSms()];
    twilio.refuseReportsTo("devbox");
    twilio.answer(to, (form) => (form["ValidityPeriod"] === undefined ? undefined : [400, 21620, "Invalid ValidityPeriod"]));
    await byTwilio.send({ ...message(to), reportTo: "http://devbox:8001/phone/sms/status/s.1" });
    vonage.answer(to.slice(1), (content) => {
      if ("ttl" in content) return [422, "1130", "Invalid ttl"];
      return "webhook_url" in content ? [422, "1020", "The webhook_url is not reachable"] : undefined;
    });
    await byVonage.send(message(to));
    sns.answer(to, ["InvalidParameterException", "Invalid parameter: SenderID"]);
    await rejectionOf(bySns.send(message(to)));
    sns.answer(to, ["InvalidParameterException", "Invalid parameter: SMSType"]);
    await rejectionOf(bySns.send(message(to)));
    const warnings = [byTwilio, byVonage, bySns].map((sms) => sms.warnings());
    expect(warnings.map(({ length }) => length)).toEqual([2, 2, 2]);
    expectTranslated(...warnings.flat());
  });
});
