import { describe, expect, it } from "vitest";
import { axe } from "../browser.ts";
import { type OpenChoice, settingsPages, settle } from "./settings-page.ts";

const pages = settingsPages();
const GERMANY = { LANG: "de_DE.UTF-8" };

/** Text messages are sent, unless a test says otherwise. */
async function open(choice: OpenChoice = {}) {
  const { page, topdog } = await pages.open({ sms: "twilio", ...choice });
  const number = page.getByLabel("Phone number");
  await number.waitFor();
  return {
    page,
    number,
    country: page.getByRole("combobox", { name: "Country" }),
    send: page.getByRole("button", { name: "Send Pairing Link" }),
    preview: page.locator(".preview"),
    async paste(text: string) {
      await number.evaluate((element, pasted) => {
        (element as HTMLInputElement).focus();
        (element as HTMLInputElement).select();
        const clipboardData = new DataTransfer();
        clipboardData.setData("text/plain", pasted);
        element.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
      }, text);
    },
    topdog,
    sent: () => topdog.calls("sendInvite"),
  };
}

it("invites a phone with the permissions that were chosen, by text message and by QR code", async () => {
  const at = await open();
  await at.page.getByLabel("Permissions").selectOption("answer");
  await at.number.pressSequentially("4155552671");
  await at.number.press("Enter");
  await at.page.getByText("SMS sent! Check your phone.").waitFor();
  expect(at.sent()).toEqual([{ phone_number: "+14155552671", user_id: "john", user_name: "John Doe", level: "answer", language: "en" }]);
  await at.page.getByRole("tab", { name: "QR code" }).click();
  await expect.poll(() => at.page.getByLabel("Permissions").inputValue()).toBe("answer");
  await at.page.getByLabel("Permissions").selectOption("view");
  await at.page.getByRole("button", { name: "Show QR code" }).click();
  await at.page.getByRole("img", { name: /^QR code/ }).waitFor();
  const asked = at.topdog.calls("generateQr");
  expect(asked).toEqual([{ user_id: "john", user_name: "John Doe", level: "view" }]);
});

describe("the number", () => {
  it.each([
    ["+1 (415) 555-2671", "+14155552671", "United States (+1)"],
    ["tel:+44 20 7946 0958", "+442079460958", "United Kingdom (+44)"],
    ["00442079460958", "+442079460958", "United Kingdom (+44)"],
    ["011442079460958", "+442079460958", "United Kingdom (+44)"],
    ["(415) 555-2671", "+14155552671", "United States (+1)"],
    ["415.555.2671", "+14155552671", "United States (+1)"],
    ["＋14155552671", "+14155552671", "United States (+1)"],
    ["\u202a+49 30 901820\u202c", "+4930901820", "Germany (+49)"],
    ["+٩٦٦٥٠١٢٣٤٥٦٧", "+966501234567", "Saudi Arabia (+966)"],
  ])("pasted as %j is sent as %s", async (pasted, e164, country) => {
    const at = await open();
    await at.paste(pasted);
    await expect.poll(() => at.preview.count()).toBe(1);
    await expect.poll(async () => (await at.preview.innerText()).replace(/\D/g, "")).toBe(e164.slice(1));
    await expect.poll(() => at.country.inputValue()).toBe(country);
    await at.number.press("Enter");
    const anyway = at.page.getByRole("button", { name: "Send anyway" });
    await anyway.or(at.page.getByText("SMS sent! Check your phone.")).first().waitFor();
    if (await anyway.isVisible()) await anyway.click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent()).toEqual([{ phone_number: e164, user_id: "john", user_name: "John Doe", level: "command", language: "en" }]);
  });

  it.each([
    ["+९१ ८१२३४ ५६७८९", "+918123456789", "Devanagari"],
    ["+๖๖ ๘๑ ๒๓๔ ๕๖๗๘", "+66812345678", "Thai"],
  ])("typed as %j is read as %s (%s), and shown before it is sent to", async (typed, e164) => {
    const at = await open();
    await at.number.pressSequentially(typed);
    await expect.poll(() => at.number.inputValue()).toBe(typed);
    await at.number.press("Enter");
    await at.page.getByText("We read this as").waitFor();
    expect(at.sent()).toEqual([]);
    await at.page.getByRole("button", { name: "Send anyway" }).click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent().map(({ phone_number }) => phone_number)).toEqual([e164]);
  });

  it("keeps a text that is no number, and says what to do", async () => {
    const at = await open();
    await at.paste("call me maybe");
    await expect.poll(() => at.number.inputValue()).toBe("call me maybe");
    await at.page.getByText("This isn't a phone number. Include the country code").waitFor();
    await at.number.press("Enter");
    await expect.poll(() => at.number.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(() => at.number.getAttribute("aria-invalid")).toBe("true");
    const described = await at.number.getAttribute("aria-describedby");
    const texts = await at.page.evaluate((ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent), described ?? "");
    expect(texts.join(" ")).toContain("This isn't a phone number.");
    await expect.poll(() => at.number.inputValue()).toBe("call me maybe");
    expect(at.sent()).toEqual([]);
    // It is a text field like any other: what is left of it may become a number.
    await at.number.fill("");
    await at.number.pressSequentially("4155552671");
    await expect.poll(() => at.number.inputValue()).toBe("(415) 555-2671");
    await expect.poll(() => at.number.getAttribute("aria-invalid")).toBeNull();
  });

  it("is previewed while it is typed, and not complained about", async () => {
    const at = await open({ sms: "mock" });
    await at.number.pressSequentially("415555");
    await expect.poll(() => at.page.locator(".wrong").count()).toBe(0);
    await expect.poll(() => at.preview.count()).toBe(0);
    await at.number.pressSequentially("2671");
    await expect.poll(() => at.preview.innerText()).toBe("A link for +1 415 555 2671");
    expect(at.topdog.calls("readPhoneNumber").length > 0).toBe(false);
  });

  it("is read when the field is left: too short is reported beside it", async () => {
    const at = await open();
    await at.number.pressSequentially("415555");
    await at.country.focus();
    await at.page.getByText("too few or too many digits").waitFor();
    await expect.poll(() => at.number.inputValue()).toBe("(415) 555");
  });

  it("switches the country when a country code is typed", async () => {
    const at = await open();
    await at.number.pressSequentially("+442079460958");
    await expect.poll(() => at.country.inputValue()).toBe("United Kingdom (+44)");
    await expect.poll(() => at.preview.innerText()).toBe("We will text +44 20 7946 0958");
  });

  it.each(["011442079460958", "00442079460958"])("typed with a dialling prefix (%s) is never sent to another phone", async (typed) => {
    const at = await open();
    await at.number.pressSequentially(typed);
    await at.number.press("Enter");
    const anyway = at.page.getByRole("button", { name: "Send anyway" });
    await anyway.or(at.page.getByText("SMS sent! Check your phone.")).first().waitFor();
    if (await anyway.isVisible()) {
      await expect.poll(() => at.preview.innerText()).toBe("We will text +44 20 7946 0958");
      await anyway.click();
    }
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent().map(({ phone_number }) => phone_number)).toEqual(["+442079460958"]);
  });

  it("keeps the caret when a digit in the middle is changed", async () => {
    const at = await open();
    await at.number.pressSequentially("4155552671");
    await at.number.evaluate((element) => (element as HTMLInputElement).setSelectionRange(7, 7));
    await at.number.press("Backspace");
    await at.number.press("9");
    await expect.poll(() => at.number.inputValue()).toBe("(415) 955-2671");
    await expect.poll(() => at.number.evaluate((element) => (element as HTMLInputElement).selectionStart)).toBe(7);
  });

  it("can be undone and done again", async () => {
    const at = await open();
    await at.number.pressSequentially("4155552671");
    await at.paste("nonsense");
    await expect.poll(() => at.number.inputValue()).toBe("nonsense");
    await at.number.press("Control+z");
    await expect.poll(() => at.preview.innerText()).toBe("We will text +1 415 555 2671");
    await at.number.press("Control+Shift+z");
    await expect.poll(() => at.number.inputValue()).toBe("nonsense");
  });

  it("is asked for when it is missing", async () => {
    const at = await open();
    await at.send.click();
    await at.page.getByText("Enter the number of the phone you want to pair.").waitFor();
    await expect.poll(() => at.number.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it("of a landline is sent to only when asked twice", async () => {
    const at = await open({ env: GERMANY });
    await at.number.pressSequentially("030 901820");
    await at.number.press("Enter");
    await at.page.getByText("This may be a landline").waitFor();
    expect(at.sent()).toEqual([]);
    const anyway = at.page.getByRole("button", { name: "Send anyway" });
    await expect.poll(() => anyway.evaluate((element) => element === document.activeElement)).toBe(true);
    await anyway.press("Enter");
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent().map(({ phone_number }) => phone_number)).toEqual(["+4930901820"]);
  });

  it("is a field that phones and password managers know", async () => {
    const at = await open();
    await expect
      .poll(() =>
        at.number.evaluate((element) => [...(["type", "autocomplete", "inputmode"] as const)].map((name) => element.getAttribute(name))),
      )
      .toEqual(["tel", "tel", "tel"]);
    await expect.poll(() => at.number.getAttribute("placeholder")).toBeNull();
  });
});

describe("the country", () => {
  it.each([
    ["united k", "United Kingdom (+44)"],
    ["gb", "United Kingdom (+44)"],
    ["+49", "Germany (+49)"],
    ["aland", "Åland Islands (+358)"],
  ])("is found by %j", async (typed, found) => {
    const at = await open();
    await at.country.fill(typed);
    await at.page.getByRole("listbox").waitFor();
    await at.country.press("ArrowDown");
    await at.country.press("Enter");
    await expect.poll(() => at.country.inputValue()).toBe(found);
  });

  it("stays when the list is left with Escape", async () => {
    const at = await open();
    await at.country.fill("germ");
    await at.page.getByRole("listbox").waitFor();
    await at.country.press("Escape");
    await at.number.focus();
    await expect.poll(() => at.country.inputValue()).toBe("United States (+1)");
  });

  it("is the one the server proposes, and belongs to what is typed", async () => {
    const at = await open({ env: { LANG: "en_GB.UTF-8" } });
    await expect.poll(() => at.country.inputValue()).toBe("United Kingdom (+44)");
    await at.number.pressSequentially("07400 123456");
    await at.number.press("Enter");
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent().map(({ phone_number }) => phone_number)).toEqual(["+447400123456"]);
  });
});

describe("sending", () => {
  it("says the exact words and empties the field", async () => {
    const at = await open();
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    const status = at.page.getByRole("status").filter({ hasText: "SMS sent!" });
    await status.waitFor();
    expect((await status.innerText()).trim()).toBe("SMS sent! Check your phone.");
    await expect.poll(() => at.number.inputValue()).toBe("");
    await at.page.getByText("+1******2671").waitFor();
    await expect.poll(() => at.page.title()).toBe("Waiting for a phone – Phone Pairing");
  });

  it("sends once, however often the button is pressed", async () => {
    const at = await open({ prepare: (topdog) => topdog.hold("sendInvite") });
    await at.number.pressSequentially("4155552671");
    await at.send.dblclick();
    const sending = at.page.getByRole("button", { name: "Sending…" });
    await sending.waitFor();
    await expect.poll(() => sending.getAttribute("aria-disabled")).toBe("true");
    await expect.poll(() => sending.getAttribute("disabled")).toBeNull();
    await sending.click({ force: true });
    await at.number.press("Enter");
    at.topdog.release("sendInvite");
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent()).toHaveLength(1);
    await at.send.waitFor();
  });

  it.each([
    ["sms_opted_out", 21610, "This number has opted out of text messages. Text START from it to the sender's number to opt in again."],
    ["sms_number_rejected", 21211, "Twilio doesn't accept this number. Check it, or use another one."],
  ])("says %s beside the number", async (code, ofTwilio, detail) => {
    const at = await open();
    at.topdog.twilio.answer("+14155552671", [400, ofTwilio, ""]);
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.page.locator("#number-note").getByText(detail).waitFor();
    expect(at.topdog.store.auditLines().at(-1)).toMatchObject({ event: "sms_failed", reason: code });
    await expect.poll(() => at.number.evaluate((element) => element === document.activeElement)).toBe(true);
    await expect.poll(() => at.number.getAttribute("aria-invalid")).toBe("true");
    await expect.poll(() => at.page.getByRole("alert").count()).toBe(0);
    await expect.poll(() => at.number.inputValue()).toBe("(415) 555-2671");
  });

  it("states a limit once and counts down to its end, when it can be sent again", async () => {
    const at = await open({ at: "2026-11-24T10:00:00Z" });
    at.topdog.refuse("sendInvite", {
      status: 429,
      code: "rate_limited",
      detail: "Too many requests. Try again in 3 minutes.",
      retry_after: 180,
    });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await settle(at.page);
    await at.page.getByRole("alert").waitFor();
    const problem = at.page.locator(".problem");
    expect((await problem.innerText()).replaceAll(/\s+/g, " ")).toMatch(
      /^No message was sent\. Too many requests\. Try again in (3:00|2:59)\.$/,
    );
    // The time left is silent, and the button says why it does nothing.
    await expect.poll(() => at.page.getByRole("alert").innerText()).toBe("No message was sent. Too many requests.");
    await expect.poll(() => at.send.getAttribute("aria-disabled")).toBe("true");
    await expect
      .poll(async () =>
        at.page.evaluate((id) => document.getElementById(id ?? "")?.textContent, await at.send.getAttribute("aria-describedby")),
      )
      .toContain("Try again in");
    await at.page.clock.runFor(60_000);
    await expect.poll(() => problem.getByRole("timer").innerText()).toMatch(/^Try again in (2:01|2:00|1:59)\.$/);
    await at.send.click({ force: true });
    expect(at.sent()).toHaveLength(1);
    at.topdog.refuse("sendInvite");
    await at.page.clock.runFor(123_000);
    await expect.poll(() => problem.count()).toBe(0);
    await at.page.locator(".unseen[role=status]").getByText("You can try again now.").waitFor({ state: "attached" });
    await at.send.click();
    await settle(at.page);
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect(at.sent()).toHaveLength(2);
  });

  it("forgets the limit of one number when another is typed, but not one of all requests", async () => {
    const at = await open();
    for (const [code, left] of [
      ["sms_budget_exceeded", 0],
      ["rate_limited", 1],
    ] as const) {
      at.topdog.refuse("sendInvite", { status: 429, code, detail: "Wait.", retry_after: 4000 });
      await at.number.fill("");
      await at.number.pressSequentially("4155552671");
      await at.send.click();
      await at.page
        .getByRole("timer")
        .getByText(/Try again in 1:06:\d\d\./)
        .waitFor();
      await at.number.press("End");
      await at.number.press("Backspace");
      await expect.poll(() => at.page.getByRole("timer").count()).toBe(left);
    }
  });

  it("leaves no question and no second button behind after Send anyway, whatever comes of it", async () => {
    const at = await open({
      env: GERMANY,
      prepare(topdog) {
        topdog.setReach("no_answer");
        topdog.hold("sendInvite");
      },
    });
    await at.number.pressSequentially("030 901820");
    await at.number.press("Enter");
    const anyway = at.page.getByRole("button", { name: "Send anyway" });
    const warning = at.page.getByText("This may be a landline");
    await warning.waitFor();
    // Two questions, one after the other; each is the only way to send while it is asked.
    await expect.poll(() => at.send.count()).toBe(0);
    await anyway.click();
    const unreachable = at.page.getByRole("region", { name: "The link wouldn't work on a phone." });
    await unreachable.waitFor();
    expect([await warning.count(), await anyway.count(), await at.send.count()]).toEqual([0, 1, 0]);
    await anyway.click();
    const sending = at.page.getByRole("button", { name: "Sending…" });
    await sending.waitFor();
    await expect.poll(() => sending.evaluate((element) => element === document.activeElement)).toBe(true);
    expect([await warning.count(), await unreachable.count(), await anyway.count()]).toEqual([0, 0, 0]);
    at.topdog.refuse("sendInvite", { status: 500, code: "sms_send_failed", detail: "Twilio refused." });
    at.topdog.release("sendInvite");
    await at.page.getByRole("alert").getByText("Twilio refused.").waitFor();
    expect([await warning.count(), await unreachable.count(), await anyway.count()]).toEqual([0, 0, 0]);
    // What was agreed to is not asked again for the same number.
    at.topdog.refuse("sendInvite");
    await at.send.click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    expect([await warning.count(), await unreachable.count(), await anyway.count(), await at.send.count()]).toEqual([0, 0, 0, 1]);
    await expect.poll(() => at.page.getByRole("alert").count()).toBe(0);
    // Another number is another question.
    await at.number.pressSequentially("030 901820");
    await at.number.press("Enter");
    await warning.waitFor();
  });

  it("says what went wrong, what to do, and sends at the next press", async () => {
    const at = await open();
    at.topdog.refuse("sendInvite", { status: 500, code: "sms_send_failed", detail: "Twilio refused: the account is suspended." });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.page.getByRole("alert").waitFor();
    await expect
      .poll(() => at.page.getByRole("alert").innerText())
      .toBe(
        "No message was sent. Twilio refused: the account is suspended. Check the text message provider's settings, then send the link again.",
      );
    at.topdog.refuse("sendInvite");
    await at.send.click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
    await expect.poll(() => at.page.getByRole("alert").count()).toBe(0);
  });

  it("does not claim that nothing was sent when that is not known", async () => {
    const at = await open();
    at.topdog.refuse("sendInvite", { status: 500, code: "sms_outcome_unknown", detail: "It may have been sent." });
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.page.getByRole("alert").waitFor();
    await expect
      .poll(() => at.page.getByRole("alert").innerText())
      .toBe("The message may have been sent. It may have been sent. If nothing arrives, send the link again.");
  });

  it("goes on when the machine has no network", async () => {
    const at = await open();
    await at.page.context().setOffline(true);
    await at.number.pressSequentially("4155552671");
    await at.send.click();
    await at.page.getByText("SMS sent! Check your phone.").waitFor();
  });
});

describe("in mock mode", () => {
  it("hands the link over where it was made, and claims nothing that did not happen", async () => {
    const at = await open({
      sms: "mock",
      context: { permissions: ["clipboard-read", "clipboard-write"] },
    });
    await at.number.pressSequentially("4155552671");
    await at.page.getByText("its link appears here").waitFor();
    await at.send.click();
    const box = at.page.locator(".notice").filter({ hasText: "Printed, not sent." });
    const link = `https://pair.example.com/pair?code=${(await at.topdog.invites())[0]?.invite_code}`;
    await box.getByText(link).waitFor();
    const open_ = box.getByRole("link", { name: "Open the link" });
    await expect.poll(() => open_.getAttribute("href")).toBe(link);
    await box.getByRole("button", { name: "Copy the link" }).click();
    await box.getByRole("button", { name: "Copied" }).waitFor();
    await expect.poll(() => at.page.evaluate(() => navigator.clipboard.readText())).toBe(link);
    const text = await at.page.locator("main").innerText();
    for (const claim of ["We will text", "SMS sent", "Check your phone"]) expect(text).not.toContain(claim);
    expect(text.match(/no text message is sent/gi)).toHaveLength(1);
    expect(await axe(at.page)).toEqual([]);
    // The link is good once: the box goes with it.
    await at.topdog.accept({ device_name: "Pixel" });
    await at.page.getByRole("heading", { name: "Pixel" }).waitFor();
    await box.waitFor({ state: "detached" });
  });

  it("offers an address that a phone can open, where the present one is this computer's own", async () => {
    const at = await open({
      sms: "mock",
      address: "",
      localNetwork: ["http://192.168.1.20:8001"],
      prepare: (topdog) => topdog.hold("startTunnel"),
    });
    const offer = at.page.getByRole("region", { name: "Address for phones" });
    await offer.getByText("http://127.0.0.1:8001 opens only on this computer.").waitFor();
    await at.page.getByRole("tab", { name: "QR code" }).click();
    await at.page.getByRole("button", { name: "Show QR code" }).click();
    await at.page.getByRole("img", { name: /^QR code/ }).waitFor();
    await expect.poll(() => at.page.getByLabel("The link in the code").inputValue()).toMatch(/^http:\/\/127\.0\.0\.1:8001\/pair/);
    expect(await axe(at.page)).toEqual([]);
    await offer.getByRole("button", { name: "Use http://192.168.1.20:8001 (same Wi-Fi)" }).click();
    // The code is made anew by itself.
    await expect.poll(() => at.page.getByLabel("The link in the code").inputValue()).toMatch(/^http:\/\/192\.168\.1\.20:8001\/pair/);
    await at.page.getByText("The phone must be able to open http://192.168.1.20:8001.").waitFor();
    await expect.poll(() => offer.count()).toBe(0);
  });

  it("offers a tunnel in the same place, and says how it stands", async () => {
    const at = await open({ sms: "mock", address: "", phoneDoor: "http://localhost:8001" });
    const offer = at.page.getByRole("region", { name: "Address for phones" });
    await offer.getByText("start Top Dog with PAIRING_PHONE_HOST=0.0.0.0").waitFor();
    await offer.getByRole("button", { name: "Start a tunnel" }).click();
    await offer.getByRole("status").getByText("The tunnel is starting…").waitFor();
    at.topdog.setTunnel({ kind: "online", address: "https://ab.trycloudflare.com", since: Date.now() });
    await offer.waitFor({ state: "detached" });
  });
});

describe("before a number is typed", () => {
  it("shows connectivity: provider and address; mock mode says that nothing is sent", async () => {
    const at = await open({ sms: "mock" });
    await expect.poll(() => at.page.getByRole("contentinfo").innerText()).toMatch(/Not checked.*pair\.example\.com.*Mock mode/s);
    await at.page.getByText("Mock mode: no text message is sent").waitFor();
  });

  it("says who sends and that it costs, with a real provider", async () => {
    const at = await open({ env: { PAIRING_INVITE_EXPIRY_MINUTES: "1" } });
    await expect.poll(() => at.page.getByRole("contentinfo").innerText()).toMatch(/Text messages\s+Twilio/);
    await expect.poll(() => at.page.getByText(/^Mock mode/).count()).toBe(0);
    await at.page.getByText("message and data rates may apply. The link works for 1 minute.").waitFor();
  });
});
