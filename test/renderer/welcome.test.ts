import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axe, openView } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages();

const open = (choice: OpenChoice = {}) => pages.open({ welcome: true, address: "", ...choice });

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { level: 2, name });
const button = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).filter({ visible: true });
const focused = async (page: Page): Promise<string> =>
  page.evaluate(() => (document.activeElement as HTMLInputElement).labels?.[0]?.textContent ?? document.activeElement?.textContent ?? "");
const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
/** What the page asked to be changed. */
const changes = ({ allCalls }: Topdog): unknown[] =>
  allCalls
    .filter(({ name, input }) => /^(save|start|stop|send|move)/.test(name) && (input as { check_only?: true }).check_only !== true)
    .map(({ name, input }) => [name, input]);
const go = async (page: Page, name: string, next: string | RegExp): Promise<void> => {
  await button(page, name).press("Enter");
  await heading(page, next).waitFor();
};
const SECOND = "Step 2 of 4: Text messages";
const THIRD = "Step 3 of 4: Phone reachability";
const FOURTH = "Step 4 of 4: New phones";

describe("the welcome", () => {
  it("goes through four steps by keyboard, says where one is, and ends at the number field; nothing is switched on unasked", async () => {
    const { page, topdog } = await open();
    await heading(page, "Step 1 of 4: About you").waitFor();
    await expect.poll(() => page.title()).toBe("Welcome – Phone Pairing");
    await page.getByText("Current: John Doe, United States.").waitFor();
    // Only the welcome is there, so that Tab stays with it.
    await expect.poll(() => page.getByRole("heading", { name: "Paired phones" }).count()).toBe(0);
    await go(page, "Next", SECOND);
    await expect.poll(() => focused(page)).toBe(SECOND);
    await go(page, "Back", /^Step 1/);
    await expect.poll(() => focused(page)).toBe("Step 1 of 4: About you");
    await go(page, "Next", SECOND);
    await go(page, "Next", THIRD);
    await expect.poll(() => focused(page)).toBe(THIRD);
    await go(page, "Next", FOURTH);
    await expect.poll(() => focused(page)).toBe(FOURTH);
    await button(page, "Finish").press("Enter");
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    await expect.poll(async () => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
    await expect.poll(() => heading(page, /^Step/).count()).toBe(0);
    expect(changes(topdog)).toEqual([["saveWelcome", { shown: false }]]);
  });

  it("saves what was typed when one goes on, with the cards' own forms and operations", async () => {
    const { page, topdog } = await open();
    await field(page, "Your name").fill("Jane");
    await field(page, "Your country").fill("de");
    await go(page, "Next", SECOND);
    await page.getByRole("radio", { name: "Mock" }).check();
    await go(page, "Next", THIRD);
    await field(page, "Public address").fill("https://pair.example.com");
    await go(page, "Next", FOURTH);
    await page.getByText(/^We recommend Always: you type two digits from each new phone here/).waitFor();
    // Recommended, and not chosen for anybody.
    await expect.poll(() => page.getByLabel("Confirm each new phone at this computer").inputValue()).toBe("never");
    await page.getByLabel("Confirm each new phone at this computer").selectOption("Always");
    await button(page, "Finish").click();
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    expect(changes(topdog)).toEqual([
      ["saveHostSettings", { values: { PAIRING_USER_NAME: "Jane", PAIRING_COUNTRY: "de" } }],
      ["saveSmsSettings", { provider: "mock" }],
      ["saveReachability", { base_url: "https://pair.example.com" }],
      ["saveHostSettings", { values: { PAIRING_CONFIRM: "always" } }],
      ["saveWelcome", { shown: false }],
    ]);
  });

  it("stays at what cannot be saved, with the focus on it", async () => {
    const { page, topdog } = await open();
    await field(page, "Your country").fill("Germany");
    await button(page, "Next").click();
    await page.getByText("Your country must be a two-letter country code.").waitFor();
    await expect.poll(() => focused(page)).toBe("Your country");
    await field(page, "Your country").fill("");
    await go(page, "Next", SECOND);
    await page.getByRole("radio", { name: "Twilio" }).check();
    await field(page, "Account SID").fill("AC1");
    await button(page, "Next").click();
    await expect.poll(() => focused(page)).toBe("Account SID");
    await expect.poll(() => heading(page, THIRD).count()).toBe(0);
    await page.getByRole("radio", { name: "Mock" }).check();
    await page.getByRole("button", { name: "Discard changes" }).click();
    await go(page, "Next", THIRD);
    await field(page, "Public address").fill("nowhere");
    await button(page, "Next").click();
    await expect.poll(() => focused(page)).toBe("Public address");
    expect(changes(topdog)).toEqual([["saveHostSettings", { values: { PAIRING_COUNTRY: "Germany" } }]]);
  });

  it.each([
    ["the first step", 0],
    ["the second", 1],
    ["the third", 2],
    ["the fourth", 3],
  ])("may be skipped at %s, and comes back when it is asked for", async (_step, turns) => {
    const { page, topdog } = await open();
    for (let turn = 0; turn < turns; turn += 1) await go(page, "Next", [SECOND, THIRD, FOURTH][turn]!);
    await button(page, "Skip setup").click();
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    expect(changes(topdog)).toEqual([["saveWelcome", { shown: false }]]);
    await openView(page, "Settings");
    await page.getByRole("heading", { name: "All settings", exact: true }).click();
    await button(page, "Show setup again").press("Enter");
    await expect.poll(() => focused(page)).toBe("Step 1 of 4: About you");
    expect(changes(topdog).at(-1)).toEqual(["saveWelcome", { shown: true }]);
  });

  it("keeps what was typed when Escape is pressed, a step is left, or something else is opened meanwhile", async () => {
    const { page, topdog } = await open();
    await field(page, "Your name").fill("Jane");
    await page.keyboard.press("Escape");
    await expect.poll(() => field(page, "Your name").inputValue()).toBe("Jane");
    await go(page, "Next", SECOND);
    await page.getByRole("radio", { name: "Twilio" }).check();
    await field(page, "Account SID").fill("AC1");
    await page.keyboard.press("Escape");
    await go(page, "Back", /^Step 1/);
    // A menu entry, the tray or a link opens the number field.
    topdog.open("pair");
    await expect.poll(async () => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
    await page.getByText("Setup isn't finished.").waitFor();
    expect(await axe(page)).toEqual([]);
    await go(page, "Continue setup", /^Step 1/);
    await expect.poll(() => focused(page)).toBe("Step 1 of 4: About you");
    await expect.poll(() => field(page, "Your name").inputValue()).toBe("Jane");
    await go(page, "Next", SECOND);
    await expect.poll(() => field(page, "Account SID").inputValue()).toBe("AC1");
  });

  it("is led to from elsewhere on the page: who sends text messages is its second step", async () => {
    const { page, topdog } = await open();
    topdog.open("pair");
    await page.getByRole("button", { name: "Set up text messages" }).click();
    await heading(page, SECOND).waitFor();
    await expect.poll(() => focused(page)).toContain("Automatic");
    topdog.open("pair");
    await button(page, "Continue setup").click();
    await expect.poll(() => focused(page)).toBe(SECOND);
  });

  it("comes after what the app was started for: a link to the number field", async () => {
    const { page } = await open({ prepare: (topdog) => topdog.open("pair") });
    await expect.poll(async () => page.evaluate(() => document.activeElement?.getAttribute("autocomplete"))).toBe("tel");
    await go(page, "Continue setup", /^Step 1/);
  });

  it("makes way for the page when that cannot be remembered, and says so", async () => {
    const { page, topdog } = await open();
    topdog.refuse("saveWelcome", {
      status: 503,
      code: "storage_unavailable",
      detail: "The change could not be written to disk.",
    });
    await button(page, "Skip setup").click();
    await page.getByRole("alert").getByText("The change could not be written to disk.").waitFor();
    await page.getByRole("heading", { name: "Paired phones" }).waitFor();
    topdog.refuse("saveWelcome");
    await button(page, "Skip setup").click();
    await page.getByText("Setup isn't finished.").waitFor({ state: "detached" });
  });

  it("lets an approval through without delay", async () => {
    const { page, topdog } = await open({ phones: [{}] });
    await topdog.requestApproval({ project_name: "web-shop" });
    await page.getByRole("button", { name: "Show approvals" }).click();
    await page.getByRole("button", { name: "Approve: web-shop" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Approve" }).click();
    await page.getByRole("status").getByText("web-shop was approved.").waitFor();
    await openView(page, "Phones");
    await button(page, "Continue setup").click();
    await heading(page, /^Step 1/).waitFor();
  });

  it.each([
    ["light", { colorScheme: "light", forcedColors: "none" }],
    ["dark", { colorScheme: "dark", forcedColors: "none" }],
    ["forced colours", { colorScheme: "dark", forcedColors: "active" }],
  ] as const)("everybody can use in %s, at 320 pixels too", async (_theme, media) => {
    const { page } = await open({ localNetwork: ["http://192.168.1.20:8001"] });
    await page.emulateMedia(media);
    for (const next of [SECOND, THIRD, FOURTH, undefined]) {
      await page.setViewportSize({ width: 900, height: 1100 });
      expect(await axe(page)).toEqual([]);
      await page.setViewportSize({ width: 320, height: 800 });
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(320);
      expect(await axe(page)).toEqual([]);
      if (next !== undefined) await go(page, "Next", next);
    }
  });
});
