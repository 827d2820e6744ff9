import type { Browser, Page } from "playwright-core";
import { afterEach, beforeAll, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";
import { type Visit, visit } from "./phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function inboxOf(server: TestServer): Promise<Visit> {
  const made = await visit(browser, "Pixel", server.phoneAddress);
  opened.push(made.context);
  await made.context.request.post(`${server.phoneAddress}/phone/pairing/accept-invite`, {
    data: phoneBody(await server.invite(), "phone-1"),
  });
  await made.page.goto(`${server.phoneAddress}/inbox`);
  await made.page.locator("#connection", { hasText: "Connected" }).waitFor();
  return made;
}
const notify = (server: TestServer, project_name: string, message: string) =>
  server.local("POST", "/phone/notifications/send", { body: { build_id: "b", project_name, status: "success", message } });
/** A finger that goes from one point to another, and is lifted there. */
async function drag(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const send = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: { x: number; y: number }[]) =>
    session.send("Input.dispatchTouchEvent", { type, touchPoints });
  await send("touchStart", [{ x: from[0], y: from[1] }]);
  for (const share of [0.2, 0.4, 0.6, 0.8, 1])
    await send("touchMove", [{ x: from[0] + (to[0] - from[0]) * share, y: from[1] + (to[1] - from[1]) * share }]);
  await send("touchEnd", []);
}

it("can be emptied by buttons and by a swipe, and the history keeps and finds everything", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
  const { page, complaints } = await inboxOf(server);
  for (const project of ["shop", "lake", "pier"]) await notify(server, project, `${project} is built.`);
  const rows = page.locator("#today li");
  await expect.poll(() => rows.count()).toBe(3);
  await rows.filter({ hasText: "pier is built." }).getByRole("button", { name: "Done" }).tap();
  await expect.poll(() => rows.count()).toBe(2);
  const { x, y, width, height } = (await rows.first().boundingBox())!;
  await drag(page, [x + width * 0.8, y + height / 2], [x + width * 0.2, y + height / 2]);
  await expect.poll(() => rows.count()).toBe(1);
  await page.reload();
  await expect.poll(() => rows.count()).toBe(1);
  await rows.getByRole("button", { name: "Done" }).tap();
  await page.getByRole("link", { name: "See the history" }).tap();
  await expect.poll(() => page.locator(".days li").count()).toBe(3);
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("History");
  await expect.poll(() => page.title()).toBe("History · Top Dog");
  await page.getByLabel("Search the history").fill("LAKE built");
  await expect.poll(() => page.locator(".days li").allInnerTexts()).toEqual([expect.stringContaining("lake is built.")]);
  await page.getByRole("status").getByText("1 of 3 message").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.getByLabel("Search the history").fill("<b>nothing</b>");
  await page.getByText("Nothing matches “<b>nothing</b>”.").waitFor();
  expect(await axe(page)).toEqual([]);
  expect(complaints).toEqual([]);
});

it("asks the computer again when it is pulled down, or by the button", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
  const { page, requests } = await inboxOf(server);
  const asked = (): number => requests.filter(({ url }) => url === "/phone/me").length;
  const before = asked();
  await page.getByRole("button", { name: "Refresh" }).tap();
  await expect.poll(asked).toBe(before + 1);
  await page.locator("#polite", { hasText: "Up to date." }).waitFor({ state: "attached" });
  await drag(page, [200, 200], [200, 240]);
  await drag(page, [200, 200], [200, 400]);
  await expect.poll(asked).toBe(before + 2);
});

it("does not claim that nothing waits while nobody knows", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "100000" });
  const { page } = await inboxOf(server);
  await page.getByText("Nothing is waiting for you", { exact: true }).waitFor();
  await page.route("**/phone/**", (route) => route.abort());
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  await page.locator("#away", { hasText: "Can't reach Top Dog since" }).waitFor();
  await expect.poll(() => page.getByText("Nothing is waiting for you", { exact: true }).isVisible()).toBe(false);
});
