import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, expect, it } from "vitest";
import { type InboxState, inboxOf, withPage } from "../../src/phone/inbox/inbox-state.ts";
import { connectPhone, hangUp, urlOf } from "../mqtt/phone.ts";
import { startServer, type TestServer } from "./server.ts";

const GENEROUS = { PAIRING_RATE_LIMIT_SCALE: "100000" };
const AUDIT = /^pairing_audit.*\.jsonl$/;
const LOCK = /^pairing\.lock/;

const copies = new Set<string>();
afterEach(() => {
  hangUp();
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
  copies.clear();
});

function backUp(folder: string): string {
  const copy = mkdtempSync(path.join(tmpdir(), "topdog-backup-"));
  copies.add(copy);
  for (const name of readdirSync(folder)) if (!LOCK.test(name)) cpSync(path.join(folder, name), path.join(copy, name), { recursive: true });
  return copy;
}

function restore(copy: string, folder: string, keep?: RegExp): void {
  for (const name of readdirSync(folder)) if (!keep?.test(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  for (const name of readdirSync(copy)) if (!keep?.test(name)) cpSync(path.join(copy, name), path.join(folder, name), { recursive: true });
}

const start = async (folder?: string): Promise<TestServer> =>
  startServer({ ...GENEROUS, ...(folder === undefined ? {} : { PAIRING_STORAGE_PATH: folder }) });

async function say(server: TestServer, ...messages: readonly string[]): Promise<void> {
  for (const message of messages) {
    const body = { build_id: "b", project_name: "p", status: "success", message, priority: "high" };
    expect((await server.local("POST", "/phone/notifications/send", { body })).status).toBe(200);
  }
}

/** The inbox page on a phone: it keeps what it has over everything that happens to the computer. */
function openPage(token: string) {
  let inbox: InboxState | undefined;
  return {
    shown: () => (inbox?.items ?? []).map(({ payload }: any) => payload.message),
    /** Asks until there is nothing more, and answers what came, in order. */
    async asks(server: TestServer): Promise<string[]> {
      const get = async (target: string) => server.phone("GET", target, { headers: { authorization: `Bearer ${token}` } });
      inbox = inboxOf((await get("/phone/me")).body, inbox, Date.now());
      const came: string[] = [];
      for (;;) {
        const { status, body } = await get(`/phone/inbox?since=${inbox.next}`);
        expect(status).toBe(200);
        inbox = withPage(inbox, body, Date.now());
        came.push(...body.messages.map(({ payload }: any) => payload.message));
        if (body.messages.length === 0) return came;
      }
    },
  };
}

/** A phone's app that acknowledges what it receives, and first what it received before. */
function openApp(token: string) {
  let last = 0;
  return async (server: TestServer, count: number): Promise<string[]> => {
    const app = await connectPhone(urlOf(server), { token, deviceId: "app" });
    if (last > 0) await app.say("acknowledgment", { seq: last });
    await app.receivesMany(count);
    last = Math.max(...app.received.map(({ seq }) => seq));
    await app.say("acknowledgment", { seq: last });
    await expect.poll(async () => waitingFor(server, "app"), { timeout: 20_000, interval: 5 }).toBe(0);
    await app.leave();
    return app.received.map(({ payload }) => payload.message);
  };
}

async function waitingFor(server: TestServer, device: string): Promise<number> {
  const { body } = await server.local("GET", "/admin/notifications");
  const ways: any[] = body.notifications.flatMap(({ deliveries }: any) => deliveries);
  return ways.filter(({ device_id, state }) => device_id === device && state === "waiting").length;
}

it.each([
  ["the whole folder, copied while the server was stopped", { stopped: true, keep: undefined }],
  ["the whole folder, copied while the server ran", { stopped: false, keep: undefined }],
  ["all but the audit trail", { stopped: true, keep: AUDIT }],
])("phones get each new message once after a backup was restored: %s", async (_, { stopped, keep }) => {
  let server = await start();
  const { folder } = server;
  const early = openPage(await server.pair("early", "ada"));
  const late = openPage(await server.pair("late", "ada"));
  const receives = openApp(await server.pair("app", "ada"));
  const gone = await server.pair("gone", "ada");
  await say(server, "first", "second");
  expect(await early.asks(server)).toEqual(["first", "second"]);
  expect(await late.asks(server)).toEqual(["first", "second"]);
  expect(await receives(server, 2)).toEqual(["first", "second"]);

  if (stopped) await server.close();
  const backup = backUp(folder);
  if (stopped) server = await start(folder);
  const lost = ["lost 1", "lost 2", "lost 3"];
  await say(server, ...lost);
  for (const page of [early, late]) expect(await page.asks(server)).toEqual(lost);
  expect(await receives(server, 3)).toEqual(lost);
  await server.local("DELETE", "/phone/devices/gone");
  await server.close();

  restore(backup, folder, keep);
  server = await start(folder);
  // It asks before there is anything new: what is stored is sent again, and shown once.
  await early.asks(server);
  expect(early.shown()).toEqual(["first", "second"]);
  const anew = ["new 1", "new 2", "new 3", "new 4", "new 5", "new 6"];
  await say(server, ...anew.slice(0, 4));
  expect(await early.asks(server)).toEqual(anew.slice(0, 4));
  // Another start in between changes nothing.
  await server.close();
  const printed = server.printed.filter((line) => line.includes("older than the audit log"));
  server = await start(folder);
  await say(server, ...anew.slice(4));
  expect(await early.asks(server)).toEqual(anew.slice(4));
  expect(await late.asks(server)).toEqual(anew);
  expect(await receives(server, anew.length)).toEqual(anew);
  expect(early.shown()).toEqual(["first", "second", ...anew]);
  expect(late.shown()).toEqual(["first", "second", ...lost, ...anew]);

  // Only a trail that was not restored along shows that changes are missing: that phone was revoked.
  const back = await server.phone("GET", "/phone/me", { headers: { authorization: `Bearer ${gone}` } });
  expect(back.status).toBe(200);
  const reported = server.audit().filter(({ event }) => event === "state_rolled_back");
  if (keep) {
    const revoked = Number(server.audit().find(({ event }) => event === "revoke_device")?.["seq"]);
    expect(printed).toEqual([
      expect.stringMatching(/^⚠ The state is older than the audit log: 1 change is missing .*revoked.*list of phones/),
    ]);
    expect(reported).toEqual([expect.objectContaining({ seq: revoked + 1, reason: `1 change is missing: line ${revoked}` })]);
  } else expect([printed, reported]).toEqual([[], []]);
  expect(server.printed.join("\n")).not.toContain("older than the audit log");
});

it("a number that was never given acknowledges nothing, over HTTP and over MQTT", async () => {
  const server = await start();
  const token = await server.pair("phone", "ada");
  const headers = { authorization: `Bearer ${token}` };
  await say(server, "one", "two");
  expect((await server.phone("POST", "/phone/inbox/acknowledge", { headers, body: { seq: 99 } })).status).toBe(204);
  expect(await waitingFor(server, "phone")).toBe(2);
  const app = await connectPhone(urlOf(server), { token, deviceId: "phone" });
  await app.say("acknowledgment", { seq: 99 });
  await app.receivesMany(2);
  await say(server, "three");
  await app.receivesMany(3);
  await expect.poll(async () => waitingFor(server, "phone"), { timeout: 20_000, interval: 5 }).toBe(0);
  expect(app.received.map(({ payload }) => payload.message)).toEqual(["one", "two", "three"]);
});
