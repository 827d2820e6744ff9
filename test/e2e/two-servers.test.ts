import { afterEach, describe, expect, inject, it } from "vitest";
import { SCHEMA_VERSION } from "../../src/adapters/stores/postgres/migrations.ts";
import { sharedBrowser } from "../browser.ts";
import { phoneBody } from "../http/server.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { hasPostgres } from "../postgres.ts";
import { ask, dropDatabases, emptyDatabase } from "./databases.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";
import { hasNginx, startNginx, stopNginx } from "./nginx.ts";
import { migrate } from "./servers-on-database.ts";

afterEach(async () => {
  stopNginx();
  killServers();
  await dropDatabases();
});

describe.skipIf(!hasPostgres)("two servers on one database (Debian: apt-get install postgresql)", () => {
  it("invite at one, pair at the other, and refuse at the other what was revoked at the first", async () => {
    const url = await emptyDatabase();
    expect(await migrate({ PAIRING_DATABASE_URL: url })).toEqual({
      code: 0,
      printed: `The database's tables are now of version ${SCHEMA_VERSION}.\n`,
    });
    const env = { PAIRING_DATABASE_URL: url, PAIRING_LOCAL_AUTH: "off", PAIRING_JWT_PRIVATE_KEY: inject("signingKeys")[0] ?? "" };
    const [a, b] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    const me = async (server: Headless, token: string) => (await ask(server.phoneAddress, "GET", "/phone/me", undefined, token)).status;

    const invited = await ask(a.localAddress, "POST", "/phone/pairing/send-sms", { phone_number: "+14155552671", user_id: "user123" });
    expect(invited.status).toBe(200);
    const phone = { invite_code: invited.body["invite_code"], device_id: "phone-1", device_name: "Phone", device_type: "ios" };
    const [one, other] = await Promise.all(
      [b, a].map(async (server) => ask(server.phoneAddress, "POST", "/phone/pairing/accept-invite", phone)),
    );
    const accepted = [one, other].filter((answer) => answer?.status === 200);
    expect(accepted).toHaveLength(1);
    const token = String(accepted[0]?.body["jwt_token"]);
    expect([await me(a, token), await me(b, token)]).toEqual([200, 200]);

    // A phone that waits at one server gets what is sent at the other.
    const waiting = ask(b.phoneAddress, "GET", "/phone/inbox?since=0&wait=25", undefined, token);
    const build = { build_id: "b", project_name: "p", status: "success", message: "Done", priority: "normal", action_required: false };
    const sent = await ask(a.localAddress, "POST", "/phone/notifications/send", { ...build, user_id: "user123" });
    expect(sent.status).toBe(200);
    expect(await waiting).toMatchObject({ status: 200, body: { messages: [{ seq: 1 }] } });

    expect((await ask(a.localAddress, "DELETE", "/phone/devices/phone-1?user_id=user123")).status).toBeLessThan(300);
    expect([await me(a, token), await me(b, token)]).toEqual([401, 401]);

    a.child.kill("SIGTERM");
    b.child.kill("SIGKILL");
    const again = await startHeadless(freshHome(), env);
    expect(await me(again, token)).toBe(401);
  });

  it.skipIf(!hasNginx)("are one to a phone's browser, whose page goes on at the other one when its own is killed", async () => {
    const url = await emptyDatabase();
    await migrate({ PAIRING_DATABASE_URL: url });
    const env = { PAIRING_DATABASE_URL: url, PAIRING_LOCAL_AUTH: "off", PAIRING_JWT_PRIVATE_KEY: inject("signingKeys")[0] ?? "" };
    const [a, b] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    const { address } = await startNginx([a.phoneAddress, b.phoneAddress]);
    const context = await (await sharedBrowser()).newContext({ ...PHONES.Pixel, locale: "en-US" });
    const send = async (message: string): Promise<void> => {
      const build = { build_id: "b", project_name: "p", status: "success", message, priority: "normal", action_required: false };
      expect((await ask(b.localAddress, "POST", "/phone/notifications/send", { ...build, user_id: "user123" })).status).toBe(200);
    };
    const invited = await ask(b.localAddress, "POST", "/phone/pairing/send-sms", { phone_number: "+14155552671", user_id: "user123" });
    const data = phoneBody(String(invited.body["invite_code"]), "phone-1");
    expect((await context.request.post(`${address}/phone/pairing/accept-invite`, { data })).status()).toBe(200);

    const page = await context.newPage();
    await page.goto(`${address}/inbox`);
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    await send("before");
    await page.getByText("before").waitFor();
    a.child.kill("SIGKILL");
    await send("after");
    await page.getByText("after").waitFor();
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    await expect.poll(() => page.locator(".message").count()).toBe(2);
  });

  it("do not start without tables, and name the command; another migration changes nothing", async () => {
    const url = await emptyDatabase();
    const { code, printed } = await run([CLI, "serve"], {
      HOME: freshHome(),
      PAIRING_PORT: "0",
      PAIRING_PHONE_PORT: "0",
      PAIRING_DATABASE_URL: url,
    }).ended;
    expect(code).toBe(1);
    expect(printed).toMatch(/has no tables of Top Dog yet. Run topdog-phone migrate, then start again\.\n$/);
    await migrate({ PAIRING_DATABASE_MIGRATION_URL: url });
    expect(await migrate({ PAIRING_DATABASE_URL: url })).toEqual({
      code: 0,
      printed: `The database's tables were of version ${SCHEMA_VERSION} already. Nothing was changed.\n`,
    });
    expect((await migrate({})).printed).toMatch(/^No database is named/);
  });

  it("make the tables themselves where a setting says so", async () => {
    const server = await startHeadless(freshHome(), { PAIRING_DATABASE_URL: await emptyDatabase(), PAIRING_DATABASE_MIGRATE: "1" });
    expect((await fetch(`${server.localAddress}/readyz`)).status).toBe(200);
  });
});
