import { mkdtempSync, writeFileSync } from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createSnsSms } from "../../../src/adapters/sms/providers/sns-client.ts";
import { message, rejectionOf } from "../../contracts/rejection.ts";
import { type Refusing, smsSenderContract } from "../../contracts/sms-sender.ts";
import { openSnsDouble, type SnsAnswer, type SnsDouble } from "../../doubles/sns.ts";

const KEYS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "canary/secret+x" };
const SHORT = { connect: 3000, answer: 250, whole: 1000 };

let sns: SnsDouble;
beforeAll(async () => {
  sns = await openSnsDouble({ [KEYS.accessKeyId]: KEYS.secretAccessKey });
});
afterAll(async () => sns.close());

const account = (over: Partial<Parameters<typeof createSnsSms>[0]> = {}) => ({
  region: "us-east-1",
  keys: KEYS,
  instanceRole: false,
  endpoint: sns.url,
  ...over,
});

const REFUSED: readonly (readonly [SnsAnswer, string, string])[] = [
  [["InvalidParameterException", "Invalid parameter: PhoneNumber Reason: not valid"], "sms_number_rejected", "number"],
  [["InvalidParameterException", "Invalid parameter: SenderID"], "sms_send_failed", "sender"],
  [["OptedOut", "Phone number is opted out", 400], "sms_opted_out", "opted_out"],
  [["AuthorizationErrorException", "not authorized to perform SNS:Publish"], "sms_send_failed", "credentials"],
  [["InvalidClientTokenId", "The security token is invalid", 403], "sms_send_failed", "credentials"],
  [["ExpiredToken", "The security token has expired", 403], "sms_send_failed", "credentials"],
  [["ThrottledException", "Rate exceeded"], "sms_send_failed", "busy"],
  [["Throttling", "Rate exceeded", 400], "sms_send_failed", "busy"],
  [["InternalErrorException", "internal"], "sms_send_failed", "busy"],
  [["SomethingNew", "a code nobody knows", 400], "sms_send_failed", "other"],
];
const numberOf = (index: number): string => `+1415555${String(3000 + index)}`;
const refusing: Refusing = Object.fromEntries(
  REFUSED.map(([answer, code, reason], index) => [`${answer[0]}: ${answer[1]}`, { to: numberOf(index), code, reason }]),
);

describe("by the AWS SDK", () => {
  afterEach(() => {
    for (let index = 0; index < 100; index += 1) sns.answer(numberOf(index));
  });

  smsSenderContract(async () => {
    const before = sns.sent.length;
    const askedBefore = sns.asked.length;
    for (const [index, [answer]] of REFUSED.entries()) sns.answer(numberOf(index), answer);
    return {
      sender: createSnsSms(account()),
      arrived: () => sns.sent.slice(before).map(({ to, text }) => ({ to, text })),
      asked: () => sns.asked.length - askedBefore,
    };
  }, refusing);

  it.each([
    ["hang", "sms_outcome_unknown", "outcome_unknown", numberOf(90)],
    ["reset", "sms_outcome_unknown", "outcome_unknown", numberOf(91)],
    ["half an answer", "sms_outcome_unknown", "outcome_unknown", numberOf(92)],
    ["garbage 200", "sms_outcome_unknown", "outcome_unknown", numberOf(93)],
    ["html 200", "sms_outcome_unknown", "outcome_unknown", numberOf(94)],
    ["html 502", "sms_send_failed", "busy", numberOf(95)],
  ] as const)("answers %s with %s, after one try", async (how, code, reason, to) => {
    sns.answer(to, how);
    const rejection = await rejectionOf(createSnsSms(account(), how === "hang" ? SHORT : undefined).send(message(to)));
    expect([rejection.code, rejection.details?.reason]).toEqual([code, reason]);
    // The time can be up before the stand-in has read the request.
    await expect.poll(() => sns.asked.filter((number) => number === to)).toEqual([to]);
    expect(JSON.stringify([rejection.message, rejection.note, rejection.details])).not.toMatch(/canary|code=/);
  });

  it("leaves out a sender ID that AWS refuses, with one warning, and never what a message may cost", async () => {
    const to = numberOf(80);
    sns.answer(to, ["InvalidParameterException", "Invalid parameter: SenderID"]);
    const sender = createSnsSms(account({ senderId: "TopDog", maxPrice: "0.05" }));
    const asked = sns.asked.length;
    // The stand-in refuses it in any case, so that the second try is rejected, and is the last one.
    expect((await rejectionOf(sender.send(message(to)))).details?.reason).toBe("sender");
    expect(sns.asked.length - asked).toBe(2);
    expect(sender.warnings()).toEqual(["AWS SNS did not take the sender ID (PAIRING_SNS_SENDER_ID), so messages are sent without it."]);
    await sender.send(message());
    expect(sns.sent.at(-1)).toMatchObject({ attributes: { "AWS.SNS.SMS.MaxPrice": { value: "0.05" } } });
    expect(JSON.stringify(sns.sent.at(-1))).not.toContain("TopDog");
  });

  it("knows that nothing was sent when nobody was there", async () => {
    const gone = await openSnsDouble({});
    await gone.close();
    const rejection = await rejectionOf(createSnsSms(account({ endpoint: gone.url })).send(message()));
    expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "unreachable"]);
  });

  it("is transactional, with a sender name and a price limit where they are set", async () => {
    await createSnsSms(account({ senderId: "TopDog", maxPrice: "0.05" })).send(message());
    expect(sns.sent.at(-1)?.attributes).toEqual({
      "AWS.SNS.SMS.SMSType": { type: "String", value: "Transactional" },
      "AWS.SNS.SMS.SenderID": { type: "String", value: "TopDog" },
      "AWS.SNS.SMS.MaxPrice": { type: "Number", value: "0.05" },
    });
    expect(await createSnsSms(account()).send(message())).toEqual({ kind: "handed_over", more: false });
    expect(Object.keys(sns.sent.at(-1)?.attributes ?? {})).toEqual(["AWS.SNS.SMS.SMSType"]);
  });

  it("gives up on credentials that do not come, and has sent nothing", async () => {
    // An address that accepts the request and never answers: the SDK itself would wait forever.
    const silent = http.createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
    vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent");
    vi.stubEnv("AWS_CONFIG_FILE", "/nonexistent");
    const asked = sns.asked.length;
    try {
      const rejection = await rejectionOf(createSnsSms(account({ keys: undefined }), SHORT).send(message()));
      expect([rejection.code, rejection.details?.reason]).toEqual(["sms_send_failed", "credentials"]);
      expect(sns.asked.length).toBe(asked);
    } finally {
      vi.unstubAllEnvs();
      silent.close();
      silent.closeAllConnections();
    }
  });

  it.each([
    [
      "SSO",
      "sso_start_url = https://example.awsapps.com/start\nsso_region = us-east-1\nsso_account_id = 1\nsso_role_name = r",
      "aws sso login",
    ],
    ["aws login", "login_session = arn:aws:iam::111122223333:user/ada", "aws login"],
  ])("names the command that signs in where nobody has, by %s", async (_how, profile, command) => {
    const home = mkdtempSync(path.join(tmpdir(), "topdog-aws-"));
    const config = path.join(home, "config");
    writeFileSync(config, `[profile work]\nregion = us-east-1\n${profile}\n`);
    for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) vi.stubEnv(name, undefined);
    vi.stubEnv("HOME", home);
    vi.stubEnv("AWS_CONFIG_FILE", config);
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", path.join(home, "none"));
    const asked = sns.asked.length;
    try {
      const rejection = await rejectionOf(createSnsSms(account({ keys: undefined, profile: "work" })).send(message()));
      expect([rejection.code, rejection.details?.reason, rejection.message]).toEqual([
        "sms_send_failed",
        "credentials",
        `Nothing was sent: you're not signed in to AWS. Run ${command} --profile work, then send again.`,
      ]);
      expect(sns.asked.length).toBe(asked);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  describe("a test of the connection", () => {
    it.each([
      ["an account", {}, false, true, /^AWS SNS knows these credentials\.$/],
      ["an account in the sandbox", {}, true, true, /sandbox.*verified/],
      [
        "a wrong secret",
        { keys: { accessKeyId: KEYS.accessKeyId, secretAccessKey: "canary-wrong" } },
        false,
        false,
        /doesn't accept the credentials/,
      ],
    ])("reports %s", async (_what, over, sandbox, ok, sentence) => {
      sns.sandbox = sandbox;
      const asked = sns.asked.length;
      const tried = await createSnsSms(account(over)).tryConnection();
      expect(tried).toMatchObject({ ok, provider: "sns", sentence: expect.stringMatching(sentence) });
      expect(sns.asked.length, "sent a message").toBe(asked);
      expect(JSON.stringify(tried)).not.toContain("canary");
    });
  });
});
