import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axe } from "../browser.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";

const pages = settingsPages();

const NOON = "2026-11-24T12:00:00Z";

async function open(choice: OpenChoice = {}): Promise<Page> {
  const { page } = await pages.open({ ...choice, fake: { invites: [{}], ...choice.fake } });
  await page.getByRole("heading", { name: "Pending invites" }).waitFor();
  return page;
}
const focused = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);
const callsOf = (page: Page, name: string): Promise<unknown[]> =>
  page.evaluate((wanted) => window.fakePage.calls.filter((call) => call.name === wanted).map(({ input }) => input), name);
const card = (page: Page): Locator => page.locator(".claims");
const field = (page: Page): Locator => page.getByLabel("Two digits on the phone");
const unseen = (page: Page): Locator => page.locator(".unseen[role=status]");

describe("a phone that accepted and waits for its digits", () => {
  it("comes before everything else, with what is known of it and never with its digits", async () => {
    const page = await open({ at: NOON });
    expect(await card(page).count()).toBe(0);
    await page.evaluate(() => window.fakePage.claim({ user_id: "jane", level: "answer" }));
    await settle(page);
    await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    expect(await page.getByRole("main").locator("section.card:not(.bare)").first().getAttribute("class")).toContain("claims");
    const text = (await card(page).innerText()).replaceAll(/\s+/g, " ");
    for (const words of [
      "John's iPhone",
      "2:00 left",
      "iOS 18.6",
      "Safari 18",
      "User jane",
      "Accepted a texted link at 13:00",
      "Network 203.0.113.x",
      "Permissions: See notifications, answer approvals",
    ])
      expect(text).toContain(words);
    // As a number of its own: names of files and the time may hold the same two digits.
    expect(await page.locator("body").innerText()).not.toMatch(/(?<![\d:])41(?![\d:])/);
    expect(await page.title()).toBe("A phone wants to pair – Phone Pairing");
    await expect.poll(() => unseen(page).innerText()).toBe("John's iPhone wants to pair. Type the two digits that it shows.");
    await page.getByText("Accepted; type the digits that the phone shows").waitFor();
  });

  it("is paired by keyboard alone: its digits and Enter, and the list of phones says so", async () => {
    const page = await open();
    await page.evaluate(() => window.fakePage.claim());
    await expect.poll(() => focused(field(page))).toBe(true);
    expect(await field(page).getAttribute("inputmode")).toBe("numeric");
    await page.keyboard.type("4 1");
    expect(await field(page).inputValue()).toBe("41");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
    expect(await callsOf(page, "confirmClaim")).toEqual([{ digits: "41", session_id: "session-1" }]);
    await expect.poll(() => focused(page.getByRole("heading", { name: "Paired phones" }))).toBe(true);
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    expect(await card(page).count()).toBe(0);
  });

  it("leaves the focus where somebody types", async () => {
    const page = await open({ fake: { devices: [{}] } });
    await page.getByLabel("Phone number").fill("+1 415");
    await page.evaluate(() => window.fakePage.claim());
    await card(page).waitFor();
    await settle(page);
    expect(await focused(page.getByLabel("Phone number"))).toBe(true);
  });

  it("takes the focus from a field in which nothing is typed", async () => {
    const page = await open();
    await page.getByLabel("Phone number").focus();
    await page.evaluate(() => window.fakePage.claim());
    await expect.poll(() => focused(field(page))).toBe(true);
  });

  it("leaves a question alone that is asked meanwhile", async () => {
    const page = await open({ fake: { devices: [{}] } });
    await page.getByRole("button", { name: "Revoke: John's iPhone" }).click();
    const cancel = page.getByRole("alertdialog").getByRole("button", { name: "Cancel" });
    await expect.poll(() => focused(cancel)).toBe(true);
    await page.evaluate(() => window.fakePage.claim());
    await card(page).waitFor({ state: "attached" });
    await settle(page);
    expect(await focused(cancel)).toBe(true);
  });

  it("is not asked about with one digit, which would close what waits", async () => {
    const page = await open({ fake: { claims: [{}] } });
    await field(page).fill("4");
    await page.keyboard.press("Enter");
    await card(page).getByRole("status").getByText("Type both digits.").waitFor();
    expect(await field(page).getAttribute("aria-invalid")).toBe("true");
    expect(await focused(field(page))).toBe(true);
    expect(await callsOf(page, "confirmClaim")).toEqual([]);
  });

  it("is not paired by wrong digits: the card says what to do, and its field waits for the new ones", async () => {
    const page = await open({ fake: { claims: [{}] } });
    await field(page).pressSequentially("99");
    await page.keyboard.press("Enter");
    const alert = card(page).getByRole("alert");
    await alert.getByText("No waiting phone shows these digits. Accept on the phone again, then type the new digits.").waitFor();
    await page.getByRole("heading", { name: "No phone is waiting to be confirmed" }).waitFor();
    expect(await field(page).inputValue()).toBe("");
    expect(await focused(field(page))).toBe(true);
    expect(await field(page).getAttribute("aria-describedby")).toContain("claim-problem");
    expect(await axe(page)).toEqual([]);
    // The phone accepts again: the sentence is out of date.
    await page.evaluate(() => window.fakePage.claim());
    await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    await alert.waitFor({ state: "detached" });
    await page.keyboard.type("41");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
  });

  it("gives up an invite after the fifth wrong entry, and the list of invites says why", async () => {
    const page = await open();
    for (let tries = 1; tries <= 5; tries += 1) {
      await page.evaluate(() => window.fakePage.claim());
      await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
      await field(page).pressSequentially("99");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "No phone is waiting to be confirmed" }).waitFor();
    }
    await card(page).getByRole("alert").getByText("That was the last try: the link no longer works. Send a new one.").waitFor();
    expect(await field(page).count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
    const invite = page.locator(".invite").first();
    await invite.getByText("Cancelled after wrong digits").waitFor();
    expect(await invite.getByText("Accepted; type the digits").count()).toBe(0);
    await invite.getByText("Digits that no phone showed were typed five times").waitFor();
    await page.getByRole("status").getByText("was cancelled because wrong digits were typed five times.").waitFor();
    await card(page).getByRole("button", { name: "Dismiss" }).press("Enter");
    await card(page).waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
  });

  it("stays with what was typed when the server cannot be asked", async () => {
    const page = await open({ fake: { claims: [{}] } });
    await page.evaluate(() =>
      window.fakePage.refuse("confirmClaim", { status: 503, code: "keys_unavailable", detail: "The signing key can't be used." }),
    );
    await field(page).pressSequentially("41");
    await page.keyboard.press("Enter");
    await card(page).getByRole("alert").getByText("The signing key can't be used.").waitFor();
    expect(await field(page).inputValue()).toBe("41");
    await page.evaluate(() => window.fakePage.refuse("confirmClaim"));
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
  });

  it("is turned away when it is somebody else's: its link works no more", async () => {
    const page = await open({ fake: { claims: [{ device_name: "Stranger" }] } });
    await expect.poll(() => focused(field(page))).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    expect(await focused(page.getByRole("button", { name: "Not my phone: Stranger" }))).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Stranger isn't paired, and its link no longer works.").waitFor();
    expect(await callsOf(page, "cancelSession")).toEqual([{ session_id: "session-1" }]);
    await card(page).waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
  });

  it("leaves by itself when its time is over by the server's clock, and says so", async () => {
    const page = await open({
      at: "2026-11-24T09:00:00Z",
      fake: { aheadBy: 3 * 3_600_000, claims: [{ expires_at: "2026-11-24T12:02:00Z" }] },
    });
    await settle(page);
    const timer = card(page).getByRole("timer");
    await expect.poll(() => timer.innerText()).toMatch(/^(2:00|1:59) left$/);
    expect(await timer.getAttribute("aria-live")).toBe("off");
    await page.clock.runFor(95_000);
    await expect.poll(() => timer.getAttribute("class")).toContain("short");
    await page.clock.runFor(30_000);
    await card(page).waitFor({ state: "detached" });
    await page.getByRole("status").getByText("John's iPhone wasn't confirmed in time.").waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
    expect(await page.title()).toBe("Waiting for a phone – Phone Pairing");
    // The next one makes this old.
    await page.evaluate(() => window.fakePage.claim({ device_name: "Pixel" }));
    await settle(page);
    await page.getByText("wasn't confirmed in time.").waitFor({ state: "detached" });
  });

  it("is opened by its notification: the field takes the focus, also in front of the welcome", async () => {
    const page = await open({ fake: { overview: { welcome: true }, claims: [{}] }, prepare: (fakePage) => fakePage.openAtReady("claims") });
    await expect.poll(() => focused(field(page))).toBe(true);
    await page.getByText("Setup isn't finished.").waitFor();
  });

  it("says what is wrong when the waiting phones cannot be read", async () => {
    const page = await open({
      prepare: (fakePage) => fakePage.refuse("listClaims", { status: 503, code: "storage_unavailable", detail: "It cannot be read." }),
    });
    const alert = page.getByRole("alert").filter({ hasText: "It cannot be read." });
    await alert.waitFor();
    await page.evaluate(() => {
      window.fakePage.refuse("listClaims");
      window.fakePage.claim();
    });
    await card(page).waitFor();
  });
});

describe("several phones that wait", () => {
  it("with one link are one question: the digits choose, and all can be turned away", async () => {
    const page = await open({ fake: { claims: [{ device_name: "Stranger" }, {}] } });
    await page.getByRole("heading", { name: "2 phones want to pair" }).waitFor();
    await page.getByRole("button", { name: "None of these is my phone: Stranger, John's iPhone" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await field(page).pressSequentially("42");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").first().waitFor();
    expect(await callsOf(page, "confirmClaim")).toEqual([{ digits: "42", session_id: "session-1" }]);
    expect(await card(page).count()).toBe(0);
  });

  it("with several links have one field and a button for each link; the field stays for the others", async () => {
    const page = await open({
      fake: {
        invites: [{}, { session_id: "other" }],
        claims: [{}, { session_id: "other", device_name: "Pixel", device_type: "android", os_version: "16", method: "qr" }],
      },
    });
    await page.getByRole("heading", { name: "2 phones want to pair" }).waitFor();
    await page.getByText("Android, 16").waitFor();
    await page.getByText("Scanned a QR code at").waitFor();
    expect(await field(page).count()).toBe(1);
    await field(page).pressSequentially("42");
    await page.keyboard.press("Enter");
    await card(page).getByRole("status").getByText("Pixel is paired").waitFor();
    expect(await callsOf(page, "confirmClaim")).toEqual([{ digits: "42" }]);
    await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    expect([await field(page).inputValue(), await focused(field(page))]).toEqual(["", true]);
    await page.evaluate(() => window.fakePage.claim({ session_id: "third", device_name: "Stranger" }));
    await page.getByRole("button", { name: "Not my phone: Stranger" }).press("Enter");
    await card(page).getByRole("status").getByText("Stranger isn't paired").waitFor();
    await expect.poll(() => focused(field(page))).toBe(true);
  });

  it("are named by a button each, where a name is missing too", async () => {
    const page = await open({ fake: { claims: [{ device_name: "" }] } });
    await page.getByRole("button", { name: "Not my phone: Unnamed phone" }).waitFor();
  });
});

describe("a QR code that a phone has scanned", () => {
  it("says that the phone's digits are to be typed, and why it was cancelled", async () => {
    const page = await open({ fake: { invites: [] } });
    await page.getByRole("tab", { name: "QR code" }).click();
    await page.getByRole("button", { name: "Show QR code" }).click();
    await page.getByRole("button", { name: "Cancel this code" }).waitFor();
    await page.evaluate(() => window.fakePage.claim({ method: "qr" }));
    await page.getByText("A phone scanned this code. Type the two digits that it shows at the top of this page.").waitFor();
    await page.evaluate(() => window.fakePage.setNewestInvite({ status: "cancelled", cancel_reason: "wrong_digits" }));
    await page.getByText("This code was cancelled because wrong digits were typed five times.").first().waitFor();
  });
});

it.each([
  ["light", { colorScheme: "light", forcedColors: "none" }],
  ["dark", { colorScheme: "dark", forcedColors: "none" }],
  ["forced colours", { colorScheme: "dark", forcedColors: "active" }],
] as const)("everybody can use the card in %s, at 320 pixels and from right to left too", async (_theme, media) => {
  const page = await open({
    fake: {
      invites: [{}, { session_id: "other" }],
      claims: [{}, { device_name: "Stranger" }, { session_id: "other", device_name: "W".repeat(40) }],
    },
  });
  await card(page).waitFor();
  await page.emulateMedia(media);
  for (const dir of ["ltr", "rtl"]) {
    await page.evaluate((chosen) => document.documentElement.setAttribute("dir", chosen), dir);
    for (const width of [900, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axe(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  }
});
