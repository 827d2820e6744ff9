import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { MINUTE } from "../../src/core/index.ts";
import { axe } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages("settings");

const LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0";

/** Opens pages in browsers, in this order: the page of the test is the last one, or as one of them. */
async function openWindows({ windows, clock, actAs }: Topdog): Promise<void> {
  clock.move(-181 * MINUTE);
  const edge = await windows.open({ ua: WINDOWS });
  clock.move(60 * MINUTE);
  await windows.isOpen(edge.key);
  clock.move(121 * MINUTE);
  await windows.open({ ua: "curl/8.5 \u202e<b>" });
  await windows.open({});
  actAs((await windows.open({ ua: LINUX })).key);
}

async function open(choice: OpenChoice = { prepare: openWindows }) {
  const opened = await pages.open(choice);
  await opened.page.getByRole("heading", { name: "Who may act here" }).click();
  await opened.page.getByRole("heading", { name: "Open settings pages" }).waitFor();
  return opened;
}
const rows = async (page: Page): Promise<readonly string[]> =>
  page.getByRole("list", { name: "Open settings pages" }).getByRole("heading").allInnerTexts();

it("nothing is read before the card is opened", async () => {
  const { page, topdog } = await pages.open({ prepare: openWindows });
  await page.getByRole("heading", { name: "Who may act here" }).waitFor();
  expect(topdog.calls("listWindows").length > 0).toBe(false);
});

it.each(["light", "dark"] as const)("lists the open pages with their browser and says which one this is (%s)", async (colorScheme) => {
  const { page } = await open({ prepare: openWindows, context: { colorScheme } });
  await expect
    .poll(() => rows(page))
    .toEqual(["Firefox on Linux", "A page in the program that runs Top Dog", "curl/8.5 \u202e<b>", "Edge on Windows"]);
  const [own, , , other] = await page.getByRole("list", { name: "Open settings pages" }).getByRole("listitem").allInnerTexts();
  expect(own).toContain("This page");
  expect(own).toContain("last used just now");
  expect(other).toContain("last used 2 hours ago");
  expect(await axe(page)).toEqual([]);
});

it("says when none is open", async () => {
  const { page } = await open({});
  await page.getByText("No settings page is open in a browser.").waitFor();
  expect(await axe(page)).toEqual([]);
});

it("ends one by keyboard, says so, and keeps the focus in the card", async () => {
  const { page } = await open();
  await page.getByRole("button", { name: /^End access: Edge on Windows/ }).press("Enter");
  await page.getByText("The page's access has ended.").waitFor();
  await expect.poll(() => rows(page)).toHaveLength(3);
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Open settings pages");
});

it("a page that ends its own access has to be opened again", async () => {
  const { page, topdog } = await open();
  await page.getByRole("button", { name: /^End this page's access/ }).waitFor();
  const problem = { status: 403, code: "window_required", detail: "Only a person in Top Dog's window may do this." };
  for (const name of ["overview", "findDevices", "listWindows"] as const) topdog.refuse(name, problem);
  await page.getByRole("button", { name: /^End this page's access/ }).click();
  await page.getByRole("heading", { name: "Who may act here" }).waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "Open this page with its link" }).waitFor();
});

it("says what went wrong, and can be tried again", async () => {
  const { page, topdog } = await open();
  topdog.refuse("endWindow", { status: 503, code: "storage_unavailable", detail: "The disk is full." });
  await page.getByRole("button", { name: /^End access: Edge/ }).click();
  await page.getByText("The disk is full.").waitFor();
  await expect.poll(() => rows(page)).toHaveLength(4);
  topdog.refuse("endWindow");
  const request_id = "0b7e6d5c-4f3a-4e2b-9c1d-0a1b2c3d4e5f";
  topdog.refuse("listWindows", { status: 500, code: "internal_error", detail: "Something went wrong on the server.", request_id });
  topdog.emit("settings");
  await page.getByText(`Something went wrong on the server. Look there for ${request_id}.`).waitFor();
  topdog.refuse("listWindows");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("Something went wrong on the server.").waitFor({ state: "detached" });
});

it("replaces the local key after saying which programs stop working", async () => {
  const { page, topdog } = await open();
  const button = page.getByRole("button", { name: "Replace key" });
  await button.press("Enter");
  const dialog = page.getByRole("alertdialog", { name: "Replace the key for other programs?" });
  await dialog.getByText("Programs that send the current key are refused from now on").waitFor();
  expect(await axe(page)).toEqual([]);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Replace key");
  expect(topdog.calls("rotateLocalKey").length > 0).toBe(false);

  topdog.refuse("rotateLocalKey", { status: 503, code: "storage_unavailable", detail: "The disk is full." });
  await button.click();
  await dialog.getByRole("button", { name: "Replace key" }).click();
  await dialog.getByText("The disk is full.").waitFor();
  topdog.refuse("rotateLocalKey");
  await dialog.getByRole("button", { name: "Replace key" }).click();
  await page.getByText("The key was replaced.").waitFor();
});
