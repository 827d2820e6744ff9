import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { axe } from "../browser.ts";
import { settingsPages, settle } from "./settings-page.ts";
import type { Topdog } from "./topdog.ts";

const pages = settingsPages();
const WITH_PASSWORD = { PAIRING_QR_REQUIRE_OTP: "1" };

async function showCode(page: Page): Promise<void> {
  await page.getByRole("tab", { name: "QR code" }).click();
  await page.getByRole("button", { name: "Show QR code" }).click();
  await page.getByRole("img", { name: /^QR code/ }).waitFor();
}

it("stands beside the text message, which is chosen first (S141)", async () => {
  const { page } = await pages.open();
  const tabs = page.getByRole("tablist", { name: "How to send the link" });
  await expect.poll(() => tabs.getByRole("tab").allInnerTexts()).toEqual(["Text message", "QR code"]);
  await expect.poll(() => tabs.getByRole("tab", { selected: true }).innerText()).toBe("Text message");
  await tabs.getByRole("tab", { name: "Text message" }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Show QR code" }).waitFor();
});

it("shows the code, its link and its time, and asks the server as this page's user", async () => {
  const { page, topdog } = await pages.open();
  await showCode(page);
  const picture = page.getByRole("img", { name: /^QR code/ });
  await expect.poll(() => picture.getAttribute("src")).toMatch(/^data:image\/png;base64,/);
  await expect.poll(() => picture.evaluate((element) => getComputedStyle(element).backgroundColor)).toBe("rgb(255, 255, 255)");
  await expect.poll(() => page.getByLabel("The link in the code").inputValue()).toMatch(/^https:\/\/pair\.example\.com\/pair\?token=/);
  await expect.poll(() => page.getByRole("timer").innerText()).toMatch(/^\d+:\d\d left$/);
  await page.getByText("The phone must be able to open https://pair.example.com.").waitFor();
  await expect.poll(() => page.getByText("One-time password").count()).toBe(0);
  expect(topdog.calls("generateQr")).toEqual([{ user_id: "john", user_name: "John Doe", level: "command" }]);
  // It is no invite that waits for a text message.
  await page.getByText("There are no pending invites.").waitFor();
});

it("shows the one-time password apart from the picture, when asked", async () => {
  const { page } = await pages.open({ env: WITH_PASSWORD });
  await showCode(page);
  await expect.poll(() => page.locator(".qr").innerText()).not.toContain("012");
  await page.getByRole("button", { name: "Show" }).click();
  await expect.poll(() => page.locator(".qr-otp").innerText()).toBe("012 345");
  await page.getByRole("button", { name: "Hide" }).click();
  await expect.poll(() => page.locator(".qr").innerText()).not.toContain("012");
});

it("goes when a phone was paired, and says so", async () => {
  const { page, topdog } = await pages.open();
  await showCode(page);
  await topdog.accept({ device_name: "Ada's Pixel" });
  await page.locator(".qr").getByText("The phone is paired.").waitFor();
  await expect.poll(() => page.getByRole("img", { name: /^QR code/ }).count()).toBe(0);
  await page.getByRole("region", { name: "Paired phones" }).getByRole("heading", { name: "Ada's Pixel" }).waitFor();
  await page.getByRole("button", { name: "Make a new code" }).click();
  await page.getByRole("img", { name: /^QR code/ }).waitFor();
});

it("can be cancelled", async () => {
  const { page } = await pages.open();
  await showCode(page);
  await page.getByRole("button", { name: "Cancel this code" }).click();
  await page.getByText("This code was cancelled").first().waitFor();
  await expect.poll(() => page.getByRole("img", { name: /^QR code/ }).count()).toBe(0);
});

it.each([
  [
    "wrong_otp",
    async ({ guessPassword }: Topdog) => {
      for (let guess = 0; guess < 5; guess += 1) await guessPassword();
    },
    "This code was cancelled after five wrong passwords.",
  ],
  ["declined", async ({ decline }: Topdog) => decline(), "Declined on the phone."],
] as const)("says when a phone has ended it: %s", async (cancel_reason, end, words) => {
  const { page, topdog } = await pages.open({ env: WITH_PASSWORD });
  await showCode(page);
  await end(topdog);
  expect((await topdog.invites())[0]).toMatchObject({ status: "cancelled", cancel_reason });
  await page.locator(".qr").getByText(words).waitFor();
  await expect.poll(() => page.getByRole("img", { name: /^QR code/ }).count()).toBe(0);
});

it("expires before everybody's eyes", async () => {
  const { page } = await pages.open({ at: "2026-01-15T12:00:00Z" });
  await page.getByRole("tab", { name: "QR code" }).click();
  await page.getByRole("button", { name: "Show QR code" }).click();
  await settle(page);
  await expect.poll(() => page.getByRole("timer").innerText()).toBe("5:00 left");
  await page.clock.runFor(5 * 60_000 + 1000);
  await settle(page);
  await expect.poll(() => page.getByRole("img", { name: /^QR code/ }).count()).toBe(0);
  await expect.poll(() => page.locator(".qr").innerText()).toContain("This code has expired.");
});

it("says what went wrong", async () => {
  const { page } = await pages.open({
    prepare: (topdog) => topdog.refuse("generateQr", { status: 429, code: "rate_limited", detail: "Too many requests.", retry_after: 30 }),
  });
  await page.getByRole("tab", { name: "QR code" }).click();
  await page.getByRole("button", { name: "Show QR code" }).click();
  await expect.poll(() => page.getByRole("alert").innerText()).toContain("Too many requests.");
});

it("makes way when a menu entry opens the number field", async () => {
  const { page, topdog } = await pages.open();
  await page.getByRole("tab", { name: "QR code" }).click();
  topdog.open("pair");
  await page.getByLabel("Phone number").waitFor();
  await expect.poll(() => page.getByLabel("Phone number").evaluate((element) => element === document.activeElement)).toBe(true);
});

it("is for everybody, in light, dark and forced colours, and fits into 300 pixels", async () => {
  const { page } = await pages.open({ env: WITH_PASSWORD, context: { reducedMotion: "reduce" } });
  await showCode(page);
  for (const media of [
    { colorScheme: "light", forcedColors: "none" },
    { colorScheme: "dark", forcedColors: "none" },
    { colorScheme: "dark", forcedColors: "active" },
  ] as const) {
    await page.emulateMedia(media);
    expect(await axe(page)).toEqual([]);
  }
  await page.setViewportSize({ width: 300, height: 800 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(300);
});
