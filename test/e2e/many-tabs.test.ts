import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { launchBrowser } from "../browser.ts";
import { phoneBody, startServer, type TestServer } from "../http/server.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser(["--host-resolver-rules=MAP devbox 127.0.0.1"]);
});
afterAll(() => browser.close());

const TABS = 8;
const PATIENT = { timeout: 60_000 };

async function pairPhone(server: TestServer, name: string): Promise<void> {
  await server.phone("POST", "/phone/pairing/accept-invite", { body: { ...phoneBody(await server.invite(), name), device_name: name } });
}

/** Everywhere without a reload: the news arrived. */
async function isShownIn(pages: readonly Page[], name: string): Promise<void> {
  await Promise.all(pages.map((page) => page.locator(".device").getByRole("heading", { name }).waitFor(PATIENT)));
}

async function openTabs(address: string): Promise<{ readonly pages: Page[]; readonly streams: () => number }> {
  const context = await browser.newContext({ locale: "en-US" });
  const open = new Set<object>();
  context.on("request", (request) => request.url().endsWith("/news") && open.add(request));
  context.on("requestfinished", (request) => void open.delete(request));
  context.on("requestfailed", (request) => void open.delete(request));
  const pages: Page[] = [];
  for (let tab = 0; tab < TABS; tab += 1) {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENT.timeout);
    await page.goto(address);
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    pages.push(page);
  }
  return { pages, streams: () => open.size };
}

it("eight tabs load, hear what changes and get their answers, over one event stream", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" });
  const { pages, streams } = await openTabs(`${server.localAddress}/`);
  await expect.poll(streams, PATIENT).toBe(1);
  await pairPhone(server, "First phone");
  await isShownIn(pages, "First phone");

  // No request waits for a connection, in any tab.
  for (const [index, page] of pages.entries()) {
    await page.getByRole("button", { name: /^Rename: / }).click();
    await page.getByLabel("Name of this phone").fill(`Renamed in tab ${index}`);
    await page.keyboard.press("Enter");
    await isShownIn(pages, `Renamed in tab ${index}`);
  }
  expect(streams()).toBe(1);

  // Whichever tab has the stream, it may be closed.
  for (let left = TABS; left > 1; left -= 1) {
    await pages.shift()?.close();
    await expect.poll(streams, PATIENT).toBe(1);
    await pairPhone(server, `With ${left - 1} tabs left`);
    await isShownIn(pages, `With ${left - 1} tabs left`);
  }
});

it("tabs say that the connection is lost, and are live again after a restart", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" });
  const { pages } = await openTabs(`${server.localAddress}/`);
  const { port } = new URL(server.localAddress);
  await server.close();
  await Promise.all(pages.map((page) => page.getByText("Connection lost, trying again").waitFor()));
  const again = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_STORAGE_PATH: server.folder, PAIRING_PORT: port });
  await Promise.all(pages.map((page) => page.getByText("Connection lost, trying again").waitFor({ state: "detached" })));
  await pairPhone(again, "After the restart");
  await isShownIn(pages, "After the restart");
});

it("a tab without locks has its own stream while it is visible, and catches up when it is shown again", async () => {
  const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000", PAIRING_ALLOWED_HOSTS: "devbox" });
  const context = await browser.newContext({ locale: "en-US" });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENT.timeout);
  let closed = 0;
  page.on("requestfailed", (request) => {
    if (request.url().endsWith("/news")) closed += 1;
  });
  await page.goto(`http://devbox:${new URL(server.localAddress).port}/`);
  expect(await page.evaluate(() => "locks" in navigator)).toBe(false);
  await page.getByRole("heading", { name: "Paired phones" }).waitFor();
  await pairPhone(server, "While it is visible");
  await isShownIn([page], "While it is visible");

  const turn = (state: "hidden" | "visible"): Promise<void> =>
    page.evaluate((now) => {
      Object.defineProperty(document, "visibilityState", { configurable: true, get: () => now });
      document.dispatchEvent(new Event("visibilitychange"));
    }, state);
  await turn("hidden");
  await expect.poll(() => closed, PATIENT).toBe(1);
  await pairPhone(server, "While it is hidden");
  await turn("visible");
  await isShownIn([page], "While it is hidden");
  await context.close();
});
