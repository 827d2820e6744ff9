import type { Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { MINUTE, SECOND } from "../../src/core/index.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages();

async function open(choice: OpenChoice = {}) {
  const opened = await pages.open(choice);
  await opened.page.getByRole("heading", { name: "Pending invites" }).waitFor();
  return opened;
}
const row = (page: Page): Locator => page.locator(".invite").first();
/** Of the newest invite. */
const codeOf = async ({ invites }: Topdog): Promise<string | undefined> => (await invites())[0]?.invite_code;

const NOON = "2026-11-24T12:00:00Z";
/** Sent a quarter of an hour before that. */
const at = (time: string) => ({ ago: Date.parse(NOON) + 15 * MINUTE - Date.parse(`2026-11-24T${time}Z`) });

/** The public address becomes another one. */
const moveAway = async ({ elsewhere }: Topdog): Promise<void> => {
  await elsewhere("saveReachability", { base_url: "https://other.example.com" });
};

describe("an invite that waits", () => {
  it("shows its masked number, when it expires and the time left", async () => {
    const { page } = await open({ at: NOON, invites: [at("12:10:00")] });
    await expect
      .poll(() => row(page).innerText())
      .toMatch(/\+1\*{6}2671\s+Waiting for the phone\s*·?\s*expires 13:10\s*·?\s*(10:00|9:59) left/);
    await expect.poll(() => row(page).getByRole("timer").getAttribute("aria-live")).toBe("off");
    await page.clock.runFor(60_000);
    await expect.poll(() => row(page).getByRole("timer").innerText()).toMatch(/^(9:00|8:59) left$/);
  });

  it("counts by the server's clock, whatever this computer believes", async () => {
    const { page } = await open({ at: "2026-11-24T09:00:00Z", aheadBy: 180 * MINUTE, invites: [at("12:10:00")] });
    await expect.poll(() => row(page).getByRole("timer").innerText()).toMatch(/^(10:00|9:59) left$/);
    // Shown as this computer's own clock will show it.
    await expect.poll(() => row(page).innerText()).toContain("expires 10:10");
  });

  it("follows the clock after a sleep", async () => {
    const { page } = await open({ at: NOON, invites: [at("12:10:00")] });
    await page.clock.pauseAt("2026-11-24T12:06:00Z");
    await page.clock.runFor(1100);
    await expect.poll(() => row(page).getByRole("timer").innerText()).toMatch(/^3:5\d left$/);
  });

  it("is announced at five minutes, at one minute and at the end, and turns amber before", async () => {
    const { page } = await open({ at: NOON, invites: [at("12:06:00")] });
    const announced = page.locator(".unseen[role=status]");
    await page.clock.runFor(58_000);
    await expect.poll(() => announced.innerText()).toBe("");
    await page.clock.runFor(4000);
    await expect.poll(() => announced.innerText()).toBe("The invite to +1******2671 expires in 5 minutes.");
    await page.clock.runFor(240_000);
    await expect.poll(() => announced.innerText()).toBe("The invite to +1******2671 expires in 1 minute.");
    await expect.poll(() => row(page).getByRole("timer").getAttribute("class")).toBe("timer");
    await page.clock.runFor(32_000);
    await expect.poll(() => row(page).getByRole("timer").getAttribute("class")).toBe("timer short");
    await page.clock.runFor(30_000);
    await expect.poll(() => announced.innerText()).toBe("The invite to +1******2671 has expired.");
    await expect.poll(() => row(page).innerText()).toContain("Expired");
    await expect.poll(() => row(page).getByRole("timer").count()).toBe(0);
  });

  it("can be opened in mock mode, in a tab that learns nothing of this one", async () => {
    const { page, topdog } = await open({ invites: [{}] });
    const link = row(page).getByRole("link", { name: "Open link: invite to +1******2671" });
    await expect.poll(() => link.getAttribute("href")).toBe(`https://pair.example.com/pair?code=${await codeOf(topdog)}`);
    expect([await link.getAttribute("target"), await link.getAttribute("rel")]).toEqual(["_blank", "noreferrer"]);
  });

  it("cannot be opened from here when a text message was sent", async () => {
    const { page } = await open({ sms: "sns", invites: [{}] });
    await row(page)
      .getByRole("button", { name: /^Copy link/ })
      .waitFor();
    await expect.poll(() => row(page).getByRole("link").count()).toBe(0);
  });

  it("can be copied: the button confirms and nothing moves", async () => {
    const { page, topdog } = await open({ at: NOON, invites: [{}], context: { permissions: ["clipboard-read", "clipboard-write"] } });
    const copy = row(page).getByRole("button", { name: /^Copy link/ });
    const before = await row(page)
      .getByRole("button", { name: /^Resend/ })
      .boundingBox();
    await copy.click();
    const copied = row(page).getByRole("button", { name: /^Copied/ });
    await copied.waitFor();
    expect(
      await row(page)
        .getByRole("button", { name: /^Resend/ })
        .boundingBox(),
    ).toEqual(before);
    await expect
      .poll(() => page.evaluate(() => navigator.clipboard.readText()))
      .toBe(`https://pair.example.com/pair?code=${await codeOf(topdog)}`);
    await page.clock.runFor(3000);
    await copy.waitFor();
  });

  it("shows the link selected where copying is not allowed", async () => {
    const { page, topdog } = await open({
      invites: [{}],
      inPage: 'Object.defineProperty(navigator, "clipboard", { value: { writeText: async () => Promise.reject(new Error("denied")) } })',
    });
    await row(page)
      .getByRole("button", { name: /^Copy link/ })
      .click();
    await row(page).locator(".link-text").waitFor();
    await expect.poll(() => page.evaluate(() => String(getSelection()))).toBe(`https://pair.example.com/pair?code=${await codeOf(topdog)}`);
  });

  it("is sent again once, however often the button is pressed", async () => {
    const { page, topdog } = await open({ at: NOON, invites: [at("12:10:00")], prepare: (topdog) => topdog.hold("resendInvite") });
    const resend = row(page).getByRole("button", { name: /^Resend/ });
    await resend.dblclick();
    await settle(page);
    expect(topdog.calls("resendInvite")).toEqual([{ invite_code: await codeOf(topdog) }]);
    topdog.release("resendInvite");
    await settle(page);
    await page.getByRole("status").getByText("Link sent again to +1******2671. The link now works until 13:15.").waitFor();
    await expect.poll(() => row(page).innerText()).toContain("expires 13:15");
  });

  it("says how long to wait before it can be sent again", async () => {
    const { page, topdog } = await open({
      at: NOON,
      invites: [at("12:10:00")],
      prepare: (topdog) =>
        topdog.refuse("resendInvite", { status: 429, code: "rate_limited", detail: "Too many requests.", retry_after: 28 }),
    });
    await row(page)
      .getByRole("button", { name: /^Resend/ })
      .click();
    await settle(page);
    const waiting = row(page).getByRole("button", { name: /^Resend in 0:2\d/ });
    await waiting.waitFor();
    await expect.poll(() => waiting.getAttribute("aria-disabled")).toBe("true");
    await page.clock.runFor(10_000);
    await row(page)
      .getByRole("button", { name: /^Resend in 0:1\d/ })
      .click({ force: true });
    expect(topdog.calls("resendInvite")).toHaveLength(1);
    await expect.poll(() => row(page).getByRole("alert").innerText()).toBe("Too many requests.");
    await expect
      .poll(() =>
        row(page)
          .getByText(/Try again/)
          .count(),
      )
      .toBe(0);
    await page.clock.runFor(20_000);
    await row(page).getByRole("button", { name: "Resend: invite to +1******2671", exact: true }).waitFor();
    await expect.poll(() => row(page).getByRole("alert").count()).toBe(0);
  });

  it("has a cooldown that the server names: two windows show the same, and it ends by itself", async () => {
    for (const aheadBy of [0, 3_600_000]) {
      const { page, topdog } = await open({
        at: new Date(Date.parse(NOON) - aheadBy).toISOString(),
        aheadBy,
        sms: "twilio",
        // Half a minute after the first message it may be sent again.
        invites: [{ ago: 3 * SECOND }],
      });
      const waiting = row(page).getByRole("button", { name: /^Resend in 0:2[78]/ });
      await waiting.waitFor();
      await expect.poll(() => waiting.getAttribute("aria-disabled")).toBe("true");
      await expect.poll(() => row(page).getByRole("alert").count()).toBe(0);
      await page.clock.runFor(20_000);
      await row(page)
        .getByRole("button", { name: /^Resend in 0:0\d/ })
        .click({ force: true });
      expect(topdog.calls("resendInvite")).toEqual([]);
      await page.clock.runFor(10_000);
      await row(page).getByRole("button", { name: "Resend: invite to +1******2671", exact: true }).click();
      await settle(page);
      expect(topdog.calls("resendInvite")).toHaveLength(1);
    }
  });

  it("offers a QR code after three resends, and opens it", async () => {
    const { page } = await open({
      sms: "twilio",
      invites: [{ ago: 13 * MINUTE }],
      async prepare(topdog) {
        for (const ago of [9, 5]) {
          topdog.clock.move(-ago * MINUTE);
          await topdog.elsewhere("resendInvite", { invite_code: (await codeOf(topdog)) ?? "" });
          topdog.clock.move(ago * MINUTE);
        }
      },
    });
    const offer = row(page).getByRole("button", { name: "Show a QR code instead: invite to +1******2671" });
    await expect.poll(() => offer.count()).toBe(0);
    await row(page).getByRole("button", { name: "Resend: invite to +1******2671", exact: true }).click();
    await offer.click();
    await page.getByRole("tab", { name: "QR code", selected: true }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe("Show QR code");
  });

  it("can be cancelled, also when its code is forgotten", async () => {
    const { page, topdog } = await open({
      invites: [{}],
      prepare: ({ restart }) => restart(),
    });
    await row(page).getByText("Top Dog was restarted").waitFor();
    await expect.poll(() => row(page).getByRole("button").allInnerTexts()).toEqual(["Send a new link", "Cancel"]);
    await row(page)
      .getByRole("button", { name: /^Send a new link/ })
      .click();
    await expect.poll(() => page.getByLabel("Phone number").evaluate((element) => element === document.activeElement)).toBe(true);
    await row(page)
      .getByRole("button", { name: /^Cancel/ })
      .click();
    await page.getByRole("status").getByText("Invite to +1******2671 cancelled.").waitFor();
    expect(topdog.calls("cancelSession")).toEqual([{ session_id: (await topdog.invites())[0]?.session_id }]);
    await expect.poll(() => row(page).getAttribute("data-status")).toBe("cancelled");
    await expect
      .poll(() => page.getByRole("heading", { name: "Pending invites" }).evaluate((element) => element === document.activeElement))
      .toBe(true);
  });

  it("says that the provider has not answered, and can still be cancelled", async () => {
    const { page } = await open({
      at: NOON,
      sms: "twilio",
      async prepare({ twilio, elsewhere, invites }) {
        twilio.answer("+14155552671", "hang");
        void elsewhere("sendInvite", { phone_number: "+14155552671", user_id: "john" }).catch(() => undefined);
        await expect.poll(async () => (await invites()).length).toBe(1);
      },
    });
    await row(page).getByText("Sending…").waitFor();
    await page.clock.runFor(10_000);
    await row(page).getByText("hasn't answered yet").waitFor();
    await expect.poll(() => page.getByText("Top Dog was restarted").count()).toBe(0);
    await row(page)
      .getByRole("button", { name: /^Cancel/ })
      .click();
    await page.getByRole("status").getByText("Invite to +1******2671 cancelled.").waitFor();
  });

  it("shows when its link no longer works", async () => {
    const { page } = await open({ invites: [{}], prepare: moveAway });
    await row(page).getByText("The public address has changed since this link was sent. Send a new link.").waitFor();
    await expect.poll(() => row(page).getByRole("button").allInnerTexts()).toEqual(["Send a new link", "Cancel"]);
  });
});

describe("an invite that ended", () => {
  it("names the phone that accepted, shows it at once and stays until it is dismissed", async () => {
    const { page, topdog } = await open({ invites: [{}] });
    await page.getByText("No phones are paired yet.").waitFor();
    const reads = async (): Promise<number> => topdog.calls("findDevices").length;
    const before = await reads();
    await topdog.accept();
    await page.locator(".device").getByText("John's iPhone").waitFor();
    await row(page).getByText("John's iPhone is paired").waitFor();
    await expect.poll(() => page.getByRole("status").getByText("John's iPhone is paired").count()).toBe(1);
    await expect.poll(() => reads()).toBeGreaterThan(before);
    topdog.emit("devices");
    await expect.poll(() => page.getByRole("status").getByText("John's iPhone is paired").count()).toBe(1);
    await row(page).getByRole("button", { name: "Dismiss: invite to +1******2671" }).click();
    await page.getByText("There are no pending invites.").waitFor();
    topdog.emit("invites");
    await page.getByText("There are no pending invites.").waitFor();
    await expect.poll(() => page.title()).toBe("Phone Pairing");
  });

  it("before the page was opened is not shown", async () => {
    const { page } = await open({
      async prepare({ invite, accept, elsewhere }) {
        await invite();
        await accept();
        await elsewhere("cancelSession", { session_id: (await invite()).session_id });
      },
    });
    await page.getByText("There are no pending invites.").waitFor();
  });

  it("by the phone's own answer is announced", async () => {
    const { page, topdog } = await open({ invites: [{}] });
    await row(page).waitFor();
    await topdog.elsewhere("cancelSession", { session_id: (await topdog.invites())[0]?.session_id ?? "" });
    await page.getByRole("status").getByText("The invite to +1******2671 was cancelled.").waitFor();
  });

  it("by a person who declined it is amber, and asks whether the number is right", async () => {
    const { page, topdog } = await open({ invites: [{}] });
    await row(page).waitFor();
    await topdog.decline();
    await page.getByRole("status").getByText("The invite to +1******2671 was declined on the phone.").waitFor();
    await expect.poll(() => page.locator(".notice.check .icon-warning").count()).toBe(1);
    await expect.poll(() => page.locator(".notice .icon-pass").count()).toBe(0);
    await row(page).getByText("Declined on the phone", { exact: true }).waitFor();
    await row(page).getByText("the number may be wrong").waitFor();
  });

  it("by its clock can be sent again, and waits again", async () => {
    const { page } = await open({ at: NOON, invites: [at("12:00:05")] });
    await page.clock.runFor(7000);
    await settle(page);
    await expect.poll(() => row(page).getAttribute("data-status")).toBe("expired");
    await row(page)
      .getByRole("button", { name: /^Resend/ })
      .click();
    await settle(page);
    await expect.poll(() => row(page).getAttribute("data-status")).toBe("pending");
    await expect.poll(() => row(page).getByRole("timer").innerText()).toMatch(/^(15:00|14:5\d) left$/);
  });
});
