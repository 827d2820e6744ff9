import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axe } from "../browser.ts";
import type { PhoneChoice } from "./scene.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages();

const NOON = "2026-11-24T12:00:00Z";

const CONFIRM = { PAIRING_CONFIRM: "always" } as const;

async function open(choice: OpenChoice = {}) {
  const opened = await pages.open({ env: CONFIRM, invites: [{}], ...choice });
  await opened.page.getByRole("heading", { name: "Pending invites" }).waitFor();
  return opened;
}
/** Before the page is opened, these phones follow the link and accept. */
const waiting =
  (...phones: PhoneChoice[]) =>
  async ({ accept }: Topdog): Promise<void> => {
    for (const phone of phones) await accept(phone);
  };
const focused = (locator: Locator): Promise<boolean> => locator.evaluate((element) => element === document.activeElement);
/** Of the newest link. */
const sessionOf = async ({ invites }: Topdog): Promise<string | undefined> => (await invites())[0]?.session_id;
const card = (page: Page): Locator => page.locator(".claims");
const field = (page: Page): Locator => page.getByLabel("Two digits on the phone");
const unseen = (page: Page): Locator => page.locator(".unseen[role=status]");

describe("a phone that accepted and waits for its digits", () => {
  it("comes before everything else, with what is known of it and never with its digits", async () => {
    const { page, topdog } = await open({ at: NOON, invites: [{ user_id: "jane", level: "answer" }] });
    await expect.poll(() => card(page).count()).toBe(0);
    await topdog.accept();
    await settle(page);
    await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    await expect.poll(() => page.getByRole("main").locator("section.card:not(.bare)").first().getAttribute("class")).toContain("claims");
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
    await expect.poll(() => page.locator("body").innerText()).not.toMatch(/(?<![\d:])41(?![\d:])/);
    await expect.poll(() => page.title()).toBe("A phone wants to pair – Phone Pairing");
    await expect.poll(() => unseen(page).innerText()).toBe("John's iPhone wants to pair. Type the two digits that it shows.");
    await page.getByText("Accepted; type the digits that the phone shows").waitFor();
  });

  it("is paired by keyboard alone: its digits and Enter, and the list of phones says so", async () => {
    const { page, topdog } = await open();
    await topdog.accept();
    await expect.poll(() => focused(field(page))).toBe(true);
    await expect.poll(() => field(page).getAttribute("inputmode")).toBe("numeric");
    await page.keyboard.type("4 1");
    await expect.poll(() => field(page).inputValue()).toBe("41");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
    expect(topdog.calls("confirmClaim")).toEqual([{ digits: "41", session_id: await sessionOf(topdog) }]);
    await expect.poll(() => focused(page.getByRole("heading", { name: "Paired phones" }))).toBe(true);
    await page.getByRole("heading", { name: "John's iPhone" }).waitFor();
    await expect.poll(() => card(page).count()).toBe(0);
  });

  it("leaves the focus where somebody types", async () => {
    const { page, topdog } = await open({ show: "pair", phones: [{}] });
    await page.getByLabel("Phone number").fill("+1 415");
    await topdog.accept();
    await card(page).waitFor();
    await settle(page);
    await expect.poll(() => focused(page.getByLabel("Phone number"))).toBe(true);
  });

  it("takes the focus from a field in which nothing is typed", async () => {
    const { page, topdog } = await open();
    await page.getByLabel("Phone number").focus();
    await topdog.accept();
    await expect.poll(() => focused(field(page))).toBe(true);
  });

  it("leaves a question alone that is asked meanwhile", async () => {
    const { page, topdog } = await open({ phones: [{}] });
    await page.getByRole("button", { name: "Revoke: John's iPhone" }).click();
    const cancel = page.getByRole("alertdialog").getByRole("button", { name: "Cancel" });
    await expect.poll(() => focused(cancel)).toBe(true);
    await topdog.accept();
    await card(page).waitFor({ state: "attached" });
    await settle(page);
    await expect.poll(() => focused(cancel)).toBe(true);
  });

  it("is not asked about with one digit, which would close what waits", async () => {
    const { page, topdog } = await open({ prepare: waiting({}) });
    await field(page).fill("4");
    await page.keyboard.press("Enter");
    await card(page).getByRole("status").getByText("Type both digits.").waitFor();
    await expect.poll(() => field(page).getAttribute("aria-invalid")).toBe("true");
    await expect.poll(() => focused(field(page))).toBe(true);
    expect(topdog.calls("confirmClaim")).toEqual([]);
  });

  it("is not paired by wrong digits: the card says what to do, and its field waits for the new ones", async () => {
    const { page, topdog } = await open({ prepare: waiting({}) });
    await field(page).pressSequentially("99");
    await page.keyboard.press("Enter");
    const alert = card(page).getByRole("alert");
    await alert.getByText("No waiting phone shows these digits. Accept on the phone again, then type the new digits.").waitFor();
    await page.getByRole("heading", { name: "No phone is waiting to be confirmed" }).waitFor();
    await expect.poll(() => field(page).inputValue()).toBe("");
    await expect.poll(() => focused(field(page))).toBe(true);
    await expect.poll(() => field(page).getAttribute("aria-describedby")).toContain("claim-problem");
    expect(await axe(page)).toEqual([]);
    // The phone accepts again: the sentence is out of date.
    const digits = await topdog.accept();
    await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    await alert.waitFor({ state: "detached" });
    await page.keyboard.type(digits ?? "");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
  });

  it("gives up an invite after the fifth wrong entry, and the list of invites says why", async () => {
    const { page, topdog } = await open();
    for (let tries = 1; tries <= 5; tries += 1) {
      await topdog.accept();
      await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
      await field(page).pressSequentially("99");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "No phone is waiting to be confirmed" }).waitFor();
    }
    await card(page).getByRole("alert").getByText("That was the last try: the link no longer works. Send a new one.").waitFor();
    await expect.poll(() => field(page).count()).toBe(0);
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
    const invite = page.locator(".invite").first();
    await invite.getByText("Cancelled after wrong digits").waitFor();
    await expect.poll(() => invite.getByText("Accepted; type the digits").count()).toBe(0);
    await invite.getByText("Digits that no phone showed were typed five times").waitFor();
    await page.getByRole("status").getByText("was cancelled because wrong digits were typed five times.").waitFor();
    await card(page).getByRole("button", { name: "Dismiss" }).press("Enter");
    await card(page).waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
  });

  it("stays with what was typed when the server cannot be asked", async () => {
    const { page, topdog } = await open({ prepare: waiting({}) });
    topdog.refuse("confirmClaim", { status: 503, code: "keys_unavailable", detail: "The signing key can't be used." });
    await field(page).pressSequentially("41");
    await page.keyboard.press("Enter");
    await card(page).getByRole("alert").getByText("The signing key can't be used.").waitFor();
    await expect.poll(() => field(page).inputValue()).toBe("41");
    topdog.refuse("confirmClaim");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").waitFor();
  });

  it("is turned away when it is somebody else's: its link works no more", async () => {
    const { page, topdog } = await open({ prepare: waiting({ device_name: "Stranger" }) });
    await expect.poll(() => focused(field(page))).toBe(true);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await expect.poll(() => focused(page.getByRole("button", { name: "Not my phone: Stranger" }))).toBe(true);
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("Stranger isn't paired, and its link no longer works.").waitFor();
    expect(topdog.calls("cancelSession")).toEqual([{ session_id: await sessionOf(topdog) }]);
    await card(page).waitFor({ state: "detached" });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
  });

  it("leaves by itself when its time is over by the server's clock, and says so", async () => {
    const { page, topdog } = await open({
      at: "2026-11-24T09:00:00Z",
      aheadBy: 3 * 3_600_000,
      prepare: waiting({}),
    });
    await settle(page);
    const timer = card(page).getByRole("timer");
    await expect.poll(() => timer.innerText()).toMatch(/^(2:00|1:59) left$/);
    await expect.poll(() => timer.getAttribute("aria-live")).toBe("off");
    await page.clock.runFor(95_000);
    await expect.poll(() => timer.getAttribute("class")).toContain("short");
    await page.clock.runFor(30_000);
    await card(page).waitFor({ state: "detached" });
    await page.getByRole("status").getByText("John's iPhone wasn't confirmed in time.").waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe("claims-heading");
    await expect.poll(() => page.title()).toBe("Waiting for a phone – Phone Pairing");
    // The next one makes this old.
    topdog.clock.set(Date.parse("2026-11-24T09:02:05Z"));
    await topdog.accept({ device_name: "Pixel" });
    await settle(page);
    await page.getByText("wasn't confirmed in time.").waitFor({ state: "detached" });
  });

  it("is opened by its notification: the field takes the focus, also in front of the welcome", async () => {
    const { page } = await open({
      welcome: true,
      async prepare(topdog) {
        await topdog.accept();
        topdog.open("claims");
      },
    });
    await expect.poll(() => focused(field(page))).toBe(true);
    await page.getByText("Setup isn't finished.").waitFor();
  });

  it("says what is wrong when the waiting phones cannot be read", async () => {
    const { page, topdog } = await open({
      prepare: (topdog) => topdog.refuse("listClaims", { status: 503, code: "storage_unavailable", detail: "It cannot be read." }),
    });
    const alert = page.getByRole("alert").filter({ hasText: "It cannot be read." });
    await alert.waitFor();
    topdog.refuse("listClaims");
    await topdog.accept();
    await card(page).waitFor();
  });
});

describe("several phones that wait", () => {
  it("with one link are one question: the digits choose, and all can be turned away", async () => {
    const { page, topdog } = await open({ prepare: waiting({ device_name: "Stranger" }, {}) });
    await page.getByRole("heading", { name: "2 phones want to pair" }).waitFor();
    await page.getByRole("button", { name: "None of these is my phone: Stranger, John's iPhone" }).waitFor();
    expect(await axe(page)).toEqual([]);
    await field(page).pressSequentially("42");
    await page.keyboard.press("Enter");
    await page.getByRole("status").getByText("John's iPhone is paired").first().waitFor();
    expect(topdog.calls("confirmClaim")).toEqual([{ digits: "42", session_id: await sessionOf(topdog) }]);
    await expect.poll(() => card(page).count()).toBe(0);
  });

  it("with several links have one field and a button for each link; the field stays for the others", async () => {
    const { page, topdog } = await open({
      async prepare({ accept, elsewhere }) {
        await accept();
        await elsewhere("generateQr", { user_id: "john" });
        await accept({ device_name: "Pixel", device_type: "android", os_version: "16" });
      },
    });
    await page.getByRole("heading", { name: "2 phones want to pair" }).waitFor();
    await page.getByText("Android, 16").waitFor();
    await page.getByText("Scanned a QR code at").waitFor();
    await expect.poll(() => field(page).count()).toBe(1);
    await field(page).pressSequentially("42");
    await page.keyboard.press("Enter");
    await card(page).getByRole("status").getByText("Pixel is paired").waitFor();
    expect(topdog.calls("confirmClaim")).toEqual([{ digits: "42" }]);
    await page.getByRole("heading", { name: "A phone wants to pair" }).waitFor();
    expect([await field(page).inputValue(), await focused(field(page))]).toEqual(["", true]);
    await topdog.invite();
    await topdog.accept({ device_name: "Stranger" });
    await page.getByRole("button", { name: "Not my phone: Stranger" }).press("Enter");
    await card(page).getByRole("status").getByText("Stranger isn't paired").waitFor();
    await expect.poll(() => focused(field(page))).toBe(true);
  });

  it("are named by a button each, where a name is missing too", async () => {
    const { page } = await open({
      // The server names them; the page does not rely on it.
      async prepare(topdog) {
        await topdog.accept();
        topdog.alter("listClaims", ({ claims, now }) => ({ claims: claims.map((claim) => ({ ...claim, device_name: "" })), now }));
      },
    });
    await page.getByRole("button", { name: "Not my phone: Unnamed phone" }).waitFor();
  });
});

describe("a QR code that a phone has scanned", () => {
  it("says that the phone's digits are to be typed, and why it was cancelled", async () => {
    const { page, topdog } = await open({ invites: [] });
    await page.getByRole("tab", { name: "QR code" }).click();
    await page.getByRole("button", { name: "Show QR code" }).click();
    await page.getByRole("button", { name: "Cancel this code" }).waitFor();
    await topdog.accept();
    await page.getByText("A phone scanned this code. Type the two digits that it shows at the top of this page.").waitFor();
    for (let tries = 1; tries <= 5; tries += 1) {
      if (tries > 1) await topdog.accept();
      await topdog.elsewhere("confirmClaim", { digits: "99" }).catch(() => undefined);
    }
    await page.getByText("This code was cancelled because wrong digits were typed five times.").first().waitFor();
  });
});

it.each([
  ["light", { colorScheme: "light", forcedColors: "none" }],
  ["dark", { colorScheme: "dark", forcedColors: "none" }],
  ["forced colours", { colorScheme: "dark", forcedColors: "active" }],
] as const)("everybody can use the card in %s, at 320 pixels and from right to left too", async (_theme, media) => {
  const { page } = await open({
    async prepare(topdog) {
      await waiting({}, { device_name: "Stranger" })(topdog);
      await topdog.invite();
      await topdog.accept({ device_name: "W".repeat(40) });
    },
  });
  await card(page).waitFor();
  await page.emulateMedia(media);
  for (const dir of ["ltr", "rtl"]) {
    await page.evaluate((chosen) => document.documentElement.setAttribute("dir", chosen), dir);
    for (const width of [900, 320]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await axe(page)).toEqual([]);
      await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  }
});
