import type { Browser } from "playwright-core";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { sharedBrowser } from "../browser.ts";
import { phoneBody, startServer } from "../http/server.ts";
import { connectPhone, hangUp } from "../mqtt/phone.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { type HostileTunnel, startHostileTunnel } from "./hostile-tunnel.ts";

let browser: Browser;
let tunnel: HostileTunnel;
beforeAll(async () => {
  browser = await sharedBrowser();
});
afterEach(async () => {
  hangUp();
  await tunnel.close();
});

const soon = { timeout: 60_000, interval: 50 };

it("stops neither pairing, nor messages, nor an approval, nor the end of it all", async () => {
  // Shorter than a long-poll: worse than any real one, so that waiting questions are dropped in the middle.
  tunnel = await startHostileTunnel(4000);
  const server = await startServer({ PAIRING_BASE_URL: tunnel.address, PAIRING_RATE_LIMIT_SCALE: "100000" });
  tunnel.pointAt(server.phoneAddress);
  const context = await browser.newContext({ ...PHONES.Pixel, ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);

  await page.goto(`${tunnel.address}/pair?code=${await server.invite()}`);
  await page.getByRole("button", { name: "Visit site" }).tap();
  await page.getByRole("button", { name: "Accept" }).tap();
  await page.getByRole("link", { name: "Open your inbox" }).tap();
  await page.locator("#connection", { hasText: "Connected" }).waitFor();

  // The app of another phone, over MQTT: its pings keep its socket.
  const invite = await server.invite(undefined, "ada");
  const accepted = await context.request.post(`${tunnel.address}/phone/pairing/accept-invite`, { data: phoneBody(invite, "app") });
  const { jwt_token: token, mqtt_url: url } = (await accepted.json()) as Record<string, string>;
  expect(url).toBe(`${tunnel.address.replace("https", "wss")}/mqtt`);
  const app = await connectPhone(String(url), { deviceId: "app", token, keepalive: 1, rejectUnauthorized: false });

  const before = tunnel.dropped();
  await vi.waitFor(() => expect(tunnel.dropped()).toBeGreaterThan(before), soon);
  const news = { all: true, build_id: "b-1", project_name: "shop", status: "failure", message: "2 tests failed", priority: "high" };
  await server.local("POST", "/phone/notifications/send", { body: news });
  await page.locator("#today li", { hasText: "2 tests failed" }).waitFor();
  expect((await app.receives(({ type }) => type === "notification")).payload.message).toBe("2 tests failed");

  const { body } = await server.local("POST", "/phone/approvals/request", {
    body: {
      all: true,
      build_id: "b-2",
      project_name: "shop",
      plan: "deploy",
      affected_files: [],
      estimated_duration: "1 min",
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
    },
  });
  const waiting = server.local("GET", `/phone/approvals/${body.approval_id}?wait=60`);
  await page.locator("#waiting").getByRole("link").first().tap();
  await page.getByRole("button", { name: "Reject…" }).tap();
  await page.getByRole("button", { name: "Reject", exact: true }).tap();
  expect((await waiting).body).toMatchObject({ status: "rejected" });
  expect(await app.receives(({ type }) => type === "approval_settled")).toMatchObject({ payload: { status: "rejected" } });

  for (const { device_id } of (await server.local("GET", "/phone/devices")).body)
    await server.local("DELETE", `/phone/devices/${device_id}`);
  await app.closed;
  await page.getByRole("heading", { name: "This phone was unpaired" }).waitFor();
  await context.close();
});
