import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { createMemoryStore } from "../../src/adapters/stores/memory/memory-store.ts";
import { startPushService } from "../doubles/push-service.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

const MINUTE = 60_000;
const BASE = "https://pair.example.com";
const TOKEN = "b7d1e2f3a4958677b7d1e2f3a4958677";

function movedClock() {
  let ahead = 0;
  return {
    clock: { now: () => Date.now() + ahead, steady: () => performance.now() + ahead },
    later: (minutes: number): void => {
      ahead += minutes * MINUTE;
    },
  };
}

async function world(env: Record<string, string> = {}) {
  const { clock, later } = movedClock();
  return { server: await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000", ...env }, { clock }), later };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const accept = async (server: TestServer, code: string, device: string, key?: string) =>
  server.phone("POST", "/phone/pairing/accept-invite", {
    body: phoneBody(code, device),
    ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
  });
const alertsIn = async (server: TestServer, token: string): Promise<Record<string, unknown>[]> =>
  (await server.phone("GET", "/phone/inbox", bearer(token))).body.messages.map(({ payload }: { payload: object }) => payload);
const shown = async (server: TestServer, headers = {}): Promise<Record<string, unknown>[]> =>
  (await server.local("GET", "/admin/overview", { headers })).body.alerts;
const audited = (server: TestServer) => server.audit().filter(({ event }) => event === "alert_raised");
const logOf = ({ folder }: TestServer): string => readFileSync(path.join(folder, "logs/Top Dog-topdog.log"), "utf8");

const LINK_USED =
  "The link that paired John's iPhone was used again from another phone, and refused. Is John's iPhone not yours? Revoke it in Top Dog on your computer, under Paired phones.";

it("a link that is used again from another phone is reported at the computer, in the log and trail, and to the user's other phones", async () => {
  const service = await startPushService();
  onTestFinished(service.close);
  const { server } = await world({ PAIRING_BASE_URL: BASE, PAIRING_PUSH_SERVICES: service.address });
  const [old, view, foreign] = [await server.pair("old"), await server.pair("view", "user123", "view"), await server.pair("hers", "eve")];
  const browser = service.subscribe();
  await server.phone("POST", "/phone/push/subscription", { ...bearer(old), body: browser.subscription });
  const code = await server.invite();
  const first = await accept(server, code, "new");
  expect((await accept(server, code, "another")).body.code).toBe("invite_already_used");

  expect(await shown(server)).toEqual([
    { alert_id: expect.any(String), kind: "link_used_again", at: expect.any(String), sentence: LINK_USED, device_id: "new" },
  ]);
  expect(audited(server)).toEqual([
    expect.objectContaining({ reason: "link_used_again", user_id: "user123", device_id: "new", ip: "127.0.0.1" }),
  ]);
  for (const token of [old, view])
    expect(await alertsIn(server, token)).toEqual([
      expect.objectContaining({ alert: "link_used_again", message: LINK_USED, priority: "critical", action_required: true }),
    ]);
  expect(await alertsIn(server, foreign)).toEqual([]);
  expect(await alertsIn(server, first.body.jwt_token)).toEqual([]);
  await service.came(1);
  expect(browser.received.map(({ body }) => body)).toEqual([{ kind: "alert", id: expect.any(String), project: "Top Dog" }]);
  await server.close();
  expect(logOf(server)).toContain("was used again from another phone");
});

it("the same phone that asks again, or repeats its request, is no alert; nor is a link that paired nobody", async () => {
  const { server } = await world();
  const code = await server.invite();
  expect((await accept(server, code, "new", "key")).status).toBe(200);
  expect((await accept(server, code, "new", "key")).status).toBe(200);
  expect((await accept(server, code, "new")).status).toBe(409);
  const cancelled = await server.invite();
  await server.local("DELETE", `/phone/pairing/invite/${cancelled}`);
  expect((await accept(server, cancelled, "another")).status).toBe(410);
  expect([await shown(server), audited(server)]).toEqual([[], []]);
});

it("a forwarded link that fifty phones try at once is one alert, and the next comes ten minutes later at the earliest", async () => {
  const { server, later } = await world();
  const old = await server.pair("old");
  const code = await server.invite();
  const race = async () => Promise.all(Array.from({ length: 50 }, async (_, phone) => accept(server, code, `phone-${phone}`)));
  expect((await race()).filter(({ status }) => status === 200)).toHaveLength(1);
  const kinds = async () => (await alertsIn(server, old)).map(({ alert }) => alert);
  expect([await kinds(), (await shown(server)).length, audited(server).length]).toEqual([["link_used_again"], 1, 1]);
  later(9);
  await race();
  expect(audited(server)).toHaveLength(1);
  later(1);
  await race();
  expect([await kinds(), (await shown(server)).length, audited(server).length]).toEqual([["link_used_again", "link_used_again"], 2, 2]);
});

it("a new phone is reported to the user's phones that were there before, and not to itself", async () => {
  const { server, later } = await world();
  const old = await server.pair("old");
  // Set up together: neither reports the other.
  const second = await server.pair("second");
  expect([await alertsIn(server, old), await alertsIn(server, second)]).toEqual([[], []]);
  later(11);
  const third = await server.pair("third");
  const alert = expect.objectContaining({
    alert: "phone_paired",
    status: "success",
    message: "A new phone is paired: John's iPhone. Not you? Revoke it in Top Dog on your computer, under Paired phones.",
  });
  for (const token of [old, second]) expect(await alertsIn(server, token)).toEqual([alert]);
  expect(await alertsIn(server, third)).toEqual([]);
  later(11);
  // One that a program invited waits, and gets nothing itself.
  const { body } = await server.local("POST", "/phone/pairing/send-sms", {
    headers: { "x-window-key": "" },
    body: { phone_number: "+14155559999", user_id: "user123" },
  });
  await accept(server, body.invite_code, "waits");
  expect((await alertsIn(server, old)).at(-1)).toMatchObject({
    alert: "phone_paired",
    message: "A new phone waits for a confirmation: John's iPhone. Not you? Revoke it in Top Dog on your computer, under Paired phones.",
  });
  // The computer lists its phones anyway.
  expect([await shown(server), audited(server)]).toEqual([[], []]);
});

it("a new phone that was confirmed by its digits is reported as well", async () => {
  const { server, later } = await world({ PAIRING_CONFIRM: "always" });
  const pair = async (device: string): Promise<string> => {
    const { claim_id, claim_secret, digits } = (await accept(server, await server.invite(), device)).body;
    expect((await server.local("POST", "/admin/claims/confirm", { body: { digits } })).status).toBe(200);
    return (await server.phone("POST", `/phone/pairing/claims/${claim_id}`, { body: { claim_secret } })).body.jwt_token;
  };
  const old = await pair("old");
  later(11);
  const next = await pair("next");
  expect((await alertsIn(server, old)).map(({ alert }) => alert)).toEqual(["phone_paired"]);
  expect(await alertsIn(server, next)).toEqual([]);
});

it("five wrong admin tokens in a minute are reported once, to the phones of the computer's user", async () => {
  const { server, later } = await world({ ADMIN_TOKEN: TOKEN, PHONE_DEVICES_REQUIRE_ADMIN: "1" });
  const [own, foreign] = [await server.pair("own"), await server.pair("hers", "eve")];
  const guess = async (token: string) => (await server.local("GET", "/phone/devices", { headers: { "x-admin-token": token } })).status;
  for (let n = 0; n < 4; n += 1) expect(await guess(`wrong ${n}`)).toBe(403);
  expect(audited(server)).toEqual([]);
  expect([await guess("wrong"), await guess("wrong")]).toEqual([403, 429]);
  const sentence =
    "Several wrong admin tokens came from 127.0.0.1 within a minute. Not you? Find out which program or person it was, and replace the admin token.";
  expect(audited(server)).toEqual([expect.objectContaining({ reason: "wrong_admin_tokens", ip: "127.0.0.1" })]);
  expect(await alertsIn(server, own)).toEqual([]);
  expect(await alertsIn(server, foreign)).toEqual([]);
  later(61);
  await server.local("DELETE", "/phone/devices/hers", { headers: { "x-admin-token": TOKEN } });
  for (let n = 0; n < 5; n += 1) await guess(`wrong again ${n}`);
  expect(await alertsIn(server, own)).toEqual([expect.objectContaining({ alert: "wrong_admin_tokens", message: sentence })]);
  later(61);
  expect((await shown(server, { "x-admin-token": TOKEN })).map(({ kind }) => kind)).toEqual(["wrong_admin_tokens", "wrong_admin_tokens"]);
});

it("an alert that cannot be written fails nothing: a phone is paired, and the second is refused", async () => {
  const memory = createMemoryStore();
  const broken = async (): Promise<never> => {
    throw new Error("the disk is away");
  };
  const { later, clock } = movedClock();
  const store = { ...memory, sendMessage: broken, appendAudit: broken, checkHeld() {}, warnings: [] };
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" }, { clock, openStore: async () => store });
  await server.pair("old");
  later(61);
  const code = await server.invite();
  expect((await accept(server, code, "new")).status).toBe(200);
  expect((await accept(server, code, "another")).body.code).toBe("invite_already_used");
  // The computer shows it all the same.
  expect((await shown(server)).map(({ kind }) => kind)).toEqual(["link_used_again"]);
});
