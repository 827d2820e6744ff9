import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { axe } from "../browser.ts";
import { ACCOUNT } from "./scene.ts";
import { type OpenChoice, settingsPages } from "./settings-page.ts";

const pages = settingsPages("settings");

/** Opens the page with the card of the text messages open. */
async function open(choice: OpenChoice = {}) {
  const { page, topdog } = await pages.open(choice);
  const card = page.locator(".sms");
  await card.waitFor();
  if ((await card.getAttribute("open")) === null) await page.getByRole("heading", { name: "Text messages" }).click();
  await page.getByText("Text message provider").waitFor();
  return {
    page,
    card,
    account: page.getByLabel("Account SID"),
    token: page.getByLabel("Auth token", { exact: true }),
    from: page.getByLabel("From number"),
    choose: (name: string): Promise<void> => page.getByRole("radio", { name }).check(),
    save: (): Promise<void> => page.getByRole("button", { name: "Save", exact: true }).click(),
    topdog,
    saved: () => topdog.calls("saveSmsSettings"),
  };
}

/** What a screen reader reads with the element that has the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement | null;
    const described = (element?.getAttribute("aria-describedby") ?? "").split(" ");
    return {
      label: element?.labels?.[0]?.textContent ?? element?.textContent ?? "",
      invalid: element?.getAttribute("aria-invalid") === "true",
      described: described.map((id) => document.getElementById(id)?.textContent ?? "").join(" "),
    };
  });

it("takes a new user from mock mode to a delivered test message by keyboard alone", async () => {
  const { page, topdog } = await pages.open({ show: "pair" });
  /** Tab until the element with this name has the focus, as a person would. */
  const tabTo = async (name: string | RegExp): Promise<void> => {
    for (let step = 0; step < 40; step += 1) {
      await page.keyboard.press("Tab");
      const here = await page.evaluate(() => {
        const element = document.activeElement as HTMLInputElement | null;
        return element?.labels?.[0]?.textContent ?? element?.getAttribute("aria-label") ?? element?.textContent ?? "";
      });
      if (typeof name === "string" ? here === name : name.test(here)) return;
    }
    throw new Error(`the keyboard does not reach ${String(name)}`);
  };
  await page.getByText("Mock mode: no text message is sent").waitFor();
  await tabTo("Set up text messages");
  await page.keyboard.press("Enter");
  await expect.poll(async () => (await focused(page)).label).toBe("Automatic");
  await page.keyboard.press("ArrowDown");
  await expect.poll(async () => (await focused(page)).label).toBe("Twilio");
  await tabTo("Account SID");
  await page.keyboard.type(ACCOUNT.sid);
  await tabTo("Auth token");
  await page.keyboard.type(ACCOUNT.token);
  await tabTo("From number");
  await page.keyboard.type("+15550001111");
  await tabTo("Save and test connection");
  await page.keyboard.press("Enter");
  await page.getByRole("status").getByText('Twilio knows the account "Top Dog\'s own".').waitFor();
  expect(topdog.calls("saveSmsSettings")).toEqual([
    {
      provider: "twilio",
      twilio_account_sid: ACCOUNT.sid,
      twilio_phone_number: "+15550001111",
      twilio_auth_token: ACCOUNT.token,
    },
  ]);
  await page.getByRole("status").getByText("Saved. Twilio sends the next message.").waitFor();
  await tabTo("Your phone number");
  await page.keyboard.type("+1 (415) 555-2671");
  await page.keyboard.press("Enter");
  const test = page.locator(".test-delivery");
  await test.getByText("On its way. Check the phone.").waitFor();
  expect(topdog.calls("sendTestSms")).toEqual([{ phone_number: "+14155552671" }]);
  await topdog.report("delivered");
  await test.getByRole("status").getByText("Delivered. Text messages reach this phone.").waitFor();
  await expect.poll(() => test.locator("[aria-current=step]").innerText()).toContain("Delivered");
  await expect.poll(() => page.locator(".connectivity dl").innerText()).toMatch(/SMS\s+Twilio/);
  await expect.poll(() => page.getByRole("contentinfo").getByText("Mock mode").count()).toBe(0);
  // The secret is gone from the page.
  await expect.poll(() => page.content()).not.toContain(ACCOUNT.token);
  await expect.poll(() => page.getByLabel("Auth token", { exact: true }).innerText()).toBe("•••••••• Set. It is never shown again.");
});

describe("the form", () => {
  it("says beside each field what is missing, and focuses the first", async () => {
    const at = await open();
    await at.choose("Twilio");
    await at.save();
    await at.page.getByText("Enter the account SID.").waitFor();
    await expect.poll(() => focused(at.page)).toMatchObject({ label: "Account SID", invalid: true });
    expect((await focused(at.page)).described).toContain("Enter the account SID.");
    await expect
      .poll(() => at.card.locator(".wrong").allInnerTexts())
      .toEqual([
        "Enter the account SID.",
        "Enter the auth token, or use an API key.",
        "Enter the number to send from, or use a messaging service.",
      ]);
    expect(at.saved()).toEqual([]);
    await at.account.fill("SK123");
    await at.from.focus();
    await at.page.getByText("Account SID must begin with AC and have 32 hexadecimal digits after it.").waitFor();
    await at.account.fill(ACCOUNT.sid);
    await at.from.focus();
    await expect.poll(() => at.account.getAttribute("aria-invalid")).toBeNull();
  });

  it("opens what is folded when the fault is in it", async () => {
    const at = await open({ sms: "twilio" });
    await at.choose("Twilio");
    await at.page.getByText("Use an API key instead of the auth token").click();
    await at.page.getByLabel("API key SID").fill(`SK${"0".repeat(32)}`);
    await at.page.getByText("Use an API key instead of the auth token").click();
    await at.save();
    await at.page.getByText("Enter the API key's secret too.").waitFor();
    await expect.poll(() => focused(at.page)).toMatchObject({ label: "API key secret", invalid: true });
  });

  it("keeps what is typed when news arrives, and when it is folded and opened", async () => {
    const at = await open();
    await at.choose("Twilio");
    await at.account.fill(ACCOUNT.sid);
    await at.token.fill("secret");
    await at.topdog.elsewhere("saveSmsSettings", { twilio_phone_number: "+15559998888" });
    await expect.poll(() => at.from.inputValue()).toBe("+15559998888");
    await at.page.getByRole("heading", { name: "Text messages" }).click();
    await at.page.getByRole("heading", { name: "Text messages" }).click();
    expect([await at.account.inputValue(), await at.token.inputValue()]).toEqual([ACCOUNT.sid, "secret"]);
    await at.page.getByText("You have unsaved changes.").waitFor();
    await at.page.getByRole("button", { name: "Discard changes" }).click();
    await at.page.getByRole("status").getByText("Your changes were discarded.").waitFor();
    await expect.poll(() => at.page.getByRole("radio", { name: "Automatic" }).isChecked()).toBe(true);
    await at.save();
    await at.page.getByText("No changes to save.").waitFor();
    expect(at.saved()).toEqual([]);
  });

  it("replaces and removes a secret, and never has one to show", async () => {
    const at = await open({ sms: "twilio" });
    await at.choose("Twilio");
    const button = (action: string) => at.page.getByRole("button", { name: `${action}: Auth token` });
    await button("Remove").click();
    await at.page.getByText("Will be removed when you save.").waitFor();
    await at.save();
    await at.page.getByText("Enter the auth token, or use an API key.").waitFor();
    await button("Keep").click();
    await button("Replace").press("Enter");
    await expect.poll(() => focused(at.page)).toMatchObject({ label: "Auth token" });
    await expect.poll(() => at.token.getAttribute("type")).toBe("password");
    await at.page.keyboard.type("new-secret");
    await at.page.getByRole("button", { name: "Show Auth token" }).click();
    await expect.poll(() => at.token.getAttribute("type")).toBe("text");
    await at.save();
    await at.page.getByText("Saved. Twilio sends the next message.").waitFor();
    expect(at.saved()).toEqual([{ provider: "twilio", twilio_auth_token: "new-secret" }]);
    await button("Replace").waitFor();
    await expect
      .poll(() => at.page.locator("input").evaluateAll((inputs) => inputs.map((input) => (input as HTMLInputElement).value)))
      .not.toContain("new-secret");
  });

  it("shows what the environment rules, by the name of its variable, and sends none of it", async () => {
    const at = await open({
      env: {
        SMS_PROVIDER: "twilio",
        TWILIO_ACCOUNT_SID: ACCOUNT.sid,
        TWILIO_AUTH_TOKEN: ACCOUNT.token,
        PAIRING_ALLOWED_COUNTRIES: "US,CA",
      },
      secretsIn: "environment",
      // Without a sender it would not have started; meanwhile somebody has removed it.
      files: { "sms_settings.json": JSON.stringify({ secrets: [], phone_number: "+15550009999" }) },
      prepare: async ({ elsewhere }) => void (await elsewhere("saveSmsSettings", { twilio_phone_number: "" })),
    });
    await at.page.getByText("Twilio isn't fully set up. Missing: the sender").waitFor();
    for (const name of ["SMS_PROVIDER", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"])
      await at.page.getByText(`Set by ${name}. Change it there and restart Top Dog.`).waitFor();
    await at.page.getByText("Allowed countries: United States and Canada. Set by PAIRING_ALLOWED_COUNTRIES.").waitFor();
    await at.page.getByText("Secrets come from the environment.").waitFor();
    await expect.poll(() => at.account.getAttribute("readonly")).not.toBeNull();
    await expect.poll(() => at.page.getByRole("button", { name: /Auth token/ }).count()).toBe(0);
    await at.page.getByRole("radio", { name: "Mock" }).click({ force: true });
    await expect.poll(() => at.page.getByRole("radio", { name: "Twilio" }).isChecked()).toBe(true);
    await at.from.fill("+15550001111");
    await at.save();
    await at.page.getByText("Saved. Twilio sends the next message.").waitFor();
    expect(at.saved()).toEqual([{ twilio_phone_number: "+15550001111" }]);
  });

  it("says what the server refused, keeps what was typed, and saves at the next press", async () => {
    const at = await open({ sms: "twilio" });
    await at.choose("Twilio");
    const fail = async (code: string, detail: string): Promise<void> => {
      at.topdog.refuse("saveSmsSettings", { status: 409, code, detail });
      await at.save();
      await at.card.getByRole("alert").getByText(`Nothing was saved. ${detail}`).waitFor();
    };
    await fail("setting_locked", "This setting comes from the environment. Change it there and restart Top Dog.");
    await fail(
      "secrets_unavailable",
      "The secret could not be kept, so nothing was changed. Unlock or repair the secret store, then try again.",
    );
    at.topdog.refuse("saveSmsSettings", {
      status: 400,
      code: "invalid_request",
      detail: "The request was not understood. Check its fields and send it again.",
      errors: [{ field: "twilio_phone_number", message: "must be a number of this account" }],
    });
    await at.save();
    await at.page.getByText("From number must be a number of this account.").waitFor();
    await expect.poll(() => focused(at.page)).toMatchObject({ label: "From number", invalid: true });
    at.topdog.refuse("saveSmsSettings");
    await at.save();
    await at.page.getByText("Saved. Twilio sends the next message.").waitFor();
    await expect.poll(() => at.card.getByRole("alert").count()).toBe(0);
  });

  it("asks before AWS credentials of this computer are used", async () => {
    const at = await open({
      files: { ".aws/credentials": "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = none\n" },
    });
    await at.choose("AWS SNS");
    await at.page.getByText('AWS credentials were found on this computer: the AWS profile "default".').waitFor();
    await at.page.getByLabel("Region").fill("us-east-1");
    await at.save();
    await at.page.getByText("Enter the access key ID, or agree to use the credentials that were found.").waitFor();
    await at.page.getByRole("checkbox", { name: "Use them to pay for text messages" }).check();
    await at.page.getByLabel("Maximum price per message").fill("0.05");
    await at.save();
    await at.page.getByText("Saved. AWS SNS sends the next message.").waitFor();
    expect(at.saved()).toEqual([{ provider: "sns", sns_region: "us-east-1", sns_max_price: "0.05", sns_agreed: true }]);
    await expect.poll(() => at.card.getByRole("checkbox").count()).toBe(0);
  });
});

describe("trying it", () => {
  it("shows the provider's answer to the test, with its code", async () => {
    const at = await open({ sms: "twilio" });
    at.topdog.refuse("testSmsConnection", { status: 429, code: "rate_limited", detail: "Too many requests.", retry_after: 60 });
    const test = at.page.getByRole("button", { name: "Test connection" });
    await test.click();
    await at.card
      .getByRole("timer")
      .getByText(/Try again in (1:00|0:5\d)\./)
      .waitFor();
    at.topdog.refuse("testSmsConnection");
    await test.click();
    await at.page.getByRole("status").getByText("Twilio knows the account").waitFor();
    expect(at.saved()).toEqual([]);
    // Another account is another question.
    await at.choose("Twilio");
    await expect.poll(() => at.page.getByText("Twilio knows the account").count()).toBe(0);
  });

  it("says beside the number why a test was not sent, and follows one that was to its end", async () => {
    const at = await open({ sms: "twilio" });
    const number = at.page.getByLabel("Your phone number");
    const send = at.page.getByRole("button", { name: "Send test message" });
    await send.click();
    await at.page.getByText("Enter the number of a phone that you have with you.").waitFor();
    await number.fill("+14155552671");
    at.topdog.twilio.answer("+14155552671", [400, 21608, "unverified"]);
    await send.click();
    await at.page.locator("#sms-test-note").getByText("This trial account can text verified numbers only.").waitFor();
    await expect.poll(() => focused(at.page)).toMatchObject({ label: "Your phone number", invalid: true });
    at.topdog.twilio.answer("+14155552671");
    await send.click();
    const test = at.page.locator(".test-delivery");
    await test.getByText("On its way. Check the phone.").waitFor();
    await at.topdog.report("undelivered", 30007);
    await test.getByRole("status").getByText("The phone's carrier filtered the message as spam.").waitFor();
    await test.getByText("Details", { exact: true }).click();
    await test.getByText("Twilio, code 30007").waitFor();
  });
});

it("can be used by everybody, in light and dark, and fits into 320 pixels", async () => {
  const at = await open({
    env: { TWILIO_ACCOUNT_SID: ACCOUNT.sid },
    context: { viewport: { width: 320, height: 900 }, reducedMotion: "reduce" },
    prepare: async ({ elsewhere }) => void (await elsewhere("saveSmsSettings", { twilio_auth_token: ACCOUNT.token })),
  });
  await at.choose("Twilio");
  const fits = async (): Promise<void> => {
    const wide = await at.page.evaluate(() =>
      [...document.querySelectorAll(".sms *:not(.unseen)")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 0.5)
        .map(({ outerHTML }) => outerHTML.slice(0, 100)),
    );
    expect([wide, await at.page.evaluate(() => document.documentElement.scrollWidth)]).toEqual([[], 320]);
  };
  await at.page.getByText("Use an API key instead of the auth token").click();
  await at.page.getByText("Use a messaging service instead of a number").click();
  await at.page.getByLabel("API key SID").fill("wrong");
  await at.save();
  await at.page.getByText("API key SID must begin with SK").waitFor();
  for (const colorScheme of ["light", "dark"] as const) {
    await at.page.emulateMedia({ colorScheme });
    expect([colorScheme, await axe(at.page)]).toEqual([colorScheme, []]);
  }
  await fits();
  await at.choose("AWS SNS");
  await at.page.getByLabel("Region").waitFor();
  expect(await axe(at.page, [".sms"])).toEqual([]);
  await fits();
});
