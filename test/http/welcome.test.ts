import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { phoneBody, startServer, type TestServer } from "./server.ts";

/** Nobody has chosen who sends text messages: not in the environment either. */
const FRESH = { SMS_PROVIDER: "" };
const isShown = async ({ local }: TestServer): Promise<boolean> => (await local("GET", "/admin/overview")).body.welcome;
const show = async ({ local }: TestServer, shown: unknown) => local("PATCH", "/admin/welcome", { body: { shown } });
const again = async (server: TestServer, env: Record<string, string> = FRESH): Promise<TestServer> => {
  await server.close();
  return startServer({ ...env, PAIRING_STORAGE_PATH: server.folder });
};
const fileOf = ({ folder }: TestServer): string => path.join(folder, "page.json");

describe("the welcome", () => {
  it("is shown on a new computer until somebody has been through it, and comes back when it is asked for", async () => {
    const first = await startServer(FRESH);
    expect(await isShown(first)).toBe(true);
    expect((await show(first, false)).body).toEqual({ shown: false });
    expect(await isShown(first)).toBe(false);
    expect(statSync(fileOf(first)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(fileOf(first), "utf8"))).toEqual({ welcome: "seen" });

    const second = await again(first);
    expect(await isShown(second)).toBe(false);
    expect((await show(second, true)).status).toBe(200);
    // It is shown on request, with or without paired phones.
    await second.pair();
    const third = await again(second);
    expect(await isShown(third)).toBe(true);
  });

  it("goes on while its own steps set things up", async () => {
    const server = await startServer(FRESH);
    expect(await isShown(server)).toBe(true);
    await server.local("PATCH", "/admin/sms", { body: { provider: "mock" } });
    expect(await isShown(server)).toBe(true);
  });

  it("is not shown where somebody was at work before: a phone, an invite, or a provider that was chosen", async () => {
    const paired = await startServer(FRESH);
    const code = await paired.invite();
    await paired.phone("POST", "/phone/pairing/accept-invite", { body: phoneBody(code) });
    expect(await isShown(paired)).toBe(false);

    const chosen = await startServer(FRESH);
    await chosen.local("PATCH", "/admin/sms", { body: { provider: "mock" } });
    expect(await isShown(await again(chosen))).toBe(false);

    const invited = await startServer(FRESH);
    await invited.invite();
    expect(await isShown(await again(invited))).toBe(false);

    expect(await isShown(await startServer({ SMS_PROVIDER: "mock" }))).toBe(false);
  });

  it("keeps nobody from anything when its file is damaged: that is written to the log", async () => {
    const first = await startServer(FRESH);
    writeFileSync(fileOf(first), '{"welcome": "perhaps"}');
    const second = await again(first);
    expect(await isShown(second)).toBe(false);
    expect((await show(second, true)).status).toBe(200);
    expect(await isShown(await again(second))).toBe(true);
    const log = readFileSync(path.join(second.folder, "logs/Top Dog-topdog.log"), "utf8");
    expect(log).toContain("what the settings page remembered cannot be read");
  });

  it("refuses anything but yes or no, and the admin gate stands before it", async () => {
    const server = await startServer({ ...FRESH, PHONE_DEVICES_REQUIRE_ADMIN: "1", ADMIN_TOKEN: "t".repeat(32) });
    const asked = async (headers: Record<string, string>, body: unknown) =>
      (await server.local("PATCH", "/admin/welcome", { headers, body })).status;
    expect(await asked({}, { shown: false })).toBe(401);
    expect(await asked({ "x-admin-token": "t".repeat(32) }, { shown: "no" })).toBe(400);
    expect(await asked({ "x-admin-token": "t".repeat(32) }, { shown: false })).toBe(200);
  });
});
