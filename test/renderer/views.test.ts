import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axe, openView } from "../browser.ts";
import { settingsPages } from "./settings-page.ts";

const pages = settingsPages();
const VIEWS = ["Phones", "Approvals", "Activity", "Settings"] as const;

const isFocused = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);
const view = (page: Page, name: (typeof VIEWS)[number]): Locator => page.getByRole("navigation").getByRole("link", { name });

describe("the views", () => {
  it("are chosen by the keyboard, named in the title and the address, and one is shown at a time", async () => {
    const { page } = await pages.open({ phones: [{}] });
    await page.locator(".device").waitFor();
    for (const name of VIEWS) {
      await view(page, name).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name }).waitFor();
      await expect.poll(() => view(page, name).getAttribute("aria-current")).toBe("page");
      await expect.poll(() => page.locator("[aria-current=page]").count()).toBe(1);
      await expect.poll(() => page.title()).toBe(name === "Phones" ? "Phone Pairing" : `${name} – Phone Pairing`);
      // The address that the page was opened with names the phones as well.
      expect(new URL(page.url()).hash).toBe(name === "Phones" ? "" : `#${name.toLowerCase()}`);
    }
    await page.goBack();
    await page.getByRole("heading", { level: 1, name: "Activity" }).waitFor();
  });

  it("keep what was typed, and where one was", async () => {
    const { page } = await pages.open({ show: "settings", context: { viewport: { width: 900, height: 400 } } });
    await page.getByRole("heading", { name: "All settings" }).click();
    await page.getByLabel("Find a setting").fill("link");
    await page.getByLabel("Link lifetime (minutes)", { exact: true }).fill("7");
    const scrolled = await page.evaluate(() => window.scrollY);
    expect(scrolled).toBeGreaterThan(0);
    await openView(page, "Phones");
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(0);
    await page.getByLabel("Phone number").fill("+1 415");
    await openView(page, "Settings");
    await expect.poll(() => page.getByLabel("Link lifetime (minutes)", { exact: true }).inputValue()).toBe("7");
    await openView(page, "Phones");
    await expect.poll(() => page.getByLabel("Phone number").inputValue()).toBe("+1 415");
  });

  it("are opened by a link, a menu entry or a notification, with the focus on what was meant", async () => {
    const { page, topdog } = await pages.open({ show: "reachability", phones: [{ device_id: "iphone" }] });
    await expect.poll(() => isFocused(page.locator(".reachability summary").first())).toBe(true);
    topdog.open("approvals");
    await page.getByRole("heading", { level: 1, name: "Approvals" }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("No approvals waiting");
    topdog.open("device:iphone");
    await page.getByRole("heading", { level: 1, name: "Phones" }).waitFor();
    await expect.poll(() => isFocused(page.locator(".device"))).toBe(true);
    await page.evaluate(() => {
      location.hash = "#qr";
    });
    await page.getByRole("button", { name: "Show QR code" }).waitFor();
  });
});

describe("what waits for the person", () => {
  it("is counted in the navigation and seen from every other view, with a way to it", async () => {
    const { page, topdog } = await pages.open({ env: { PAIRING_CONFIRM: "always" }, show: "activity", invites: [{}], phones: [{}] });
    await topdog.requestApproval({ project_name: "shop" });
    await topdog.accept({ device_name: "Pixel" });
    const lines = ["1 approval waits for your answer.", "1 phone shows two digits and waits for you to type them."] as const;
    for (const [name, waits] of [
      ["Activity", lines],
      ["Settings", lines],
      ["Phones", [lines[0]]],
      ["Approvals", [lines[1]]],
    ] as const) {
      await openView(page, name);
      await expect.poll(async () => (await page.locator(".waits p").allInnerTexts()).toSorted()).toEqual([...waits]);
      await view(page, "Approvals").getByText("1 waiting").waitFor({ state: "attached" });
      await view(page, "Phones").getByText("1 waiting").waitFor({ state: "attached" });
    }
    await page.getByRole("button", { name: "Confirm phone" }).press("Enter");
    await expect.poll(() => isFocused(page.getByLabel("Two digits on the phone"))).toBe(true);
    await page.getByRole("button", { name: "Show approvals" }).press("Enter");
    await page.getByRole("button", { name: "Reject: shop" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Reject" }).click();
    await expect.poll(() => view(page, "Approvals").locator(".count").count()).toBe(0);
  });
});

const THEMES = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  "forced colours": { colorScheme: "dark", forcedColors: "active" },
} as const;

describe.each(VIEWS)("%s", (name) => {
  it("can be used by everybody, in each theme and in both directions", async () => {
    const { page } = await pages.open({
      phones: [{}, { device_name: "هاتف محمد", status: "suspended" }],
      invites: [{}],
      context: { reducedMotion: "reduce" },
      prepare: async ({ requestApproval, notify }) => {
        await requestApproval({ project_name: "shop" });
        await notify();
      },
    });
    await openView(page, name);
    await expect.poll(() => page.locator("main [aria-busy=true]").count()).toBe(0);
    for (const [theme, media] of Object.entries(THEMES))
      for (const dir of ["ltr", "rtl"]) {
        await page.emulateMedia(media);
        await page.evaluate((direction) => {
          document.documentElement.dir = direction;
        }, dir);
        expect([theme, dir, await axe(page)]).toEqual([theme, dir, []]);
      }
  });

  it("fits into 300, 320, 400, 800 and 1280 pixels, and with text of twice the size", async () => {
    const { page } = await pages.open({ phones: [{}, { device_name: "W".repeat(40) }], invites: [{}] });
    await openView(page, name);
    for (const [width, size] of [[300], [320], [400], [800], [1280], [400, "200%"], [1280, "200%"]] as const) {
      await page.setViewportSize({ width, height: 800 });
      await page.evaluate((fontSize) => {
        document.documentElement.style.fontSize = fontSize;
      }, size ?? "");
      const wide = await page.evaluate(() =>
        [...document.querySelectorAll("body *")]
          .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5 && !element.closest(".unseen, .skip"))
          .map(({ outerHTML }) => outerHTML.slice(0, 120)),
      );
      expect([width, size, wide, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([width, size, [], width]);
    }
    await page.evaluate(() => {
      document.documentElement.style.fontSize = "";
    });
  });
});
