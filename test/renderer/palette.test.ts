import type { Locator, Page } from "playwright-core";
import { expect, it } from "vitest";
import { axe } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();
const field = (page: Page): Locator => page.getByRole("combobox", { name: "Command, setting or phone" });
const isFocused = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);

/** Opens the palette from wherever the page is, and types. */
async function type(page: Page, text: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await expect.poll(() => isFocused(field(page))).toBe(true);
  await page.keyboard.type(text);
}
/** What Enter would run. */
const chosen = (page: Page): Promise<string> => page.getByRole("option", { selected: true }).locator("bdi").innerText();

it("has commands, phones and settings in one list, and runs what is chosen by the keyboard", async () => {
  const { page } = await pages.open({ phones: [{ device_id: "kitchen", device_name: "Kitchen phone" }, { device_name: "Pixel" }] });
  await page.locator(".device").first().waitFor();
  await type(page, "");
  await expect
    .poll(() => page.getByRole("option").locator("bdi").allInnerTexts())
    .toEqual([
      "Pair phone by text message",
      "Pair phone by QR code",
      "Confirm a phone by its two digits",
      "Phone reachability",
      "Text messages",
      "Show Phones",
      "Show Approvals",
      "Show Activity",
      "Show Settings",
    ]);
  await page.keyboard.press("ArrowUp");
  expect(await chosen(page)).toBe("Show Settings");
  const id = await page.getByRole("option", { selected: true }).getAttribute("id");
  await expect.poll(() => field(page).getAttribute("aria-activedescendant")).toBe(id);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect.poll(() => isFocused(page.getByLabel("Phone number"))).toBe(true);

  await type(page, "kitch");
  await expect.poll(() => chosen(page)).toBe("Kitchen phone");
  await page.keyboard.press("Enter");
  await expect.poll(() => isFocused(page.locator(".device").filter({ hasText: "Kitchen phone" }))).toBe(true);

  await type(page, "lifetime link");
  await expect.poll(() => chosen(page)).toBe("Link lifetime (minutes)");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
  await expect.poll(() => isFocused(page.getByLabel("Link lifetime (minutes)"))).toBe(true);
});

it("says when nothing matches, and gives the focus back when it is closed", async () => {
  const { page } = await pages.open({ context: { viewport: { width: 1280, height: 800 } } });
  await page.getByLabel("Phone number").focus();
  await type(page, "zzz");
  await page.getByRole("status").getByText("Nothing matches. Try another word.").waitFor();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Escape");
  await expect.poll(() => field(page).count()).toBe(0);
  await expect.poll(() => isFocused(page.getByLabel("Phone number"))).toBe(true);
  // With the pointer alone.
  await page.getByRole("button", { name: "Commands" }).click();
  await page.getByRole("option", { name: "Show Activity" }).click();
  await page.getByRole("heading", { level: 1, name: "Activity" }).waitFor();
});

it("does not open over a question", async () => {
  const { page } = await pages.open({ phones: [{}] });
  await page.getByRole("button", { name: "Revoke: John's iPhone" }).click();
  await page.getByRole("alertdialog").waitFor();
  await page.keyboard.press("Control+k");
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await expect.poll(() => field(page).count()).toBe(0);
});

it("can be used by everybody, in each theme, and fits into 300 pixels", async () => {
  const { page } = await pages.open({ phones: [{}], context: { viewport: { width: 300, height: 600 }, reducedMotion: "reduce" } });
  await type(page, "ph");
  for (const media of [{ colorScheme: "light" }, { colorScheme: "dark" }, { forcedColors: "active" }] as const) {
    await page.emulateMedia(media);
    expect([media, await axe(page, [".palette"])]).toEqual([media, []]);
  }
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(300);
});
