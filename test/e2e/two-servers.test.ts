import type { Request } from "playwright-core";
import { afterEach, describe, expect, inject, it } from "vitest";
import { SCHEMA_VERSION } from "../../src/adapters/stores/postgres/migrations.ts";
import { sharedBrowser } from "../browser.ts";
import { startForwarder } from "../forwarder.ts";
import { phoneBody } from "../http/server.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { hasPostgres } from "../postgres.ts";
import { ask, dropDatabases, emptyDatabase } from "./databases.ts";
import { CLI, freshHome, type Headless, killServers, run, startHeadless } from "./headless.ts";
import { migrate, newDatabase } from "./servers-on-database.ts";

afterEach(async () => {
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

  it("are one to a phone's browser, whose page goes on at the other one when its own is killed in a long poll", async () => {
    const env = await newDatabase();
    const [a, b] = await Promise.all([startHeadless(freshHome(), env), startHeadless(freshHome(), env)]);
    // As a load balancer that takes one away: every connection goes to one server, and then to the other.
    let door = a.phoneAddress;
    const balancer = await startForwarder(() => Number(new URL(door).port));
    const address = `http://127.0.0.1:${balancer.port}`;
    const context = await (await sharedBrowser()).newContext({ ...PHONES.Pixel, locale: "en-US" });
    const send = async ({ localAddress }: Headless, message: string): Promise<void> => {
      const build = { build_id: "b", project_name: "p", status: "success", message, priority: "normal", action_required: false };
      expect((await ask(localAddress, "POST", "/phone/notifications/send", { ...build, user_id: "user123" })).status).toBe(200);
    };
    const invited = await ask(b.localAddress, "POST", "/phone/pairing/send-sms", { phone_number: "+14155552671", user_id: "user123" });
    const data = phoneBody(String(invited.body["invite_code"]), "phone-1");
    expect((await context.request.post(`${address}/phone/pairing/accept-invite`, { data })).status()).toBe(200);

    const page = await context.newPage();
    const waiting = new Set<Request>();
    page.on("request", (request) => request.url().includes("wait=") && waiting.add(request));
    page.on("requestfinished", (request) => waiting.delete(request));
    page.on("requestfailed", (request) => waiting.delete(request));
    await page.goto(`${address}/inbox`);
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    await send(b, "before");
    await page.getByText("before").waitFor();

    // Its next request waits, and can be at the one that is killed alone. A browser may ask again without a word to the page.
    await expect.poll(() => waiting.size).toBe(1);
    door = b.phoneAddress;
    a.child.kill("SIGKILL");
    for (const message of ["while nobody was reached", "after"]) await send(b, message);
    await page.getByText("after").waitFor();
    await page.locator("#connection", { hasText: "Connected" }).waitFor();
    await send(b, "at the end");
    await page.getByText("at the end").waitFor();
    const shown = async (): Promise<readonly (string | undefined)[]> =>
      (await page.locator(".message").allInnerTexts()).map((text) => /before|while nobody was reached|after|at the end/.exec(text)?.[0]);
    await expect.poll(shown).toEqual(["at the end", "after", "while nobody was reached", "before"]);
    await context.close();
    await balancer.stop();
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
