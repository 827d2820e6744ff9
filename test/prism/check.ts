import assert from "node:assert/strict";
import { createTwilioSms, type TwilioAccount } from "../../src/adapters/sms/providers/twilio-client.ts";
import { message, rejectionOf } from "../contracts/rejection.ts";
import { MAGIC, openTwilioDouble, type TwilioDouble } from "../doubles/twilio.ts";

const SID = `AC${"0".repeat(32)}`;
const TOKEN = "a".repeat(32);
const KEY = { sid: `SK${"1".repeat(32)}`, secret: "secret" };
const SERVICE = `MG${"2".repeat(32)}`;

export async function openDouble(): Promise<TwilioDouble> {
  return openTwilioDouble({ sid: SID, token: TOKEN, keys: { [KEY.sid]: KEY.secret } });
}

/** Sends through Prism, which stands before the double and refuses what Twilio's OpenAPI does not allow, either way. */
export async function check(double: TwilioDouble, address: string): Promise<string[]> {
  const lines: string[] = [];
  const account = (over: Partial<TwilioAccount> = {}): TwilioAccount => ({
    accountSid: SID,
    authToken: TOKEN,
    sender: { from: "+15005550006" },
    baseUrl: address,
    ...over,
  });
  const senders: Record<string, TwilioAccount> = {
    "from a number": account(),
    "by a messaging service": account({ sender: { messagingServiceSid: SERVICE } }),
    "with an API key": account({ apiKey: KEY }),
  };
  for (const [how, sender] of Object.entries(senders)) {
    const before = double.messages.length;
    assert.deepEqual(await createTwilioSms(sender).send(message()), { kind: "handed_over", more: true });
    assert.equal(double.messages.length, before + 1);
    assert.equal(double.messages.at(-1)?.form["ValidityPeriod"], "900");
    lines.push(`✓ a message ${how}`);
  }
  for (const [to, [, code]] of Object.entries(MAGIC)) {
    const { details } = await rejectionOf(createTwilioSms(account()).send(message(to)));
    assert.equal(details?.code, String(code));
    lines.push(`✓ refusal ${code}`);
  }
  for (const [type, status] of [
    ["Full", "active"],
    ["Trial", "active"],
    ["Full", "suspended"],
  ] as const) {
    Object.assign(double.account, { type, status });
    assert.equal((await createTwilioSms(account()).tryConnection()).ok, status === "active");
    lines.push(`✓ account ${type}, ${status}`);
  }

  // Prism is there and judges: these are what it must not let pass.
  const wrong = account({ sender: { messagingServiceSid: "MG-not-a-sid" } });
  const before = double.messages.length;
  assert.notEqual((await rejectionOf(createTwilioSms(wrong).send(message()))).details?.reason, "outcome_unknown");
  assert.equal(double.messages.length, before, "a request against Twilio's OpenAPI reached the stand-in");
  lines.push("✓ a wrong request is stopped");
  // A 200 where the document knows a 201 only.
  double.answer("+14155550199", "html 200");
  assert.equal((await rejectionOf(createTwilioSms(account()).send(message("+14155550199")))).details?.code, "HTTP 500");
  lines.push("✓ a wrong answer is noticed");
  const response = await fetch(`${address}/2010-04-01/Accounts/${SID}/Messages.json`, {
    method: "POST",
    headers: { authorization: `Basic ${Buffer.from(`${SID}:${TOKEN}`).toString("base64")}` },
    body: new URLSearchParams({ To: "+14155550198", From: "+15005550006", Body: "x" }),
  });
  assert.equal(response.status, 201, await response.text());
  assert.equal(response.headers.get("sl-violations"), null, "the stand-in answers against Twilio's OpenAPI");
  lines.push("✓ the stand-in's answer has no violation");
  return lines;
}
