import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { DAY } from "../../src/core/index.ts";
import { secrets } from "../../src/words/en/secrets.ts";
import { axe, openView } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages();

interface State {
  /** Checked alone: React Aria hides the rest from screen readers while a list is open, and axe cannot know that Tab closes it. */
  readonly only?: readonly string[];
  readonly choice?: OpenChoice;
  readonly reach?: (page: Page, topdog: Topdog) => Promise<unknown>;
}

const PHONES: OpenChoice = {
  sms: "twilio",
  async prepare({ havePhones, inviteInAllWays }) {
    // Its access has expired.
    await havePhones([{ device_name: "W".repeat(40), device_type: "unknown", user_id: "jane" }], 31 * DAY);
    await havePhones([
      {},
      { device_name: "Pixel 9 of the office", device_type: "android", status: "suspended" },
      { device_name: "هاتف محمد", device_type: "web", paired_via: "qr" },
      { device_name: "Old phone", status: "revoked" },
    ]);
    await inviteInAllWays();
  },
};

const STATES: Readonly<Record<string, State>> = {
  empty: { reach: (page) => page.getByText("No phones are paired yet.").waitFor() },
  full: {
    choice: PHONES,
    async reach(page) {
      await page.getByText("Revoked phones (1)").click();
      await page.locator(".revoked .row").waitFor();
    },
  },
  "a wrong number": {
    async reach(page) {
      await page.getByLabel("Phone number").pressSequentially("415");
      await page.keyboard.press("Enter");
      await page.locator(".wrong").waitFor();
    },
  },
  "a landline": {
    choice: { env: { LANG: "de_DE.UTF-8" }, sms: "twilio" },
    async reach(page) {
      await page.getByLabel("Phone number").pressSequentially("030901820");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Send anyway" }).waitFor();
    },
  },
  "a refusal": {
    choice: {
      prepare: (topdog) =>
        topdog.refuse("sendInvite", { status: 500, code: "sms_send_failed", detail: "The text message could not be sent." }),
    },
    async reach(page) {
      await page.getByLabel("Phone number").pressSequentially("4155552671");
      await page.keyboard.press("Enter");
      await page.getByRole("alert").waitFor();
    },
  },
  "sent, accepted and dismissible": {
    async reach(page, topdog) {
      await page.getByLabel("Phone number").pressSequentially("4155552671");
      await page.keyboard.press("Enter");
      await page.getByText("Printed, not sent.").waitFor();
      await topdog.accept();
      await page.getByRole("status").getByText("is paired").waitFor();
    },
  },
  "the countries": {
    only: [".country", ".popover"],
    async reach(page) {
      await page.getByRole("combobox", { name: "Country" }).fill("united");
      await page.getByRole("listbox").waitFor();
    },
  },
  "a locked keyring": {
    choice: {
      prepare: ({ setSecrets }) =>
        setSecrets({ kind: "keychain", state: "locked", sentence: secrets.locked, ways: ["retry", "file"], newKey: true }),
    },
    async reach(page) {
      await page.getByRole("alert").waitFor();
    },
  },
  "a name being edited": {
    choice: PHONES,
    async reach(page) {
      await page.getByRole("button", { name: "Rename: John's iPhone" }).click();
      await page.getByLabel("Name of this phone").fill("");
      await page.keyboard.press("Enter");
    },
  },
  "a question": {
    choice: PHONES,
    async reach(page) {
      await page.getByRole("button", { name: "Revoke: John's iPhone" }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  "a question about all": {
    choice: PHONES,
    async reach(page) {
      await page.getByRole("button", { name: "Revoke all other phones…" }).click();
      await page.getByRole("alertdialog").waitFor();
    },
  },
  loading: {
    choice: {
      prepare(topdog) {
        topdog.hold("overview");
        topdog.hold("findDevices");
      },
    },
  },
  "not loaded": {
    choice: {
      prepare(topdog) {
        for (const name of ["overview", "findDevices"] as const)
          topdog.refuse(name, { status: 503, code: "storage_unavailable", detail: "The folder cannot be read." });
      },
    },
    reach: (page) => page.getByRole("alert").first().waitFor(),
  },
  locked: {
    choice: {
      prepare: (topdog) => topdog.refuse("overview", { status: 401, code: "admin_token_required", detail: "An admin token is needed." }),
    },
    reach: (page) => page.getByRole("heading", { name: "Admin token required" }).waitFor(),
  },
};

const THEMES = {
  light: { colorScheme: "light", forcedColors: "none" },
  dark: { colorScheme: "dark", forcedColors: "none" },
  "forced colours": { forcedColors: "active", colorScheme: "dark" },
} as const;

/** Opens a state for a test. */
async function openState({ choice, reach }: State, context: NonNullable<OpenChoice["context"]>): Promise<Page> {
  const { page, topdog } = await pages.open({ ...choice, context });
  await reach?.(page, topdog);
  return page;
}

it.each(Object.keys(STATES))("everybody can use, in light, dark and forced colours: %s", async (name) => {
  const state = STATES[name]!;
  const page = await openState(state, { reducedMotion: "reduce" });
  for (const [theme, media] of Object.entries(THEMES)) {
    await page.emulateMedia(media);
    expect([theme, await axe(page, state.only)]).toEqual([theme, []]);
  }
});

it.each(Object.keys(STATES))("fits into 300 and 400 pixels: %s", async (name) => {
  const state = STATES[name]!;
  let page = await openState(state, { viewport: { width: 300, height: 800 } });
  for (const width of [300, 400]) {
    // A list that is open closes when its window changes.
    if (width > 300 && state.only) page = await openState(state, { viewport: { width, height: 800 } });
    else await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(() =>
      [...document.querySelectorAll("body *")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5 && !element.closest(".unseen, .skip"))
        .map(({ outerHTML }) => outerHTML.slice(0, 120)),
    );
    expect([wide, await page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([[], width]);
  }
});

it("has one h1, landmarks, a language, a way past the form, and headings without a gap", async () => {
  const { page } = await pages.open(PHONES);
  await page.locator(".device").first().waitFor();
  await expect.poll(() => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual(["en", "ltr"]);
  await expect.poll(() => page.locator("h1").count()).toBe(1);
  for (const landmark of ["banner", "navigation", "main", "contentinfo"] as const)
    await expect.poll(() => page.getByRole(landmark).count()).toBe(1);
  const levels = await page
    .locator("h1, h2, h3")
    .filter({ visible: true })
    .evaluateAll((headings) => headings.map(({ tagName }) => Number(tagName[1])));
  for (const [place, level] of levels.entries()) expect(level - (levels[place - 1] ?? 0)).toBeLessThanOrEqual(1);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await expect
    .poll(() => page.getByRole("heading", { level: 1, name: "Phones" }).evaluate((element) => element === document.activeElement))
    .toBe(true);
});

it("shows where the keyboard is, on everything it reaches, in the order one sees", async () => {
  const { page } = await pages.open({ phones: [{}, {}], invites: [{}] });
  await page.locator(".device").first().waitFor();
  const seen: { readonly top: number; readonly left: number; readonly outline: number }[] = [];
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return undefined;
      const { top, left } = element.getBoundingClientRect();
      return {
        top: Math.round(top + scrollY),
        left,
        outline: Number.parseFloat(getComputedStyle(element).outlineWidth),
        skip: element.className === "skip",
        aside: element.closest("header, footer") !== null,
      };
    });
    if (!here) break;
    if (!here.skip && !here.aside) seen.push(here);
  }
  expect(seen.length).toBeGreaterThan(10);
  for (const { outline } of seen) expect(outline).toBeGreaterThanOrEqual(2);
  for (const [place, { top }] of seen.entries()) expect(top).toBeGreaterThanOrEqual((seen[place - 1]?.top ?? 0) - 8);
});

it("stands still for those who asked for it", async () => {
  const page = await openState(STATES["loading"]!, { reducedMotion: "reduce" });
  await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBe(0);
});

it("keeps numbers left to right when all else is right to left", async () => {
  const { page } = await pages.open({ invites: [{}] });
  await page.locator(".invite").waitFor();
  await page.evaluate(() => {
    document.documentElement.dir = "rtl";
  });
  await expect.poll(() => page.locator(".invite h3 bdi").evaluate((element) => getComputedStyle(element).direction)).toBe("ltr");
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(900);
  expect(await axe(page)).toEqual([]);
});

/** What a browser has fetched so far for this page, each file compressed by gzip. */
async function fetchedKilobytes(page: Page): Promise<number> {
  const { readFileSync } = await import("node:fs");
  const { gzipSync } = await import("node:zlib");
  const paths = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => new URL(name).pathname));
  const files = new Set(["/index.html", ...paths.filter((path) => path.startsWith("/assets/"))]);
  return [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`${pages.server().folder}${file}`)).length, 0) / 1000;
}

it.each([
  ["with phones", PHONES],
  ["in the welcome", { welcome: true }],
] as const)("fetches at most 345 KB before anything is clicked: %s", async (_state, choice) => {
  const { page } = await pages.open(choice);
  await page.getByRole("region", { name: /Paired phones|Welcome/ }).waitFor();
  await expect.poll(() => page.locator("main [aria-busy=true]").count()).toBe(0);
  const first = await fetchedKilobytes(page);
  // Less than this would mean that the measurement misses the script itself.
  expect(first).toBeGreaterThan(100);
  expect(first).toBeLessThan(345);
});

it("fetches a card's content when the card is opened", async () => {
  const { page } = await pages.open({ phones: [{}] });
  await page.locator(".device").waitFor();
  const before = await fetchedKilobytes(page);
  await openView(page, "Settings");
  await page.getByRole("heading", { name: "All settings", exact: true }).click();
  await page.getByRole("searchbox").waitFor();
  expect(await fetchedKilobytes(page)).toBeGreaterThan(before);
});
