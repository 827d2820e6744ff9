import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type PushService, startPushService } from "../doubles/push-service.ts";
import { openTwilioDouble, type TwilioDouble } from "../doubles/twilio.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const BASE = "https://pair.example.com";
const ON = { PAIRING_SMS_APPROVALS: "1", PAIRING_BASE_URL: BASE, PAIRING_RATE_LIMIT_SCALE: "1000" };
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

/** Servers' clock: a noon of their own time zone, and on from there by hand. */
let now = 0;
beforeEach(() => {
  now = new Date().setHours(12, 0, 0, 0);
});
/** How many bursts of approvals were decided on: each is gathered by a short pause and followed by a long one. */
let decided = 0;
let gathering: Promise<unknown> = Promise.resolve();
beforeEach(() => {
  decided = 0;
  gathering = Promise.resolve();
});
const pause = async (milliseconds: number): Promise<void> => {
  if (milliseconds > 1000) decided += 1;
  else await gathering;
};
const started = async (env: Record<string, string> = ON): Promise<TestServer> =>
  startServer(env, { clock: { now: () => now, steady: () => now, pause } });

/** A phone that was paired by text message, and has not been used for a while. */
async function paired(server: TestServer, phone_number: string, user_id = "ada", deviceId = `phone of ${user_id}`): Promise<string> {
  const { body } = await server.local("POST", "/phone/pairing/send-sms", { body: { phone_number, user_id } });
  const token = (await server.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(body.invite_code, deviceId) })).body
    .jwt_token;
  now += 5 * MINUTE;
  return token;
}
const askOnly = async (server: TestServer, project_name: string, over: object = {}): Promise<string> => {
  const body = {
    all: true,
    build_id: "b-1",
    project_name,
    plan: "Secret plan",
    affected_files: ["src/secret.ts"],
    estimated_duration: "1 min",
    requires_approval_by: new Date(now + HOUR).toISOString(),
    ...over,
  };
  const answer = await server.local("POST", "/phone/approvals/request", { body });
  expect(answer.status).toBe(200);
  return answer.body.approval_id;
};
/** Asks, and waits until the recipients were decided: the clock is moved only after that. */
const ask = async (server: TestServer, project_name: string, over: object = {}): Promise<string> => {
  const before = decided;
  const id = await askOnly(server, project_name, over);
  await expect.poll(() => decided, { timeout: 60_000 }).toBeGreaterThan(before);
  return id;
};
/** Whom mock mode texted about approvals, and about which project. */
const texts = (server: TestServer): string[] =>
  server.printed.flatMap((block) => {
    const [, to, project] = /^To: (\+\d+)\nMessage:\nTop Dog: an approval is waiting(?: \((.*)\))?\. Open /m.exec(block) ?? [];
    return to === undefined ? [] : [`${to} ${project ?? "-"}`];
  });
/** A text message is decided on in the order of the approvals: when this one came, those before it had their chance. */
const textsAreExactly = async (server: TestServer, expected: readonly string[]): Promise<void> =>
  expect.poll(() => texts(server), { timeout: 60_000 }).toEqual(expected);
const cards = async (server: TestServer): Promise<any[]> => (await server.local("GET", "/admin/approvals")).body.approvals;

const ADA = "+14155552671";
const BOB = "+14155552672";

describe("an approval that reaches nobody otherwise", () => {
  it("is announced by one text message, with nothing of its plan, once that is switched on", async () => {
    const server = await started({ PAIRING_BASE_URL: BASE });
    await paired(server, ADA);
    await ask(server, "not sent");
    expect((await server.local("POST", "/phone/devices/phone%20of%20ada/test-notification")).body.sms.state).toBe("off");
    const { settings } = (await server.local("GET", "/admin/settings")).body;
    expect(settings.find(({ name }: any) => name === "PAIRING_SMS_APPROVALS")).toMatchObject({
      kind: "flag",
      default: "0",
      group: "notifications",
    });
    expect((await server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_SMS_APPROVALS: "1" } } })).status).toBe(200);
    const id = await ask(server, "shop");
    await textsAreExactly(server, [`${ADA} shop`]);
    expect(server.printed.at(-1)).toContain(`Message:\nTop Dog: an approval is waiting (shop). Open ${BASE}/inbox\n=`);
    expect(server.printed.join("\n")).not.toContain("ecret");
    expect(server.audit().filter(({ event }) => event === "send_sms_approval")).toEqual([
      expect.objectContaining({ approval_id: id, user_id: "ada", device_id: "phone of ada", phone_number: "+1******2671", via: "mock" }),
    ]);
    // It is neither an invite nor a pairing session.
    expect((await server.local("GET", "/admin/overview")).body.invites).toHaveLength(1);
    const { sessions } = (await server.local("GET", "/phone/pairing/sessions")).body;
    expect(sessions.map(({ status }: any) => status)).toEqual(["accepted"]);
  });

  it("names its project by a name that is no link, and by none that costs a second message", async () => {
    const server = await started();
    await paired(server, ADA);
    for (const project of ["pay at evil.test/login\u202e", "Магазин", "https://evil.test"]) {
      await ask(server, project);
      now += 11 * MINUTE;
    }
    await textsAreExactly(server, [`${ADA} pay at`, `${ADA} -`, `${ADA} -`]);
  });

  it("is one text message for many, one for each number, and the next in ten minutes", async () => {
    const server = await started();
    await paired(server, ADA);
    await paired(server, ADA, "ada", "ada's tablet");
    await paired(server, BOB, "bob");
    for (let round = 0; round < 5; round += 1) await ask(server, `burst ${round}`);
    now += 9 * MINUTE;
    await ask(server, "too early");
    now += MINUTE + 1;
    await ask(server, "later");
    await expect
      .poll(() => [...texts(server)].sort(), { timeout: 60_000 })
      .toEqual([`${ADA} burst 0`, `${ADA} later`, `${BOB} burst 0`, `${BOB} later`].sort());
  });

  it("is one text message for a burst, named after no project of several, and for what still waits of it", async () => {
    const server = await started();
    await paired(server, ADA);
    const burst = async (...projects: readonly string[]): Promise<readonly string[]> => {
      let release: () => void = () => undefined;
      gathering = new Promise<void>((resolve) => (release = resolve));
      const before = decided;
      const ids: string[] = [];
      for (const project of projects) ids.push(await askOnly(server, project));
      if (projects.includes("withdrawn")) await server.local("DELETE", `/phone/approvals/${ids.at(-1)}`);
      release();
      await expect.poll(() => decided, { timeout: 60_000 }).toBeGreaterThan(before);
      now += 11 * MINUTE;
      return ids;
    };
    await burst("shop", "shop");
    await burst("shop", "bakery");
    await burst("garage", "withdrawn");
    await textsAreExactly(server, [`${ADA} shop`, `${ADA} -`, `${ADA} garage`]);
  });

  it("has a budget of its own, which a restart does not forgive", async () => {
    const env = { ...ON, PAIRING_SMS_PER_NUMBER_PER_DAY: "2", PAIRING_SMS_APPROVALS_PER_DAY: "2" };
    const first = await started(env);
    await paired(first, ADA);
    await ask(first, "one");
    await textsAreExactly(first, [`${ADA} one`]);
    await first.close();
    const second = await started({ ...env, PAIRING_STORAGE_PATH: first.folder });
    await ask(second, "in the same ten minutes");
    now += 11 * MINUTE;
    await ask(second, "two");
    await textsAreExactly(second, [`${ADA} two`]);
    await second.close();
    const third = await started({ ...env, PAIRING_STORAGE_PATH: first.folder });
    now += 11 * MINUTE;
    await ask(third, "a third one that day");
    // What pairing may send is counted by itself: one link was sent, and one more may be.
    const invite = async () => (await third.local("POST", "/phone/pairing/send-sms", { body: { phone_number: ADA, user_id: "ada" } })).body;
    expect([(await invite()).status, (await invite()).code]).toEqual(["pending", "sms_budget_exceeded"]);
    now += DAY;
    await ask(third, "the next day");
    await textsAreExactly(third, [`${ADA} the next day`]);
  });

  it("has a budget of the whole host, five times that of a number", async () => {
    const server = await started({ ...ON, PAIRING_SMS_APPROVALS_PER_DAY: "1" });
    const numbers = Array.from({ length: 7 }, (_, index) => `+1415555268${index}`);
    for (const [index, number] of numbers.entries()) await paired(server, number, `user ${index}`);
    await ask(server, "all");
    await expect.poll(() => server.audit().filter(({ event }) => event === "send_sms_approval").length, { timeout: 60_000 }).toBe(5);
    now += DAY;
    await ask(server, "tomorrow", { user_id: "user 6" });
    await expect.poll(() => texts(server).at(-1), { timeout: 60_000 }).toBe(`${numbers[6]} tomorrow`);
    expect(texts(server)).toHaveLength(6);
  });
});

describe("nobody is texted", () => {
  let service: PushService;
  beforeAll(async () => {
    service = await startPushService();
  });
  afterAll(async () => service.close());

  it("whose phone was in contact in the last two minutes, or whose other phone was", async () => {
    const server = await started();
    await paired(server, ADA);
    const tablet = await paired(server, "+14155552673", "ada", "ada's tablet");
    await server.phone("GET", "/phone/inbox", bearer(tablet));
    now += 2 * MINUTE - 1;
    await ask(server, "heard");
    now += 1;
    await ask(server, "silent");
    await expect.poll(() => [...texts(server)].sort(), { timeout: 60_000 }).toEqual([`${ADA} silent`, "+14155552673 silent"].sort());
  });

  it("who waits for messages at this moment", async () => {
    const server = await started();
    const token = await paired(server, ADA);
    const listen = vi.spyOn(server.pairing, "listenForMessages");
    const waiting = server.phone("GET", "/phone/inbox?wait=25", bearer(token));
    await vi.waitFor(() => expect(listen).toHaveBeenCalled(), { timeout: 60_000, interval: 2 });
    await ask(server, "waited for");
    expect((await waiting).body.messages).toHaveLength(1);
    now += 10 * MINUTE;
    await ask(server, "away");
    await textsAreExactly(server, [`${ADA} away`]);
  });

  it("whose phone was woken by push; one whose push service does not take it is", async () => {
    const server = await started({ ...ON, PAIRING_PUSH_SERVICES: service.address });
    const token = await paired(server, ADA);
    const phone = service.subscribe();
    await server.phone("POST", "/phone/push/subscription", { ...bearer(token), body: phone.subscription });
    now += 5 * MINUTE;
    await ask(server, "pushed");
    await expect.poll(() => phone.received.length, { timeout: 60_000 }).toBe(1);
    service.answer(phone, 500);
    await ask(server, "not taken");
    await textsAreExactly(server, [`${ADA} not taken`]);
  });

  it("whose phone was paired by QR code, or is suspended", async () => {
    const server = await started();
    const { body } = await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "ada" } });
    await server.phone("POST", "/phone/pairing/pair", {
      body: { ...phoneBody("", "by-qr"), invite_code: undefined, pairing_token: body.pairing_token },
    });
    await paired(server, "+14155552674", "eve");
    await paired(server, BOB, "bob");
    await server.local("POST", "/phone/devices/phone%20of%20eve/suspend");
    now += 5 * MINUTE;
    await ask(server, "shop");
    await textsAreExactly(server, [`${BOB} shop`]);
    expect(server.audit().filter(({ event }) => event === "send_sms_approval")).toHaveLength(1);
    const channelTo = async (id: string) => (await server.local("POST", `/phone/devices/${id}/test-notification`)).body.sms;
    expect(await channelTo("by-qr")).toMatchObject({ state: "no_number", sentence: expect.stringContaining("Pair it by text message") });
    expect(await channelTo("phone%20of%20bob")).toMatchObject({ state: "ready" });
  });

  it("in quiet hours that let nothing through", async () => {
    const server = await started({ ...ON, PAIRING_QUIET_HOURS: "11:00-13:00", PAIRING_QUIET_LET_URGENT_THROUGH: "0" });
    await paired(server, ADA);
    await ask(server, "at noon");
    now += HOUR;
    await ask(server, "after it");
    await textsAreExactly(server, [`${ADA} after it`]);
  });

  it("about news, whatever its priority", async () => {
    const server = await started();
    await paired(server, ADA);
    const changeEvents = { build_id: "b", project_name: "shop", status: "failure", message: "m", priority: "critical" };
    expect((await server.local("POST", "/phone/notifications/send", { body: changeEvents })).status).toBe(200);
    await ask(server, "approval");
    await textsAreExactly(server, [`${ADA} approval`]);
  });

  it("in a country that text messages may not go to", async () => {
    const server = await started();
    await paired(server, "+442079460958", "eve");
    await paired(server, ADA);
    await server.local("PATCH", "/admin/settings", { body: { values: { PAIRING_ALLOWED_COUNTRIES: "US" } } });
    await ask(server, "shop");
    await textsAreExactly(server, [`${ADA} shop`]);
    expect(server.audit().filter(({ event }) => event === "send_sms_approval")).toHaveLength(1);
  });
});

describe("through Twilio", () => {
  const SID = `AC${"0".repeat(32)}`;
  const TOKEN = `canary-token-${"a".repeat(20)}`;
  let twilio: TwilioDouble;
  beforeAll(async () => {
    twilio = await openTwilioDouble({ sid: SID, token: TOKEN });
  });
  afterAll(async () => twilio.close());
  afterEach(() => twilio.answer(ADA));
  const withTwilio = async (): Promise<TestServer> =>
    started({
      ...ON,
      SMS_PROVIDER: "twilio",
      TWILIO_ACCOUNT_SID: SID,
      TWILIO_AUTH_TOKEN: TOKEN,
      TWILIO_PHONE_NUMBER: "+15005550006",
      PAIRING_TWILIO_BASE_URL: twilio.url,
    });
  const smsOf = async (server: TestServer): Promise<any> => (await cards(server))[0].deliveries[0].sms;

  it("is followed until it has arrived, and the approval says so", async () => {
    const server = await withTwilio();
    await paired(server, ADA);
    await ask(server, "shop");
    await expect.poll(() => smsOf(server), { timeout: 60_000 }).toMatchObject({ state: "handed_over", more: true });
    const message = twilio.messages.at(-1)!;
    expect([message.form["To"], message.form["Body"]]).toEqual([ADA, `Top Dog: an approval is waiting (shop). Open ${BASE}/inbox`]);
    expect(Number(message.form["ValidityPeriod"])).toBeLessThanOrEqual(3600);
    expect(await twilio.report(message, "delivered", { via: server.phoneAddress })).toBe(204);
    expect(await smsOf(server)).toMatchObject({ state: "delivered" });
  });

  it("fails no approval: what became of it is in its delivery, the trail and the log, without the number", async () => {
    const server = await withTwilio();
    await paired(server, ADA);
    twilio.answer(ADA, [400, 21610, "Attempt to send to unsubscribed recipient"]);
    const id = await ask(server, "shop");
    await expect
      .poll(() => smsOf(server), { timeout: 60_000 })
      .toMatchObject({
        state: "failed",
        problem: expect.stringContaining("opted out"),
        details: { provider: "twilio", code: "21610" },
      });
    expect((await cards(server))[0]).toMatchObject({ approval_id: id, status: "pending", deliveries: [{ state: "waiting" }] });
    expect(server.audit().at(-1)).toMatchObject({
      event: "sms_failed",
      approval_id: id,
      reason: "sms_opted_out",
      phone_number: "+1******2671",
    });
    await server.close();
    const logs = readdirSync(server.folder, { recursive: true })
      .map((name) => path.join(server.folder, String(name)))
      .filter((file) => statSync(file).isFile() && /log|audit/.test(file))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    expect(logs).toContain("text message not sent");
    expect(logs).not.toContain(ADA);
  });
});
