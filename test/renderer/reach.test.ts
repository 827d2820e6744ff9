import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import type { PageOperation } from "../../src/contract/pairing-api.ts";
import { MINUTE } from "../../src/core/index.ts";
import { axe, openView } from "../browser.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";

const pages = settingsPages();
const MONTHS = new Intl.DateTimeFormat("en-GB", { month: "long", timeZone: "UTC" });

const NO_ANSWER =
  "Nothing answers at the public address. Start what leads here from it, or set another one under Phone reachability (PAIRING_BASE_URL).";

async function open(choice: OpenChoice = {}) {
  const { page, topdog } = await pages.open({ sms: "twilio", ...choice });
  const number = page.getByLabel("Phone number", { exact: true });
  await number.waitFor();
  return {
    page,
    number,
    send: page.getByRole("button", { name: "Send Pairing Link" }),
    warning: page.getByRole("region", { name: "The link wouldn't work on a phone." }),
    topdog,
    asked: (name: PageOperation): number => topdog.calls(name).length,
    focused: (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? ""),
  };
}
async function connectivity(page: Page): Promise<string> {
  await openView(page, "Settings");
  return page.locator(".connectivity dl").innerText();
}

describe("before a message is paid for", () => {
  it("the public address is asked, and its answer stands for a minute", async () => {
    const at = await open();
    await at.page.getByText("Reachable").waitFor();
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect([at.asked("checkReach"), at.asked("sendInvite")]).toEqual([1, 1]);
  });

  it("a link that would not work is reported, with the ways on; nothing is sent", async () => {
    const at = await open({ reach: "no_answer" });
    await at.number.pressSequentially("4155552671");
    await at.number.press("Enter");
    await at.warning.getByRole("alert").getByText(NO_ANSWER).waitFor();
    await expect.poll(() => at.warning.getByRole("button").allInnerTexts()).toEqual(["Check again", "Show QR code instead", "Send anyway"]);
    await expect.poll(at.focused).toBe("Check again");
    expect(at.asked("sendInvite")).toBe(0);
    await expect.poll(() => at.number.inputValue()).toBe("(415) 555-2671");
    for (const colorScheme of ["light", "dark"] as const) {
      await at.page.emulateMedia({ colorScheme });
      expect(await axe(at.page)).toEqual([]);
    }
  });

  it("it can be sent anyway, to the number it was asked about", async () => {
    const at = await open({ reach: "interstitial" });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.warning.getByRole("button", { name: "Send anyway" }).click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    await expect.poll(() => at.warning.count()).toBe(0);
    expect(at.asked("sendInvite")).toBe(1);
  });

  it("it can be asked again, and says when phones get there", async () => {
    const at = await open({ reach: "no_answer" });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.warning.waitFor();
    at.topdog.setReach("reached");
    await at.warning.getByRole("button", { name: "Check again" }).press("Enter");
    await at.page.getByText("Phones can reach this computer now. Send the link.").waitFor();
    await expect.poll(at.focused).toBe("Send Pairing Link");
    await at.page.keyboard.press("Enter");
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
  });

  it("the QR code is one press away", async () => {
    const at = await open({ reach: "no_answer" });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.warning.getByRole("button", { name: "Show QR code instead" }).click();
    await expect.poll(at.focused).toBe("Show QR code");
  });

  it("one may go on typing while the address is asked; what was changed is not sent", async () => {
    const at = await open({ prepare: (topdog) => topdog.hold("checkReach") });
    await at.number.pressSequentially("4155552671");
    await at.number.press("Enter");
    await at.page.getByRole("status").getByText("Checking whether phones can reach the public address.").waitFor();
    await expect.poll(() => at.page.getByRole("button", { name: "Checking the address…" }).getAttribute("aria-disabled")).toBe("true");
    await at.number.press("Backspace");
    at.topdog.release("checkReach");
    await at.page.getByText("The number changed before anything was sent. Check it, then send again.").waitFor();
    expect([await at.number.inputValue(), at.asked("sendInvite")]).toEqual(["(415) 555-267", 0]);
  });

  it("an address that could not be asked is not taken for a good one", async () => {
    const at = await open({
      prepare: (topdog) =>
        topdog.refuse("checkReach", { status: 429, code: "rate_limited", detail: "Too many requests. Wait a moment and try again." }),
    });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    const warning = at.page.getByRole("region", { name: "We couldn't check whether the link would work on a phone." });
    await warning.getByText("Too many requests. Wait a moment and try again.").waitFor();
    expect(at.asked("sendInvite")).toBe(0);
  });

  it("a resend asks as well", async () => {
    const at = await open({ reach: "tunnel_broken", invites: [{ ago: 5 * MINUTE }] });
    await at.page.getByRole("button", { name: "Resend: invite to +1******2671", exact: true }).click();
    await at.warning.getByText("The tunnel answers, but it does not reach Top Dog.").waitFor();
    expect(at.asked("resendInvite")).toBe(0);
    await at.warning.getByRole("button", { name: "Send anyway" }).click();
    await at.page.getByText("Link sent again to +1******2671.").waitFor();
    await expect.poll(() => at.warning.count()).toBe(0);
  });

  it("nothing is asked in mock mode, which pays for nothing", async () => {
    const at = await open({ sms: "mock", address: "http://127.0.0.1:8001" });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.page.getByText("Printed, not sent.").waitFor();
    expect(at.asked("checkReach")).toBe(0);
    await openView(at.page, "Settings");
    await at.page.getByRole("button", { name: "Check now" }).click();
    await at.page.getByText("Only this computer can open the link.").waitFor();
    await expect.poll(() => connectivity(at.page)).toMatch(/This computer only, checked \d\d:\d\d/);
    await at.topdog.elsewhere("saveReachability", { base_url: "http://192.168.1.20:8001" });
    await at.page.getByRole("button", { name: "Check now" }).click();
    await at.page.getByText("The link works only while the phone is on the same network as this computer").waitFor();
    await expect.poll(() => connectivity(at.page)).toMatch(/This network only, checked \d\d:\d\d/);
  });
});

describe("connectivity", () => {
  it("says whether phones reach the address, when that was checked, and checks again when asked", async () => {
    const at = await open({
      reach: "bad_certificate",
      invites: Array.from({ length: 14 }, (_, place) => ({ phone_number: `+141555510${10 + place}` })),
    });
    const { month } = (await at.topdog.elsewhere("overview", {})).sms_month;
    await openView(at.page, "Settings");
    await at.page.getByText("The public address has a certificate that phones do not trust.").waitFor();
    await expect
      .poll(() => connectivity(at.page))
      .toMatch(
        new RegExp(
          `In ${MONTHS.format(new Date(month))}\\s+14 text messages\\s+Public address\\s+https://pair\\.example\\.com\\s+Not reachable, checked \\d\\d:\\d\\d`,
        ),
      );
    at.topdog.setReach("reached");
    await at.page.getByRole("button", { name: "Check now" }).click();
    await expect.poll(() => at.page.getByText("Not reachable").count()).toBe(0);
    await at.page.getByText("Reachable, checked").waitFor();
    await expect.poll(() => at.page.locator(".connectivity").getByText("certificate").count()).toBe(0);
  });

  it("says until when a provider that fails is left alone, and what to do meanwhile", async () => {
    const at = await open({
      at: "2026-11-24T12:00:05Z",
      prepare: ({ alter }) => alter("overview", (overview) => ({ ...overview, sms_paused_until: "2026-11-24T12:00:30Z" })),
    });
    const paused = at.page.getByRole("region", { name: "Pair Phone" }).getByRole("alert");
    await expect.poll(() => paused.innerText()).toContain("Twilio keeps failing. Sending is paused until 13:00:30.");
    await expect.poll(() => paused.getByRole("button").allInnerTexts()).toEqual(["Show QR code instead", "Open settings"]);
    await at.page.clock.runFor(27_000);
    await expect.poll(() => paused.count()).toBe(0);
  });
});

describe("what a message costs", () => {
  it("stands under the number before it is sent, with the exact text", async () => {
    const at = await open();
    await at.number.pressSequentially("4155552671");
    await at.page.getByText("1 message of 1 segment · GSM-7 · about $0.0079").waitFor();
    await at.page.getByText("Show the text").click();
    await at.page.getByText("Hi John Doe! Click to pair your phone with Top Dog:").waitFor();
    expect(at.asked("sendInvite")).toBe(0);
    await at.number.fill("");
    await at.number.pressSequentially("+447400123456");
    await at.page.getByText("1 message of 1 segment · GSM-7 · about $0.02 to $0.15").waitFor();
  });

  it("warns of a name that makes the message longer", async () => {
    const at = await open({ saved: { PAIRING_USER_ID: "li", PAIRING_USER_NAME: "李雷" } });
    await at.number.pressSequentially("4155552671");
    await at.page
      .getByText("1 message of 3 segments · UCS-2 · about $0.0237 The text contains a character outside the standard SMS alphabet")
      .waitFor();
  });

  it("does not matter where nothing may be sent: a country that is not allowed is the number's problem", async () => {
    const at = await open({ env: { PAIRING_ALLOWED_COUNTRIES: "US" } });
    await at.number.pressSequentially("+447400123456");
    await at.number.press("Enter");
    await at.page.locator("#number-note").getByText("Text messages to this country aren't allowed here.").waitFor();
    await expect.poll(() => at.number.getAttribute("aria-invalid")).toBe("true");
    expect([await at.page.locator(".cost").count(), at.asked("sendInvite"), at.asked("checkReach")]).toEqual([0, 0, 1]);
  });
});

describe("an error", () => {
  it("of the provider shows its own code under Details, and opens the settings where that is the remedy", async () => {
    const at = await open({ prepare: ({ twilio }) => twilio.answer("+14155552671", [401, 20003, "Authenticate"]) });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    const alert = at.page.getByRole("alert");
    await alert.getByText("No message was sent. Twilio doesn't accept the credentials.").waitFor();
    await alert.getByText("Details", { exact: true }).click();
    await alert.getByText("Twilio, code 20003").waitFor();
    await alert.getByRole("button", { name: "Open settings" }).click();
    await expect.poll(() => at.page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.name)).toBe("sms-provider");
  });

  it("of the number stands beside it, with the provider's code", async () => {
    const at = await open({ prepare: ({ twilio }) => twilio.answer("+14155552671", [400, 21608, "unverified"]) });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    const note = at.page.locator("#number-note");
    await note.getByText("This trial account can text verified numbers only.").waitFor();
    await note.getByText("Details", { exact: true }).click();
    await note.getByText("Twilio, code 21608").waitFor();
  });
});
