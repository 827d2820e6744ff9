import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { axe, openView, sharedBrowser } from "../browser.ts";
import { openTwilioDouble, type TwilioDouble, type TwilioMessage } from "../doubles/twilio.ts";
import { freshHome, type Headless, killServers, startHeadless } from "./headless.ts";

const SID = `AC${"0".repeat(32)}`;
const TOKEN = "a".repeat(32);

let browser: Browser;
let twilio: TwilioDouble;
let server: Headless;
let page: Page;
beforeAll(async () => {
  twilio = await openTwilioDouble({ sid: SID, token: TOKEN });
  [browser, server] = await Promise.all([
    sharedBrowser(),
    // An address that no phone gets to, and that a report may be signed for.
    startHeadless(freshHome(), { PAIRING_TWILIO_BASE_URL: twilio.url, PAIRING_BASE_URL: "http://127.0.0.1:9" }),
  ]);
  page = await browser.newPage();
  await page.goto(server.pageAddress);
});
afterAll(async () => {
  await twilio.close();
  killServers();
});

/** By keyboard alone: Tab until the element with this label or these words has the focus. */
async function tabTo(name: string): Promise<void> {
  for (let step = 0; step < 60; step += 1) {
    await page.keyboard.press("Tab");
    const here = await page.evaluate(() => {
      const element = document.activeElement as HTMLInputElement | null;
      return element?.labels?.[0]?.textContent ?? element?.textContent ?? "";
    });
    if (here === name) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}
const message = (index: number): TwilioMessage => {
  const found = twilio.messages.at(index);
  if (!found) throw new Error(`no message ${index}`);
  return found;
};

it("sets Twilio up by keyboard alone, within two minutes, and sees the test message arrive", async () => {
  const begun = Date.now();
  await page.getByRole("heading", { name: "Step 1 of 4: About you" }).waitFor();
  await tabTo("Skip setup");
  await page.keyboard.press("Enter");
  await page.getByText("Mock mode: no text message is sent").waitFor();
  await tabTo("Set up text messages");
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.name)).toBe("sms-provider");
  await page.keyboard.press("ArrowDown");
  await tabTo("Account SID");
  await page.keyboard.type(SID);
  await tabTo("Auth token");
  await page.keyboard.type("b".repeat(32));
  await tabTo("From number");
  await page.keyboard.type("+15005550006");
  await tabTo("Save and test connection");
  await page.keyboard.press("Enter");
  // A wrong token is reported, with Twilio's code, and can be replaced.
  await page.getByText("Twilio doesn't accept the credentials.").waitFor();
  await page.locator(".sms").getByText("Twilio, code 20003").waitFor({ state: "attached" });
  await page.getByRole("button", { name: "Replace: Auth token" }).focus();
  await page.keyboard.press("Enter");
  await expect.poll(() => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.type)).toBe("password");
  await page.keyboard.type(TOKEN);
  await tabTo("Save and test connection");
  await page.keyboard.press("Enter");
  await page.locator(".sms .good").getByText("Twilio knows the account").waitFor();
  await tabTo("Your phone number");
  await page.keyboard.type("+1 (415) 555-2671");
  await page.keyboard.press("Enter");
  const test = page.locator(".test-delivery");
  await test.getByText("On its way. Check the phone.").waitFor();
  expect(message(-1).form).toMatchObject({ To: "+14155552671", From: "+15005550006" });
  expect(await twilio.report(message(-1), "delivered", { via: server.phoneAddress })).toBe(204);
  await test.getByText("Delivered. Text messages reach this phone.").waitFor();
  expect(Date.now() - begun).toBeLessThan(120_000);
  await expect.poll(() => page.content()).not.toContain(TOKEN);
  expect(await axe(page)).toEqual([]);
});

it("says that the link would not work, sends it anyway, and follows it until a phone is paired", async () => {
  await openView(page, "Phones");
  await page.getByLabel("Phone number", { exact: true }).fill("4155551234");
  await page.keyboard.press("Enter");
  await page.getByText("The link wouldn't work on a phone.").waitFor();
  expect(twilio.messages).toHaveLength(1);
  await page.getByRole("button", { name: "Send anyway" }).click();
  await page.getByText("SMS sent! Check your phone.").waitFor();
  const here = page.locator(".invite [aria-current=step]");
  await expect.poll(() => here.innerText()).toContain("Sent");
  expect(await twilio.report(message(-1), "delivered", { via: server.phoneAddress })).toBe(204);
  await expect.poll(() => here.innerText()).toContain("Delivered");
  // Late, and out of order: it takes nothing back.
  expect(await twilio.report(message(-1), "sent", { via: server.phoneAddress })).toBe(204);
  const [, code = ""] = /code=([\w-]+)/.exec(message(-1).form["Body"] ?? "") ?? [];
  const phone = async (path: string, body: object): Promise<number> => {
    const headers = { "content-type": "application/json" };
    return (await fetch(server.phoneAddress + path, { method: "POST", headers, body: JSON.stringify(body) })).status;
  };
  expect(await phone("/phone/pairing/opened", { code })).toBe(200);
  await expect.poll(() => here.innerText()).toContain("Opened");
  expect(
    await phone("/phone/pairing/accept-invite", { invite_code: code, device_id: "d-1", device_name: "Pixel", device_type: "android" }),
  ).toBe(200);
  await expect.poll(() => here.innerText()).toContain("Paired");
  await openView(page, "Settings");
  await expect.poll(() => page.locator(".connectivity dl").innerText()).toMatch(/2 text messages/);
});
