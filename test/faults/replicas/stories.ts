import { setTimeout as delay } from "node:timers/promises";
import type { Answered } from "../ask.ts";
import { nextNumber } from "../world.ts";
import type { Addresses, Client } from "./client.ts";
import { type InboxPhone, startInboxPhone } from "./inbox-phone.ts";
import type { Model, PhoneRecord } from "./model.ts";
import { startMqttPhone } from "./mqtt-phone.ts";

/** What people and programs do, each story with a user of its own. A story knows everything that happened to its user. */
export interface StoryDeps {
  readonly addresses: Addresses;
  readonly client: Client;
  readonly model: Model;
  readonly roll: () => number;
  readonly stopped: () => boolean;
}

const RACERS = 8;
const DECIDERS = 3;
/** Of the phones; the others wait for their messages by requests. */
const MQTT_SHARE = 0.4;
const MAX_TEXTS_IN_TEN_MINUTES = 3;
const MAX_OTP_TRIES = 5;

let serial = 0;
const next = (): number => serial++;
const nextUser = (): string => `user-${next()}`;
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Phones are paired, get messages, decide approvals, and lose their access again, mostly. */
export async function household(deps: StoryDeps): Promise<void> {
  const { addresses, client, model, roll, stopped } = deps;
  const userId = nextUser();
  const phones: PhoneRecord[] = [];
  while (phones.length < DECIDERS && !stopped()) {
    const phone = await raceForInvite(deps, userId, phones.length);
    if (phone) phones.push(phone);
  }
  const inboxes = new Map(
    phones.map((phone) => [
      phone,
      roll() < MQTT_SHARE
        ? startMqttPhone(phone, addresses.proxyPhone, model)
        : startInboxPhone(phone, addresses.proxyPhone, client, model),
    ]),
  );
  for (let round = 0; round < 3 && !stopped(); round += 1) {
    await Promise.all(phones.map(async (phone) => notify(deps, phone, inboxes.get(phone))));
    await raceToDecide(deps, userId, phones);
  }
  for (const phone of phones) {
    const inbox = inboxes.get(phone);
    if (roll() < 0.25) inbox?.stop();
    else await revoke(deps, phone, inbox);
    await inbox?.ended;
    model.phones.push(phone);
  }
}

/** Of phones that accept one invite at once, at all servers, one is paired, unless the invite was taken back first. Resolves with that one. */
async function raceForInvite(deps: StoryDeps, userId: string, race: number): Promise<PhoneRecord | undefined> {
  const { addresses, client, model, roll } = deps;
  const invited = await client.attempt(addresses.proxyLocal, "POST", "/phone/pairing/send-sms", {
    body: { phone_number: nextNumber(), user_id: userId },
  });
  if (invited?.status !== 200) {
    if (invited) model.violated("answers", `an invite was answered ${invited.status} ${invited.body.code}`);
    return undefined;
  }
  model.acknowledged();
  const code: string = invited.body.invite_code;
  const names = Array.from({ length: RACERS }, (_, racer) => `${userId}-${race}-${model.invites.length}-${racer}`);
  const cancelling = roll() < 0.2 ? client.certainly("local", "DELETE", `/phone/pairing/invite/${code}`) : undefined;
  const answers = await Promise.all(
    names.map(async (name) =>
      client.certainly("any", "POST", "/phone/pairing/accept-invite", {
        headers: { "idempotency-key": `key of ${name}` },
        body: { invite_code: code, device_id: name, device_name: name, device_type: "ios" },
      }),
    ),
  );
  const cancelled = (await cancelling)?.status === 200;
  model.count("racing accepts", RACERS);
  model.count("accept races");
  model.acknowledged();
  const winners = answers.filter(({ status }) => status === 200);
  const losers = answers.filter(({ body }) => body.code === (cancelled ? "invite_cancelled" : "invite_already_used"));
  const expected = cancelled ? 0 : 1;
  if (winners.length !== expected || losers.length !== RACERS - expected)
    model.violated("winners", `an invite${cancelled ? " taken back" : ""} was answered ${answersOf(answers)}`);
  model.invites.push({ code, status: cancelled ? "cancelled" : "accepted" });
  const [winner] = winners;
  return winner && { userId, deviceId: winner.body.device_id, token: winner.body.jwt_token, status: "active" };
}

/** Notifications one after another; the phone gets each that was acknowledged, once, in their order. */
async function notify({ addresses, client, model, roll }: StoryDeps, phone: PhoneRecord, inbox: InboxPhone | undefined): Promise<void> {
  const sent: string[] = [];
  for (let count = Math.ceil(roll() * 4); count > 0; count -= 1) {
    const message = `message ${next()}`;
    const body = { user_id: phone.userId, device_id: phone.deviceId, build_id: "b", project_name: "p", status: "success", message };
    const answered = await client.attempt(addresses.proxyLocal, "POST", "/phone/notifications/send", { body });
    if (answered && answered.status !== 200)
      model.violated("answers", `a notification was answered ${answered.status} ${answered.body.code}`);
    if (answered?.status !== 200) continue;
    model.acknowledged();
    model.count("notifications sent");
    sent.push(message);
  }
  await inbox?.receives(sent);
}

/** All phones decide at once, not all alike, and the requester may take the question back: one answer counts everywhere. */
async function raceToDecide({ addresses, client, model, roll }: StoryDeps, userId: string, phones: readonly PhoneRecord[]): Promise<void> {
  if (phones.length === 0) return;
  const unique = `${userId} ${next()}`;
  const plan = { build_id: "b", project_name: unique, plan: unique, affected_files: [], estimated_duration: 1 };
  const expires = roll() < 0.2;
  const due = new Date(Date.now() + (expires ? 2000 : 3_600_000)).toISOString();
  const body = { user_id: userId, ...plan, requires_approval_by: due };
  const asked = await client.attempt(addresses.proxyLocal, "POST", "/phone/approvals/request", { body });
  if (asked && asked.status !== 200) model.violated("answers", `an approval was answered ${asked.status} ${JSON.stringify(asked.body)}`);
  if (asked?.status !== 200) return;
  model.acknowledged();
  const path = `/phone/approvals/${asked.body.approval_id}`;
  const cancelling = !expires && roll() < 0.2 ? client.certainly("local", "DELETE", path) : undefined;
  const deciding = expires
    ? []
    : phones.map(async ({ token }, index) => {
        const decision = { decision: (index % 2 === 0) === roll() < 0.8 ? "approve" : "reject" };
        return client.certainly("any", "POST", `${path}/decision`, { headers: bearer(token), body: decision });
      });
  const answers = [...(await Promise.all(deciding)), ...(cancelling ? [await cancelling] : [])];
  let now = await client.certainly("local", "GET", path);
  // How an approval that nobody answered ends is written by a sweep that one server does.
  for (let tries = 0; now.body.status === "pending" && tries < 60; tries += 1)
    now = await client.certainly("local", "GET", `${path}?wait=1`);
  const { status, decided_by } = now.body;
  if (status === "pending" || expires !== (status === "expired"))
    model.violated("winners", `an approval is ${status} after ${answersOf(answers)}`);
  for (const { status: code, body: answer } of answers) {
    if (code === 200 && (answer.status !== status || answer.decided_by !== decided_by))
      model.violated("winners", `an approval is ${status} by ${decided_by}, and one was answered ${answer.status} by ${answer.decided_by}`);
    if (code !== 200 && !["already_decided", "approval_cancelled"].includes(answer.code))
      model.violated("answers", `a decision was answered ${answer.code}`);
  }
  model.acknowledged();
  model.count(expires ? "approvals that expired" : "decision races");
  model.approvals.push({ id: asked.body.approval_id, status, decidedBy: decided_by });
}

/** After the answer no server takes the token; a second later that is a violation. */
async function revoke({ addresses, client, model, roll }: StoryDeps, phone: PhoneRecord, inbox: InboxPhone | undefined): Promise<void> {
  inbox?.expectEnd();
  const headers = bearer(phone.token);
  const { status, body } =
    roll() < 0.3
      ? await client.certainly("phone", "DELETE", "/phone/me", { headers, fresh: true })
      : await client.certainly("local", "DELETE", `/phone/devices/${phone.deviceId}?user_id=${phone.userId}`);
  const at = performance.now();
  // It may have been asked twice, and done at the first time.
  if (status !== 200 && status !== 204 && !["token_revoked", "token_invalid", "device_not_found"].includes(body?.code))
    model.violated("answers", `a revocation was answered ${status} ${body?.code}`);
  phone.status = "revoked";
  model.acknowledged();
  model.count("revocations");
  const askAll = async (): Promise<void> => {
    const late = performance.now() - at > 1000;
    const answers = await Promise.all(
      addresses.replicas.map(async ({ phoneAddress }) => client.attempt(phoneAddress, "GET", "/phone/me", { headers, fresh: true })),
    );
    for (const [index, answer] of answers.entries()) {
      if (answer) model.count("requests with a revoked token");
      if (answer?.status !== 200) continue;
      if (late)
        model.violated("revoked", `server ${addresses.replicas[index]?.name} took a token that was revoked more than a second before`);
      else model.count("revoked tokens taken within a second");
    }
  };
  await askAll();
  await delay(Math.max(0, at + 1001 - performance.now()));
  await askAll();
}

/** Several servers send to one number at once: three messages in ten minutes, and no more. */
export async function textBudget({ client, model, addresses }: StoryDeps): Promise<void> {
  const userId = nextUser();
  const body = { phone_number: nextNumber(), user_id: userId };
  const send = async (address: string) => client.attempt(address, "POST", "/phone/pairing/send-sms", { body });
  const answers = await Promise.all(addresses.replicas.flatMap(({ localAddress }) => [send(localAddress), send(localAddress)]));
  const sent = answers.filter((answer) => answer?.status === 200).length;
  const unknown = answers.filter((answer) => answer === undefined).length;
  const others = answers.filter((answer) => answer && answer.status !== 200 && answer.body.code !== "sms_budget_exceeded");
  if (sent > MAX_TEXTS_IN_TEN_MINUTES || sent + unknown < MAX_TEXTS_IN_TEN_MINUTES || others.length > 0)
    model.violated("counted", `${answers.length} messages to one number at once: ${sent} sent, ${unknown} unknown, ${answersOf(others)}`);
  model.count("budget races");
}

/** Wrong one-time passwords at all servers at once: the fifth is the last, and the right one does not count after it. */
export async function otpTries({ client, model, addresses, roll }: StoryDeps): Promise<void> {
  const userId = nextUser();
  const shown = await client.attempt(addresses.proxyLocal, "POST", "/phone/pairing/generate-qr", { body: { user_id: userId } });
  if (shown?.status !== 200) {
    if (shown) model.violated("answers", `a QR code was answered ${shown.status} ${shown.body.code}`);
    return;
  }
  model.acknowledged();
  // Some QR codes are left alone, and expire once.
  if (roll() < 0.3) return;
  const { pairing_token, otp_code } = shown.body;
  const wrong = String((Number(otp_code) + 1) % 1_000_000).padStart(6, "0");
  const attempt = async (address: string, otp: string) =>
    client.attempt(address, "POST", "/phone/pairing/pair", {
      body: { pairing_token, otp_code: otp, device_id: `${userId}-qr`, device_name: "QR", device_type: "ios" },
    });
  const answers = await Promise.all(
    addresses.replicas.flatMap(({ phoneAddress, localAddress }) => [
      attempt(phoneAddress, wrong),
      attempt(localAddress, wrong),
      attempt(localAddress, wrong),
    ]),
  );
  const counted = answers.filter((answer) => answer?.body.code === "otp_invalid").length;
  const unknown = answers.filter((answer) => answer === undefined).length;
  if (counted > MAX_OTP_TRIES || counted + unknown < MAX_OTP_TRIES || answers.some((answer) => answer?.status === 200))
    model.violated("counted", `${answers.length} wrong passwords at once: ${counted} counted, ${unknown} unknown: ${answersOf(answers)}`);
  model.count("password races");
  if (counted < MAX_OTP_TRIES) return;
  const right = await attempt(addresses.proxyPhone, otp_code);
  if (right?.status === 200) model.violated("counted", "the right one-time password was taken after five wrong ones");
}

function answersOf(answers: readonly (Answered | undefined)[]): string {
  return answers.map((answer) => (answer ? `${answer.status} ${answer.body?.code ?? ""}`.trim() : "unknown")).join(", ");
}
