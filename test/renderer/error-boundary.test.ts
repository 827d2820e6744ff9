import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { openView } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";

const pages = settingsPages();

/** React reports what a boundary caught on the console: expected here, whatever else is there is not. */
function unexpected(complaints: string[]): string[] {
  return complaints
    .splice(0)
    .filter((complaint) => !/Minified React error #31|reading '|dynamically imported|made to fail/i.test(complaint));
}

const reloaded = async (page: Page): Promise<void> => {
  await page.evaluate(() => Object.assign(window, { beforeReload: true }));
  await page.getByRole("button", { name: "Reload the page" }).click();
  await expect.poll(() => page.evaluate(() => "beforeReload" in window)).toBe(false);
};

it("shows a message and a Reload button in place of a card that throws, and the rest of the page works", async () => {
  const { page, complaints } = await pages.open({
    show: "settings",
    phones: [{}],
    // Answers that no schema has checked, as a desktop app of another version might give.
    prepare: ({ alter }) => alter("reachability", () => ({})),
  });
  const card = page.getByRole("region", { name: "Phone reachability" });
  await card
    .getByRole("alert")
    .getByText("Something went wrong and “Phone reachability” can't be shown. The rest of the page works.")
    .waitFor();
  await openView(page, "Phones");
  await page.getByRole("button", { name: "Rename: John's iPhone" }).click();
  await page.getByLabel("Name of this phone").fill("Mine");
  await page.keyboard.press("Enter");
  await page.getByText("Renamed to Mine.").waitFor();
  expect(unexpected(complaints)).toEqual([]);
  await openView(page, "Settings");
  await reloaded(page);
  await card.getByRole("alert").waitFor();
  expect(unexpected(complaints)).toEqual([]);
});

/** Each card by its name in the page's words: what it is called on the screen, and an attribute that only this card sets. */
const CARDS: Readonly<Record<string, { readonly name: string; readonly mark: readonly [string, string]; readonly choice?: OpenChoice }>> = {
  "alerts.label": {
    name: "Alerts",
    mark: ["class", "notice check"],
    choice: { prepare: ({ guessAdminToken }) => guessAdminToken() },
  },
  "claims.title": { name: "Phones to confirm", mark: ["aria-labelledby", "claims-heading"] },
  "views.waits": {
    name: "Waiting elsewhere",
    mark: ["class", "notice waits"],
    choice: { prepare: async ({ requestApproval }) => void (await requestApproval()) },
  },
  "secrets.place": {
    name: "Where the key is",
    mark: ["class", "secrets-ways"],
    choice: {
      show: "settings",
      prepare: ({ setSecrets }) => setSecrets({ kind: "file", state: "ready", ways: ["keychain"], newKey: false }),
    },
  },
  "approvals.heading": { name: "Waiting for your answer", mark: ["aria-labelledby", "approvals-heading"], choice: { show: "approvals" } },
  "secrets.heading": {
    name: "Signing key",
    mark: ["class", "secrets-state"],
    choice: {
      prepare: ({ setSecrets }) => setSecrets({ kind: "file", state: "file_unusable", ways: [], newKey: true, sentence: "Locked." }),
    },
  },
  "welcome.title": { name: "Welcome", mark: ["class", "card welcome"], choice: { welcome: true } },
  "connectivity.label": { name: "How links reach phones", mark: ["class", "card connectivity"], choice: { show: "settings" } },
  "pair.heading": { name: "Pair Phone", mark: ["aria-labelledby", "pair-heading"], choice: { show: "pair" } },
  "invites.heading": { name: "Pending invites", mark: ["aria-labelledby", "invites-heading"] },
  "devices.heading": { name: "Paired phones", mark: ["aria-labelledby", "devices-heading"] },
  "approvals.history": { name: "Approvals and notifications", mark: ["aria-labelledby", "sent-heading"], choice: { show: "approvals" } },
  "reachability.heading": { name: "Phone reachability", mark: ["aria-labelledby", "reachability-heading"], choice: { show: "settings" } },
  "sms.heading": { name: "Text messages", mark: ["aria-labelledby", "sms-heading"], choice: { show: "settings" } },
  "settings.heading": { name: "All settings", mark: ["aria-labelledby", "settings-heading"], choice: { show: "settings" } },
  "access.heading": { name: "Who may act here", mark: ["aria-labelledby", "access-heading"], choice: { show: "settings" } },
  "audit.heading": { name: "Audit trail", mark: ["aria-labelledby", "audit-heading"], choice: { show: "activity" } },
  "desktop.heading": { name: "This app", mark: ["aria-labelledby", "desktop-heading"], choice: { show: "settings" } },
};

/** For the page: React throws in the card that sets this attribute, while it renders that, until `repair` is called. */
function failingAt(mark: readonly [string, string]): string {
  return `{
    const [name, value] = ${JSON.stringify(mark)};
    const { setAttribute } = Element.prototype;
    Element.prototype.setAttribute = function (...given) {
      if (given[0] === name && given[1] === value) throw new Error("made to fail");
      return setAttribute.apply(this, given);
    };
    window.repair = () => { Element.prototype.setAttribute = setAttribute; };
  }`;
}

describe("an error in any card", () => {
  it.each(Object.entries(CARDS))("(%s) stays in it", async (card, { name, mark, choice }) => {
    const { page, complaints } = await pages.open({ phones: [{}], ...choice, inPage: failingAt(mark) });
    const broken = page.getByRole("region", { name, exact: true });
    await broken.getByText(`Something went wrong and “${name}” can't be shown. The rest of the page works.`).waitFor();
    // The others are whole; the welcome is alone at first.
    await expect.poll(() => page.getByText("can't be shown").count()).toBe(1);
    if (card !== "welcome.title") {
      await page.getByRole("heading", { level: 1 }).waitFor();
      if (card !== "devices.heading") await page.locator(".device").first().waitFor({ state: "attached" });
    }
    await page.evaluate("repair()");
    await broken.getByRole("button", { name: "Try again" }).click();
    await page.locator(`[${mark[0]}="${mark[1]}"]`).waitFor({ state: "attached" });
    await expect.poll(() => page.getByText("can't be shown").count()).toBe(0);
    expect(unexpected(complaints)).toEqual([]);
  });

  it("was tested for each card that the page has", () => {
    const source = readFileSync(new URL("../../src/renderer/page/page.tsx", import.meta.url), "utf8");
    // All cards are in one table, and one boundary goes around each of them.
    const table = source.slice(source.indexOf("function cardsOf("));
    const names = [...table.matchAll(/\["(\w+\.\w+)",/g)].map(([, name]) => name);
    expect(source.match(/<\w+Card\b|<CardBoundary\b/g)?.filter((tag) => !table.includes(tag))).toEqual(["<CardBoundary"]);
    expect(names.sort()).toEqual(Object.keys(CARDS).sort());
  });
});

it("draws a card again when it is tried again, after what made it throw is gone", async () => {
  let asked = 0;
  const { page, complaints } = await pages.open({
    show: "settings",
    prepare: ({ alter }) => alter("reachability", (answer) => (++asked > 1 ? answer : {})),
  });
  const card = page.getByRole("region", { name: "Phone reachability" });
  await card.getByRole("alert").waitFor();
  await card.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "Phone reachability" }).waitFor();
  await expect.poll(() => card.getByRole("alert").count()).toBe(0);
  expect(unexpected(complaints)).toEqual([]);
});

it("shows a message and a Reload button in place of a page that throws", async () => {
  const serverState = { kind: "failed", sentence: { made: "up" }, fault: "other", fixed: false } as never;
  const { page, complaints } = await pages.open({ serverState });
  await page.getByRole("alert").getByText("Something went wrong and this page can't continue.").waitFor();
  await expect.poll(() => page.getByRole("heading", { level: 1 }).innerText()).toBe("Phone Pairing");
  expect(unexpected(complaints)).toEqual([]);
  await reloaded(page);
  await page.getByRole("alert").getByText("this page can't continue").waitFor();
  expect(unexpected(complaints)).toEqual([]);
});

it("says that a card's script could not be loaded, and loads it when it is tried again", async () => {
  const server = pages.server();
  // A browser that has loaded the card before would not ask for its script again.
  const { page, complaints } = await pages.open({ phones: [{}], context: {} });
  await page.locator(".device").waitFor();
  server.answerWith((request, response) => {
    if (!/settings-form/.test(request.url ?? "")) return false;
    response.writeHead(404).end();
    return true;
  });
  await openView(page, "Settings");
  await page.getByRole("heading", { name: "All settings", exact: true }).click();
  const card = page.getByRole("region", { name: "All settings" });
  await card.getByRole("alert").getByText("“All settings” couldn't be loaded. The rest of the page works.").waitFor();
  await openView(page, "Phones");
  await page.getByRole("button", { name: "Suspend: John's iPhone" }).click();
  await page.getByText("John's iPhone is suspended.").waitFor();
  await openView(page, "Settings");
  server.answerWith(undefined);
  await card.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("heading", { name: "All settings", exact: true }).click();
  await page.getByRole("searchbox").waitFor();
  expect(unexpected(complaints)).toEqual([]);
});
