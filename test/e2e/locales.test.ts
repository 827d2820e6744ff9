import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { bestLanguage } from "../../src/words/languages.ts";
import { PAGE_LANGUAGES } from "../../src/words/page-languages.ts";
import { sharedBrowser } from "../browser.ts";
import { startServer } from "../http/server.ts";
import { PHONES } from "../phone/phone-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await sharedBrowser();
});

/** A page whose console is watched: `errors` has to stay empty. */
async function watchedPage(context: BrowserContext): Promise<{ readonly page: Page; readonly errors: string[] }> {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(error.message));
  return { page, errors };
}

it.each(["en-US", "de-DE", "fr-FR", "pt-BR", "ja-JP", "zh-CN", "ar-EG"])(
  "a browser in %s gets from the welcome to a paired, asked and revoked phone without one error",
  async (locale) => {
    const server = await startServer({ SMS_PROVIDER: "", ADMIN_TOKEN: "" });
    const computer = await browser.newContext({ locale, viewport: { width: 900, height: 1200 } });
    const { page, errors } = await watchedPage(computer);
    await page.goto(server.pageAddress);
    await expect.poll(() => page.evaluate(() => navigator.language)).toBe(locale);

    // The welcome, step by step: its forms are fetched on demand.
    for (const [step, button] of [
      ["Step 1 of 4: About you", "Next"],
      ["Step 2 of 4: Text messages", "Next"],
      ["Step 3 of 4: Phone reachability", "Next"],
      ["Step 4 of 4: New phones", "Finish"],
    ] as const) {
      await page.getByRole("heading", { name: step }).waitFor();
      await page.getByRole("button", { name: button, exact: true }).click();
    }

    // The country list and the QR code are React Aria's, with texts of its own.
    const country = page.getByRole("combobox", { name: "Country" });
    await country.fill("German");
    await page.getByRole("option", { name: /Germany/ }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: "QR code" }).click();
    await page.getByRole("tab", { name: "QR code", selected: true }).waitFor();
    // The page is written from left to right, and so are its arrow keys.
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("Enter");
    await page.getByLabel("Phone number").fill("+1 415 555 2671");
    await page.getByRole("button", { name: "Send Pairing Link" }).click();
    const linkPrinted = /http:\/\/127\.0\.0\.1:\d+\/pair\?code=[\w-]{43}/;
    await expect.poll(() => linkPrinted.exec(server.printed.join("\n"))?.[0]).toBeDefined();
    const link = linkPrinted.exec(server.printed.join("\n"))?.[0] ?? "";

    const pocket = await browser.newContext({ ...PHONES.Pixel, locale });
    const { page: phone, errors: phoneErrors } = await watchedPage(pocket);
    await phone.goto(link);
    const words = PAGE_LANGUAGES[bestLanguage([locale]) ?? "en"];
    await phone.locator(`html[lang="${words.language}"][dir="${words.direction}"]`).waitFor();
    await phone.getByRole("button", { name: words.pairPage.accept }).tap();
    await phone.getByRole("heading", { level: 1, name: words.pairResults.paired.heading }).waitFor();
    await page.locator(".device").getByRole("heading", { name: "Pixel 7" }).waitFor();

    await phone.goto(`${server.phoneAddress}/inbox`);
    await phone.locator("#connection", { hasText: words.connection.short.connected }).waitFor();
    const { body } = await server.local("POST", "/phone/approvals/request", {
      body: {
        build_id: "build-1",
        project_name: "Website",
        plan: "Deploy the website",
        affected_files: [],
        estimated_duration: "a minute",
        requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
      },
    });
    await phone.getByText("Website").first().waitFor();
    await page.getByRole("button", { name: "Approve: Website" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Approve", exact: true }).click();
    await expect.poll(async () => (await server.local("GET", `/phone/approvals/${body.approval_id}`)).body.status).toBe("approved");
    await phone.evaluate((id) => (location.hash = `#approval/${id}`), body.approval_id);
    await phone.locator(".outcome", { hasText: words.outcome.approved.computer }).waitFor();
    // Times are written with the digits and words of the page's language.
    await expect.poll(() => phone.locator("body").innerText()).toMatch(/^[\p{Script=Latin}\p{Script=Common}]*$/u);
    expect(phoneErrors).toEqual([]);

    await page.reload();
    await page.getByRole("button", { name: "Revoke: Pixel 7" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
    await page.getByText("Revoked Pixel 7.").waitFor();
    for (const card of ["Approvals and notifications", "Settings", "Audit trail"])
      await page.getByRole("heading", { name: card, exact: true }).click();
    await page.getByRole("list", { name: "Audit trail" }).getByRole("listitem").first().waitFor();
    await page.locator(".device").waitFor({ state: "detached" });
    await expect.poll(() => page.locator("body").innerText()).toMatch(/^[\p{Script=Latin}\p{Script=Common}]*$/u);
    if (process.env["TOPDOG_PICTURES"]) {
      await page.screenshot({ path: `${process.env["TOPDOG_PICTURES"]}/${locale}-page.png`, fullPage: true });
      await phone.screenshot({ path: `${process.env["TOPDOG_PICTURES"]}/${locale}-phone.png`, fullPage: true });
    }

    await page.reload();
    await page.getByLabel("Phone number").waitFor();
    expect(errors).toEqual([]);
    await computer.close();
    await pocket.close();
  },
);
