import { expect, it } from "vitest";
import { startServer, type TestServer } from "./server.ts";

const NUMBER = "+14155551234";
/** In the middle of a second: times are shown in whole ones, and none of them may be too early. */
const START = Date.parse("2026-11-24T12:00:00.400Z");

async function open(env: Record<string, string> = {}) {
  let now = START;
  const server = await startServer(env, { clock: { now: () => now, steady: () => now } });
  const send = async () => server.local("POST", "/phone/pairing/send-sms", { body: { phone_number: NUMBER, user_id: "user123" } });
  const code: string = (await send()).body.invite_code;
  return {
    server,
    code,
    send,
    resend: async () => server.local("POST", `/phone/pairing/resend-sms/${code}`),
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    secondsFromStart: async () => {
      const resendAt = await resendAfter(server);
      return resendAt === undefined ? undefined : (Date.parse(resendAt) - Date.parse("2026-11-24T12:00:00Z")) / 1000;
    },
  };
}

/** What all windows show of the oldest invite, however they ask. */
async function resendAfter(server: TestServer): Promise<string | undefined> {
  const overview = (await server.local("GET", "/admin/overview")).body.invites.at(-1);
  const whole = (await server.local("GET", "/phone/pairing/sessions")).body.sessions.at(-1);
  const page = (await server.local("GET", "/phone/pairing/sessions?limit=100")).body.sessions.at(-1);
  expect([whole.resend_after, page.resend_after]).toEqual([overview.resend_after, overview.resend_after]);
  return overview.resend_after;
}

it("gives each message of a link time to arrive before the next, and shows every window until when", async () => {
  const { server, resend, pass, secondsFromStart } = await open();
  const texts = () => server.printed.filter((line) => line.includes("MOCK SMS")).length;
  const resent = () => server.audit().filter(({ event }) => event === "resend_sms_invite").length;

  expect(await secondsFromStart()).toBe(31);
  pass(1);
  const early = await resend();
  expect([early.status, early.headers["content-type"], early.headers["retry-after"]]).toEqual([429, "application/problem+json", "30"]);
  expect(early.body).toMatchObject({ code: "rate_limited", status: 429, detail: expect.stringContaining("time to arrive") });
  expect([texts(), resent()]).toEqual([1, 0]);
  // 12:00:31, as was shown.
  pass(29.6);
  expect((await resend()).status).toBe(200);
  expect([texts(), resent(), await secondsFromStart()]).toEqual([2, 1, 91]);
  pass(59);
  expect([(await resend()).headers["retry-after"], texts()]).toEqual(["1", 2]);
  pass(1);
  expect((await resend()).status).toBe(200);
  // No further text to this number within ten minutes of the first: that comes later than the two minutes of the third message.
  expect(await secondsFromStart()).toBe(601);
  pass(200);
  expect(await resend()).toMatchObject({ status: 429, body: { code: "sms_budget_exceeded" } });
  pass(309.4);
  expect([(await resend()).status, texts()]).toEqual([200, 4]);
});

it("waits two minutes from the third message on", async () => {
  const { resend, pass, secondsFromStart } = await open();
  pass(300);
  await resend();
  pass(301);
  await resend();
  expect(await secondsFromStart()).toBe(601 + 121);
  pass(119);
  expect((await resend()).body.code).toBe("rate_limited");
});

it("does not outlast a clock that was set back, and begins anew with the next message", async () => {
  const { resend, pass, secondsFromStart } = await open();
  const DAY = 24 * 60 * 60;
  pass(1 - DAY);
  expect(await secondsFromStart()).toBeLessThan(2);
  expect((await resend()).status).toBe(200);
  expect((await resend()).headers["retry-after"]).toBe("61");
  expect(await secondsFromStart()).toBe(62 - DAY);
  pass(61);
  expect((await resend()).status).toBe(200);
});

it("keeps nobody from a new link for the same number, and says nothing of links that are over or were never texted", async () => {
  const { server, code, send, pass } = await open();
  pass(1);
  expect((await send()).status).toBe(200);
  await server.local("DELETE", `/phone/pairing/invite/${code}`);
  expect(await resendAfter(server)).toBeUndefined();
  pass(16 * 60);
  await server.local("POST", "/phone/pairing/generate-qr", { body: { user_id: "user123" } });
  const { invites } = (await server.local("GET", "/admin/overview")).body;
  expect(invites.map(({ method, status, resend_after }: Record<string, string>) => [method, status, resend_after])).toEqual([
    ["qr", "pending", undefined],
    ["sms", "expired", undefined],
    ["sms", "cancelled", undefined],
  ]);
});

it("scales with the request limits, and never to a longer wait", async () => {
  const wide = await open({ PAIRING_RATE_LIMIT_SCALE: "1000" });
  expect(await wide.secondsFromStart()).toBe(0);
  expect((await wide.resend()).status).toBe(200);
  const narrow = await open({ PAIRING_RATE_LIMIT_SCALE: "0.2" });
  expect(await narrow.secondsFromStart()).toBe(31);
});
