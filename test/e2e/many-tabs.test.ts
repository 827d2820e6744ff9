import type { Browser, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { sharedBrowser } from "../browser.ts";
import { startServer } from "../http/server.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

/** More than the six connections that a browser has to one address over HTTP/1.1. */
const TABS = 8;

it("the settings page works in eight tabs at once: each loads, acts, and shows what happens later", async () => {
  const server = await startServer({ ADMIN_TOKEN: "" });
  await server.pair("phone-1");
  const context = await browser.newContext();
  const errors: string[] = [];
  const tabs: Page[] = [];
  for (let tab = 0; tab < TABS; tab += 1) {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    page.on("pageerror", (error) => errors.push(error.message));
    await page.goto(server.pageAddress);
    // One after another, as a person opens them: none waits for one before it.
    await page.locator(".device").waitFor();
    tabs.push(page);
  }
  const inAll = async (check: (page: Page) => Promise<unknown>): Promise<void> => void (await Promise.all(tabs.map(check)));
  const rename = (device_name: string): Promise<unknown> => server.local("PATCH", "/phone/devices/phone-1", { body: { device_name } });

  await rename("Renamed by a script");
  await inAll((page) => page.getByRole("heading", { name: "Renamed by a script" }).waitFor());

  // The last tab changes something, and all others show it.
  const last = tabs.at(-1);
  await last?.getByRole("button", { name: "Rename: Renamed by a script" }).click();
  await last?.getByLabel("Name of this phone").fill("Renamed in a tab");
  await last?.keyboard.press("Enter");
  await inAll((page) => page.getByRole("heading", { name: "Renamed in a tab" }).waitFor());

  // The first tab holds the connection. When it is closed, the next one takes over.
  await tabs.shift()?.close();
  await rename("Renamed again");
  await inAll((page) => page.getByRole("heading", { name: "Renamed again" }).waitFor());

  // Tabs that are reloaded together load as well.
  await inAll((page) => page.reload());
  await inAll((page) => page.getByRole("heading", { name: "Renamed again" }).waitFor());
  await server.pair("phone-2");
  await inAll((page) => page.getByText("2 phones").waitFor());
  expect(errors).toEqual([]);
  await context.close();
}, 120_000);
