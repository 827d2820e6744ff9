import type { Browser } from "playwright-core";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { axe, sharedBrowser } from "../browser.ts";
import { PHONES, type PhoneName, type Visit, type VisitChoice, visit } from "./phone-browser.ts";
import { type DoorChoice, EXPIRY, openPhoneDoor, type PhoneDoor } from "./phone-door.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function door(choice?: DoorChoice): Promise<PhoneDoor> {
  const made = await openPhoneDoor(choice);
  opened.push(made);
  return made;
}
async function phone({ address }: PhoneDoor, name: PhoneName, choice?: VisitChoice): Promise<Visit> {
  const made = await visit(browser, name, address, choice);
  opened.push(made.context);
  return made;
}
const link = ({ address }: PhoneDoor, code: string): string => `${address}/pair?code=${code}`;
const NAMES = Object.keys(PHONES) as PhoneName[];

describe.each(NAMES)("on %s", (name) => {
  it.each([true, false])("is led to the computer where a program made the link (JavaScript: %s)", async (javaScriptEnabled) => {
    const at = await door();
    const asked = { phoneNumber: "+14155550199", userId: "user123", userName: "John Doe", mustConfirm: true };
    const { code } = await at.pairing.sendInvite(asked, {});
    const { page, complaints } = await phone(at, name, { javaScriptEnabled });
    await page.goto(link(at, code));
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: "One more step" }).waitFor();
    await page.getByText("open Paired phones and confirm this phone").waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "One more step" }).waitFor();
    if (javaScriptEnabled) expect(await axe(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([true, false])("shows two digits until they are typed at the computer (JavaScript: %s)", async (javaScriptEnabled) => {
    const at = await door({ confirm: "always" });
    const code = await at.invite();
    const { page, complaints, context } = await phone(at, name, { javaScriptEnabled });
    await page.goto(link(at, code));
    await page.getByRole("button", { name: "Accept" }).tap();
    const heading = page.getByRole("heading", { level: 1, name: /^Confirm \d\d on MacBook Pro$/ });
    await heading.waitFor();
    const digits = await page.locator(".digits").innerText();
    await expect.poll(() => page.title()).toBe("Confirm on your computer");
    await expect.poll(() => context.cookies()).toEqual([]);
    await page.getByText("Nobody at the computer?").waitFor();
    if (javaScriptEnabled) {
      expect(await axe(page)).toEqual([]);
      await expect.poll(() => heading.evaluate((element) => element === document.activeElement)).toBe(true);
      // The same digits after a reload, and nothing to accept again.
      await page.reload();
      await heading.waitFor();
      await expect.poll(() => page.locator(".digits").innerText()).toBe(digits);
    }
    await at.pairing.confirmClaim({ digits }, {});
    if (!javaScriptEnabled) await page.getByRole("button", { name: "Check again" }).tap();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    expect((await context.cookies()).map(({ httpOnly }) => httpOnly)).toContain(true);
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it.each([true, false])("asks again after other digits were typed (JavaScript: %s)", async (javaScriptEnabled) => {
    const at = await door({ confirm: "always" });
    const { page, complaints } = await phone(at, name, { javaScriptEnabled });
    await page.goto(link(at, await at.invite()));
    await page.getByLabel("Name this phone").fill("My own phone");
    for (let wrong = 1; wrong <= 5; wrong++) {
      await page.getByRole("button", { name: "Accept" }).tap();
      const digits = await page.locator(".digits").innerText();
      await at.pairing.confirmClaim({ digits: digits === "00" ? "01" : "00" }, {}).catch(() => undefined);
      if (!javaScriptEnabled) await page.getByRole("button", { name: "Check again" }).tap();
      if (wrong < 5) await page.getByText("other digits were typed. Accept again.").waitFor();
      if (wrong < 5 && javaScriptEnabled) await expect.poll(() => page.getByLabel("Name this phone").inputValue()).toBe("My own phone");
    }
    await page.getByRole("heading", { level: 1, name: "This invite was cancelled" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("counts on after a reload, and by the server's time once that is known", async () => {
    const at = await door({ confirm: "always" });
    const { page } = await phone(at, name);
    await page.clock.install();
    await page.goto(link(at, await at.invite()));
    // At first no question about the claim is answered.
    let minutesAhead: number | undefined;
    await page.route("**/phone/pairing/claims/*", async (route) => {
      if (minutesAhead === undefined) return route.abort();
      const response = await route.fetch();
      const date = new Date(Date.now() + minutesAhead * 60_000).toUTCString();
      return route.fulfill({ response, headers: { ...response.headers(), date } });
    });
    await page.getByRole("button", { name: "Accept" }).tap();
    const timer = page.getByRole("timer");
    await timer.getByText(/^(2:00|1:5\d) left/).waitFor();
    await page.clock.runFor(30_000);
    await timer.getByText(/^1:[23]\d left/).waitFor();
    await page.reload();
    await page.locator(".digits").waitFor();
    await expect.poll(() => timer.innerText()).toMatch(/^1:[0123]\d left/);
    minutesAhead = 1;
    await expect.poll(async () => page.clock.runFor(1000).then(() => timer.innerText())).toMatch(/^(1:00|0:\d\d) left/);
    // A question may be on its way.
    await page.unrouteAll({ behavior: "ignoreErrors" });
  });

  it("was confirmed while the page was closed", async () => {
    const at = await door({ confirm: "always" });
    const code = await at.invite();
    const { page, complaints } = await phone(at, name);
    await page.goto(link(at, code));
    await page.getByRole("button", { name: "Accept" }).tap();
    const digits = await page.locator(".digits").innerText();
    await page.goto("about:blank");
    await at.pairing.confirmClaim({ digits }, {});
    await page.goto(link(at, code));
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it("whose link another phone used says so", async () => {
    const at = await door({ confirm: "always" });
    const code = await at.invite();
    const visits = [await phone(at, name), await phone(at, name)];
    const digits: string[] = [];
    for (const { page } of visits) {
      await page.goto(link(at, code));
      await page.getByRole("button", { name: "Accept" }).tap();
      digits.push(await page.locator(".digits").innerText());
    }
    await at.pairing.confirmClaim({ digits: digits[1] ?? "" }, {});
    await visits[1]?.page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    await visits[0]?.page.getByRole("heading", { level: 1, name: "This link was already used" }).waitFor();
  });

  it.each([true, false])("pairs with a tap (JavaScript: %s)", async (javaScriptEnabled) => {
    const at = await door();
    const code = await at.invite();
    const { page, complaints, context, requests } = await phone(at, name, { javaScriptEnabled });
    await page.goto(link(at, code));
    await page.getByRole("heading", { level: 1, name: "Pair with Top Dog?" }).waitFor();
    const text = await page.locator("main").innerText();
    for (const words of ["Top Dog wants to pair with your phone", "User: John Doe", "Computer: MacBook Pro"]) expect(text).toContain(words);
    expect(text).toMatch(name === "iPhone" ? "Device: iPhone" : "Device: Pixel 7");
    await page.getByLabel("Name this phone").fill("My own phone");
    if (javaScriptEnabled) await expect.poll(() => page.locator("#device").innerText()).toBe("My own phone");
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    const done = await page.locator("main").innerText();
    for (const words of ["Give voice commands", "Receive build notifications", "Approve builds remotely", "You can close this page."])
      expect(done).toContain(words);
    await expect.poll(() => page.title()).toBe("Phone is paired");
    await expect.poll(() => at.status(code)).toBe("accepted");
    const [device, ...others] = await at.pairing.listDevices();
    expect(others).toEqual([]);
    expect(device).toMatchObject({ deviceName: "My own phone", deviceType: name === "iPhone" ? "ios" : "android", appVersion: "web" });
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/pair/done?result=paired&level=command");

    // The token is in a cookie that no script reads, and nowhere else.
    const cookies = (await context.cookies([`${at.address}/phone`, `${at.address}/mqtt`])).map(({ httpOnly, name, path, sameSite }) => ({
      httpOnly,
      name,
      path,
      sameSite,
    }));
    expect(cookies).toEqual(["/phone", "/mqtt"].map((path) => ({ httpOnly: true, name: "topdog_device_test", path, sameSite: "Strict" })));
    const stored = JSON.stringify((await context.storageState()).origins);
    expect(stored).not.toContain("token.");
    expect(stored).not.toContain(code);
    expect(complaints).toEqual([]);
    for (const { referer } of requests) expect([undefined, "", `${at.address}/`]).toContain(referer);

    // Back asks again; it does not answer again.
    await page.goBack().catch(() => undefined);
    await expect.poll(() => at.pairing.listDevices()).toHaveLength(1);
    await expect.poll(() => at.status(code)).toBe("accepted");
  });

  it.each([true, false])("declines with a tap (JavaScript: %s)", async (javaScriptEnabled) => {
    const at = await door();
    const code = await at.invite();
    const { page, complaints } = await phone(at, name, { javaScriptEnabled });
    await page.goto(link(at, code));
    await page.getByRole("button", { name: "Decline" }).tap();
    await page.getByRole("heading", { level: 1, name: "Declined" }).waitFor();
    await expect.poll(() => at.status(code)).toBe("cancelled");
    await expect.poll(() => at.pairing.listDevices()).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it("is whole at every size, and its targets are large", async () => {
    const at = await door({ computerName: "Wolfeschlegelsteinhausenbergerdorffs MacB" });
    const code = await at.invite("Wolfeschlegelsteinhausenbergerdorffs Hub");
    for (const viewport of [
      { width: 320, height: 568 },
      { width: 320, height: 256 },
      { width: 390, height: 664 },
      { width: 664, height: 390 },
      { width: 844, height: 390 },
      { width: 1024, height: 768 },
    ]) {
      const { page } = await phone(at, name, { viewport });
      await page.goto(link(at, code));
      const measured = await page.evaluate(() => ({
        overflow: document.documentElement.scrollWidth - innerWidth,
        smallest: Math.min(
          ...[...document.querySelectorAll("body *")].map((element) => Number.parseFloat(getComputedStyle(element).fontSize)),
        ),
        targets: [...document.querySelectorAll("button:not([hidden]), input:not([type=hidden])")].map(
          (element) => element.getBoundingClientRect().height,
        ),
        gap: (() => {
          const [decline, accept] = [...document.querySelectorAll(".buttons button")].map((button) => button.getBoundingClientRect());
          return accept && decline ? accept.left - decline.right : 0;
        })(),
      }));
      expect(measured.overflow).toBeLessThanOrEqual(0);
      expect(measured.smallest).toBeGreaterThanOrEqual(14);
      expect(Math.min(...measured.targets)).toBeGreaterThanOrEqual(44);
      expect(measured.gap).toBeGreaterThanOrEqual(8);
      const accept = page.getByRole("button", { name: "Accept" });
      await accept.scrollIntoViewIfNeeded();
      const [yes, no] = [await accept.boundingBox(), await page.getByRole("button", { name: "Decline" }).boundingBox()];
      expect(yes?.width ?? 0).toBeGreaterThan((no?.width ?? 0) * 1.5);
      expect(yes?.height).toBe(no?.height);
    }
  });
});

describe("the page of a QR code", () => {
  it.each([true, false])("takes the one-time password, says when it is wrong, and pairs (JavaScript: %s)", async (javaScriptEnabled) => {
    const at = await door({ otpRequired: true });
    const { link: address, otp = "", token } = await at.openQr();
    const { page, complaints, context } = await phone(at, "iPhone", { javaScriptEnabled });
    await page.goto(address);
    const field = page.getByLabel("One-time password");
    await expect.poll(() => field.getAttribute("inputmode")).toBe("numeric");
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("alert").getByText("OTP required.").waitFor();
    await field.fill(otp === "000000" ? "111111" : "000000");
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("alert").getByText("4 tries left.").waitFor();
    if (javaScriptEnabled) {
      await expect
        .poll(() => field.evaluate((element) => [element === document.activeElement, element.getAttribute("aria-invalid")]))
        .toEqual([true, "true"]);
      expect(await axe(page)).toEqual([]);
      // Neither token nor password stays in the address.
      expect(new URL(page.url()).search).toBe("");
    }
    await field.fill(`${otp.slice(0, 3)} ${otp.slice(3)}`);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    await expect.poll(() => at.status(token)).toBe("accepted");
    expect((await at.pairing.listDevices()).map(({ pairedVia }) => pairedVia)).toEqual(["qr"]);
    const stored = JSON.stringify((await context.storageState()).origins);
    expect(stored).not.toContain(token);
    expect(stored).not.toContain(otp);
    expect(complaints).toEqual([]);
  });

  it("has the field and the answer first, where nothing covers the field, on a low screen and with the keyboard as well", async () => {
    const at = await door({ otpRequired: true });
    const { link: address } = await at.openQr();
    for (const height of [844, 568, 330]) {
      const { page } = await phone(at, "iPhone", { viewport: { width: 320, height } });
      await page.goto(address);
      const field = page.getByLabel("One-time password");
      await field.focus();
      const covering = await field.evaluate((element) => {
        const { left, top, width, height: tall } = element.getBoundingClientRect();
        return [0.1, 0.5, 0.9].map((share) => document.elementFromPoint(left + width / 2, top + tall * share)?.id);
      });
      expect([height, covering]).toEqual([height, ["otp", "otp", "otp"]]);
      const positions = await page.evaluate(() => [...document.querySelectorAll("*")].map((element) => getComputedStyle(element).position));
      if (height < 600) expect(positions).not.toContain("sticky");
      expect(positions).not.toContain("fixed");
      const [fieldBox, accept] = [(await field.boundingBox())!, (await page.getByRole("button", { name: "Accept" }).boundingBox())!];
      const facts = (await page.locator(".facts").boundingBox())!;
      expect(accept.y).toBeGreaterThan(fieldBox.y);
      expect(facts.y).toBeGreaterThan(accept.y);
    }
  });

  it("is filled in by a code that carries its password, and waits for the tap", async () => {
    const at = await door({ otpRequired: true });
    const { link: address, otp = "", token } = await at.openQr();
    const { page } = await phone(at, "Pixel");
    await page.goto(`${address}&otp=${otp}`);
    await expect.poll(() => page.getByLabel("One-time password").inputValue()).toBe(otp);
    await expect.poll(() => at.status(token)).toBe("pending");
    await page.reload();
    await page.getByLabel("One-time password").fill(otp);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
  });
});

describe("the page", () => {
  it("lists less for a phone that may do less, and again once it is paired", async () => {
    const at = await door();
    const code = await at.invite("John Doe", "user123", "view");
    const { page, complaints } = await phone(at, "Pixel");
    await page.goto(link(at, code));
    await expect.poll(() => page.getByRole("listitem").allInnerTexts()).toEqual(["Receive build notifications"]);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    await expect.poll(() => page.getByRole("listitem").allInnerTexts()).toEqual(["Receive build notifications"]);
    await page.reload();
    await expect.poll(() => page.getByRole("listitem").allInnerTexts()).toEqual(["Receive build notifications"]);
    expect((await at.pairing.listDevices()).map(({ level }) => level)).toEqual(["view"]);
    expect(complaints).toEqual([]);
  });

  it("arrives in two requests and 14 KB, and asks nobody else", async () => {
    const at = await door();
    const { page, requests, complaints } = await phone(at, "Pixel");
    const session = await page.context().newCDPSession(page);
    await session.send("Network.enable");
    let received = 0;
    session.on("Network.loadingFinished", ({ encodedDataLength }) => {
      received += encodedDataLength;
    });
    await page.goto(link(at, await at.invite()), { waitUntil: "networkidle" });
    expect(requests).toHaveLength(2);
    expect(received).toBeGreaterThan(4000);
    expect(received).toBeLessThan(14 * 1024);
    for (const { referer } of requests) expect(referer).toBeUndefined();
    expect(complaints).toEqual([]);
  });

  it("takes the code out of the address, and still has it after a reload", async () => {
    const at = await door();
    const code = await at.invite();
    const { page } = await phone(at, "iPhone");
    await page.goto(link(at, code), { waitUntil: "networkidle" });
    const where = (): Promise<unknown> => page.evaluate(() => [location.pathname, location.search, location.hash, history.length]);
    const before = await where();
    expect(before).toEqual(["/pair", "", "", expect.any(Number)]);
    await page.reload();
    await page.getByRole("heading", { name: "Pair with Top Dog?" }).waitFor();
    await page.waitForFunction(() => location.search === "");
    await expect.poll(() => where()).toEqual(before);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
  });

  it("takes it out of pages that refuse, too", async () => {
    const at = await door();
    const { page } = await phone(at, "iPhone");
    await page.goto(link(at, "unknown"), { waitUntil: "networkidle" });
    expect(new URL(page.url()).search).toBe("");
    await page.getByRole("heading", { name: "This link isn't recognized" }).waitFor();
    await page.reload({ waitUntil: "networkidle" });
    await page.getByRole("heading", { name: "This link isn't recognized" }).waitFor();
  });

  it("answers nothing by itself, and nothing to a script's click", async () => {
    const at = await door();
    const code = await at.invite();
    const { page, requests } = await phone(at, "Pixel");
    await page.goto(link(at, code), { waitUntil: "networkidle" });
    await page.evaluate(() => {
      for (const button of document.querySelectorAll<HTMLButtonElement>(".buttons button")) {
        button.click();
        button.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true }));
      }
    });
    await page.getByLabel("Name this phone").press("Enter");
    await page.waitForTimeout(1500);
    await expect.poll(() => at.status(code)).toBe("pending");
    // Enter was a person's key.
    expect(requests.filter(({ method }) => method !== "GET").map(({ url }) => url)).toEqual(["/phone/pairing/opened"]);
  });

  it("reports to the computer once that a person is there, and not that a link was opened", async () => {
    const at = await door();
    const code = await at.invite();
    const { page, requests } = await phone(at, "Pixel");
    const posted = (): readonly string[] => requests.filter(({ method }) => method === "POST").map(({ url }) => url);
    const openedAt = async (): Promise<number | undefined> => (await at.pairing.findInvite(code)).openedAt;
    await page.goto(link(at, code), { waitUntil: "networkidle" });
    // What a scanner's script does is no person's doing.
    await page.evaluate(() => {
      for (const type of ["pointerdown", "touchstart", "keydown"]) document.body.dispatchEvent(new Event(type, { bubbles: true }));
    });
    expect([posted(), await openedAt()]).toEqual([[], undefined]);
    await page.getByRole("heading", { name: "Pair with Top Dog?" }).tap();
    await expect.poll(openedAt).toBeGreaterThan(0);
    await page.getByRole("heading", { name: "Pair with Top Dog?" }).tap();
    await expect.poll(() => at.status(code)).toBe("pending");
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    expect(posted()).toEqual(["/phone/pairing/opened", "/phone/pairing/accept-invite"]);
  });

  it("does not answer when Enter ends the name, without JavaScript either", async () => {
    const at = await door();
    const code = await at.invite();
    const { page } = await phone(at, "Pixel", { javaScriptEnabled: false });
    await page.goto(link(at, code));
    await page.getByLabel("Name this phone").press("Enter");
    await page.waitForTimeout(300);
    await expect.poll(() => at.status(code)).toBe("pending");
  });

  it("counts down by the server's seconds, whatever the phone's clock says", async () => {
    const at = await door();
    const { page } = await phone(at, "Pixel");
    await page.clock.install({ time: new Date("2001-01-01T00:00:00Z") });
    await page.goto(link(at, await at.invite()));
    const timer = page.getByRole("timer");
    await expect.poll(() => timer.innerText()).toMatch(/^Expires at \d{1,2}:\d\d .*\((15:00|14:5\d) left\)$/);
    await page.clock.runFor(60_000);
    await expect.poll(() => timer.innerText()).toMatch(/\((14:00|13:5\d) left\)$/);
    await page.clock.runFor(13 * 60_000);
    await expect.poll(() => timer.innerText()).toMatch(/\(0:\d\d left\)$/);
    await expect.poll(() => timer.getAttribute("class")).toContain("soon");
    await expect.poll(() => page.getByRole("status").innerText()).toBe("Less than a minute left.");
    at.later(EXPIRY);
    await page.clock.runFor(60_000);
    await page.getByRole("heading", { name: "This link has expired" }).waitFor();
  });

  it("counts on when the link was sent again meanwhile", async () => {
    const at = await door();
    const code = await at.invite();
    const { page } = await phone(at, "Pixel");
    await page.clock.install();
    await page.goto(link(at, code));
    await page.clock.runFor(14 * 60_000);
    await at.pairing.resendInvite(code, {});
    await page.clock.runFor(62_000);
    await expect.poll(() => page.getByRole("timer").innerText()).toMatch(/\(1[345]:\d\d left\)$/);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
  });

  it("knows an iPad that says it is a Mac, and an Android phone that hides its model", async () => {
    const at = await door();
    const mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15";
    const pad = await phone(at, "iPhone", { userAgent: mac, hasTouch: true });
    await pad.page.addInitScript(() => Object.defineProperty(navigator, "maxTouchPoints", { value: 5 }));
    await pad.page.goto(link(at, await at.invite()));
    await expect.poll(() => pad.page.getByLabel("Name this phone").inputValue()).toBe("iPad");
    const hidden = await phone(at, "Pixel", {
      userAgent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
    });
    await hidden.page.addInitScript(() => {
      Object.defineProperty(navigator, "userAgentData", {
        value: { getHighEntropyValues: () => Promise.resolve({ platform: "Android", model: "Pixel 9 Pro", platformVersion: "15.0.0" }) },
      });
    });
    await hidden.page.goto(link(at, await at.invite()));
    await expect.poll(() => hidden.page.getByLabel("Name this phone").inputValue()).toBe("Pixel 9 Pro");
    await expect.poll(() => hidden.page.locator("#device").innerText()).toBe("Pixel 9 Pro");
    await hidden.page.getByRole("button", { name: "Accept" }).tap();
    await hidden.page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    expect((await at.pairing.listDevices())[0]).toMatchObject({ deviceName: "Pixel 9 Pro", deviceType: "android", osVersion: "15" });
  });

  it("keeps a name that was typed before the phone reported its model", async () => {
    const at = await door();
    const { page } = await phone(at, "Pixel");
    await page.addInitScript(() => {
      Object.defineProperty(navigator, "userAgentData", {
        value: {
          getHighEntropyValues: () => new Promise((resolve) => setTimeout(() => resolve({ platform: "Android", model: "Pixel 9" }), 500)),
        },
      });
    });
    await page.goto(link(at, await at.invite()));
    await page.getByLabel("Name this phone").fill("Mine");
    await page.waitForTimeout(800);
    await expect.poll(() => page.getByLabel("Name this phone").inputValue()).toBe("Mine");
  });

  it("is the same device when the phone is paired again", async () => {
    const at = await door();
    const { page } = await phone(at, "iPhone");
    for (const code of [await at.invite(), await at.invite()]) {
      await page.goto(link(at, code));
      await page.getByRole("button", { name: "Accept" }).tap();
      await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    }
    await expect.poll(() => at.pairing.listDevices()).toHaveLength(1);
  });

  it("says where to open the link when the app keeps no data, and pairs all the same", async () => {
    const at = await door();
    const { page, complaints } = await phone(at, "iPhone");
    await page.addInitScript(() => {
      for (const area of ["localStorage", "sessionStorage"]) {
        Object.defineProperty(window, area, {
          get: () => {
            throw new DOMException("denied", "SecurityError");
          },
        });
      }
    });
    await page.goto(link(at, await at.invite()));
    await page.getByText("Open the link in Safari or Chrome instead.").waitFor();
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    expect(complaints).toEqual([]);
  });

  it.each(["<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "</template><svg onload=alert(1)>"])(
    "shows the hostile name %j as text",
    async (hostile) => {
      const at = await door({ computerName: hostile });
      const code = await at.invite(hostile);
      const { page, complaints } = await phone(at, "Pixel");
      await page.goto(link(at, code));
      await expect.poll(() => page.locator(".facts").innerText()).toContain(hostile.slice(0, 20));
      await page.getByLabel("Name this phone").fill(hostile);
      await expect.poll(() => page.locator("#device").innerText()).toBe(hostile);
      await page.getByRole("button", { name: "Accept" }).tap();
      await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
      expect(complaints).toEqual([]);
    },
  );
});

describe("when the way to the computer is bad", () => {
  it("asks again with the same key after a lost answer, and is paired once", async () => {
    const at = await door();
    const { page } = await phone(at, "iPhone");
    const keys: (string | undefined)[] = [];
    await page.route("**/phone/pairing/accept-invite", async (route) => {
      keys.push(route.request().headers()["idempotency-key"]);
      // The server receives it; its answer does not reach the phone.
      if (keys.length <= 2) {
        await route.fetch();
        await route.abort("connectionreset");
      } else await route.continue();
    });
    await page.goto(link(at, await at.invite()));
    const accept = page.getByRole("button", { name: "Accept" });
    await accept.tap();
    await page.locator(".accept[aria-busy=true][aria-disabled=true]").waitFor();
    await expect.poll(() => page.locator(".accept").innerText()).toMatch(/Pairing…|Trying again…/);
    await page.locator(".accept").tap({ force: true });
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(keys[0]?.length).toBeGreaterThanOrEqual(22);
    await expect.poll(() => at.pairing.listDevices()).toHaveLength(1);
  });

  it("offers to try again, with the same key and words, and after a reload as well", async () => {
    const at = await door();
    const { page } = await phone(at, "Pixel");
    const sent: string[] = [];
    let down = true;
    await page.route("**/phone/pairing/accept-invite", async (route) => {
      sent.push(`${route.request().headers()["idempotency-key"]} ${route.request().postData()}`);
      await (down ? route.fulfill({ status: 502, contentType: "text/html", body: "bad gateway" }) : route.continue());
    });
    await page.goto(link(at, await at.invite()));
    await page.getByLabel("Name this phone").fill("First name");
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("button", { name: "Try again" }).waitFor({ timeout: 20_000 });
    await expect.poll(() => page.getByRole("alert").innerText()).toContain("No answer.");
    expect(sent).toHaveLength(4);
    await page.reload();
    await page.getByRole("button", { name: "Accept" }).waitFor();
    await expect.poll(() => page.getByLabel("Name this phone").inputValue()).toBe("First name");
    down = false;
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    expect(new Set(sent).size).toBe(1);
  });

  it("shows its own success when the answer was lost and the page reloaded", async () => {
    const at = await door();
    const { page } = await phone(at, "iPhone");
    await page.route("**/phone/pairing/accept-invite", async (route) => {
      await route.fetch();
      await route.abort("connectionreset");
    });
    await page.goto(link(at, await at.invite()));
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("button", { name: "Try again" }).waitFor({ timeout: 20_000 });
    await page.unroute("**/phone/pairing/accept-invite");
    await page.reload();
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    await expect.poll(() => at.pairing.listDevices()).toHaveLength(1);
  });

  it("does not take a hotel's sign-in page for an answer", async () => {
    const at = await door();
    const code = await at.invite();
    const { page } = await phone(at, "iPhone");
    await page.route("**/phone/pairing/accept-invite", (route) =>
      route.fulfill({ status: 200, contentType: "text/html", body: "Welcome" }),
    );
    await page.goto(link(at, code));
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("button", { name: "Try again" }).waitFor({ timeout: 20_000 });
    await expect.poll(() => at.status(code)).toBe("pending");
  });

  it.each([
    [
      "used meanwhile",
      "This link was already used",
      async (at: PhoneDoor, code: string) => {
        await at.post({ code, action: "accept" });
      },
    ],
    [
      "cancelled meanwhile",
      "This invite was cancelled",
      async (at: PhoneDoor, code: string) => {
        await at.pairing.cancelInvite(code, {});
      },
    ],
    ["expired meanwhile", "This link has expired", async (at: PhoneDoor) => at.later(EXPIRY)],
  ])("says that the link was %s", async (_what, heading, happen) => {
    const at = await door();
    const code = await at.invite();
    const { page, complaints } = await phone(at, "Pixel");
    await page.goto(link(at, code));
    await happen(at, code);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: heading }).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    expect(complaints).toEqual([]);
  });

  it("says what is wrong and leaves the answer open when the disk is full", async () => {
    const at = await door();
    const code = await at.invite();
    const { page } = await phone(at, "Pixel");
    await page.goto(link(at, code));
    at.breakStorage();
    await page.getByRole("button", { name: "Accept" }).tap();
    await expect.poll(() => page.getByRole("alert").innerText()).toContain("nothing was changed");
    await expect.poll(() => page.getByRole("button", { name: "Accept" }).getAttribute("aria-disabled")).toBeNull();
    await expect.poll(() => page.getByLabel("Name this phone").getAttribute("readonly")).toBeNull();
  });
});

describe("for everybody", () => {
  it.each([
    ["light", {}],
    ["dark", { colorScheme: "dark" }],
    ["forced colours", { forcedColors: "active" }],
  ] as const)("axe finds nothing in %s", async (_name, choice) => {
    const at = await door();
    const [used, fresh] = [await at.invite(), await at.invite()];
    await at.post({ code: used, action: "accept" });
    const { page, complaints } = await phone(at, "iPhone", choice);
    for (const target of [
      `/pair?code=${fresh}`,
      `/pair?code=${used}`,
      "/pair?code=unknown",
      "/pair",
      "/pair/done?result=paired",
      "/pair/done?result=declined",
    ]) {
      await page.goto(at.address + target, { waitUntil: "networkidle" });
      expect(await axe(page)).toEqual([]);
      await expect.poll(() => page.locator("h1").count()).toBe(1);
    }
    expect(complaints).toEqual([]);
  });

  it("axe finds nothing while it waits, nor after it failed", async () => {
    const at = await door();
    const { page } = await phone(at, "Pixel", { colorScheme: "dark" });
    await page.route("**/phone/pairing/accept-invite", (route) => route.abort());
    await page.goto(link(at, await at.invite()));
    await page.getByRole("button", { name: "Accept" }).tap();
    expect(await axe(page)).toEqual([]);
    await page.getByRole("button", { name: "Try again" }).waitFor({ timeout: 20_000 });
    expect(await axe(page)).toEqual([]);
  });

  it("works by keyboard, in the order that is seen", async () => {
    const at = await door();
    const code = await at.invite();
    const { page } = await phone(at, "Pixel", { viewport: { width: 1024, height: 768 } });
    await page.goto(link(at, code), { waitUntil: "networkidle" });
    const order: unknown[] = [];
    for (let count = 0; count < 3; count++) {
      await page.keyboard.press("Tab");
      order.push(
        await page.evaluate(() => [
          document.activeElement?.className || document.activeElement?.id,
          getComputedStyle(document.activeElement ?? document.body).outlineWidth,
        ]),
      );
    }
    expect(order).toEqual([
      ["name", "3px"],
      ["decline", "3px"],
      ["accept", "3px"],
    ]);
    await page.keyboard.press("Space");
    await page.getByRole("heading", { name: "Done! Phone is paired" }).waitFor();
    await expect.poll(() => at.status(code)).toBe("accepted");
  });

  it("shows what has the focus", async () => {
    const at = await door();
    const { page } = await phone(at, "iPhone");
    await page.goto(link(at, await at.invite()), { waitUntil: "networkidle" });
    await page.keyboard.press("Tab");
    const [field, answer] = [await page.getByLabel("Name this phone").boundingBox(), await page.locator(".answer").boundingBox()];
    expect((field?.y ?? 0) + (field?.height ?? 0)).toBeLessThanOrEqual(answer?.y ?? 0);
  });

  it("keeps still where that is wished", async () => {
    const at = await door();
    const { page } = await phone(at, "iPhone", { reducedMotion: "reduce" });
    await page.route("**/phone/pairing/accept-invite", () => undefined);
    await page.goto(link(at, await at.invite()));
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.locator("[aria-busy]").waitFor();
    await expect.poll(() => page.evaluate(() => document.getAnimations().length)).toBe(0);
  });
});

it.each([true, false])(
  "says what helps while the computer cannot sign, and pairs when Accept is tapped again (JavaScript: %s)",
  async (script) => {
    const at = await door();
    const code = await at.invite();
    const { page, complaints } = await phone(at, "iPhone", { javaScriptEnabled: script });
    const problem = page.getByRole("alert");
    const sentence = "Your computer can't finish pairing right now. Unlock its keychain, then tap Accept again.";
    at.lockKeys(true);
    await page.goto(link(at, code));
    await expect.poll(() => problem.innerText()).toBe(sentence);
    at.lockKeys(false);
    await page.goto(link(at, code));
    await expect.poll(() => problem.innerText()).toBe("");
    at.lockKeys(true);
    await page.getByRole("button", { name: "Accept" }).tap();
    await expect.poll(() => problem.innerText()).toBe(sentence);
    at.lockKeys(false);
    await page.getByRole("button", { name: "Accept" }).tap();
    await page.getByRole("heading", { level: 1, name: "Done! Phone is paired" }).waitFor();
    expect(complaints.filter((one) => !one.includes("503"))).toEqual([]);
  },
);
