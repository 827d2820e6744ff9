import type { Browser, BrowserContext, Page } from "playwright-core";
import { beforeAll, expect, it } from "vitest";
import { bestLanguage, LANGUAGES, type Language } from "../../src/words/languages.ts";
import { fill } from "../../src/words/message.ts";
import { PAGE_LANGUAGES } from "../../src/words/page-languages.ts";
import { sharedBrowser } from "../browser.ts";
import { startServer } from "../http/server.ts";
import { PHONES } from "../phone/phone-browser.ts";
import { SETTINGS_PAGES } from "../words/catalogues.ts";

const LATIN = /^[\p{Script=Latin}\p{Script=Common}]*$/u;
/** The letters and digits that the pages of a language are written with, beside names. */
const LETTERS: Readonly<Record<Language, RegExp>> = { en: LATIN, de: LATIN };

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

    const language = bestLanguage([locale]) ?? "en";
    const text = SETTINGS_PAGES[language];
    await page.locator(`html[lang="${language}"][dir="${LANGUAGES[language].direction}"]`).waitFor();

    // The welcome, step by step: its forms are fetched on demand.
    for (const [index, name] of Object.values(text.welcome.steps).entries()) {
      const heading = fill(text.welcome.heading, { step: index + 1, steps: 4, name });
      await page.getByRole("heading", { name: heading }).waitFor();
      await page.getByRole("button", { name: index === 3 ? text.welcome.finish : text.welcome.next, exact: true }).click();
    }

    // The country list and the QR code are React Aria's, with texts of its own.
    const country = page.getByRole("combobox", { name: text.pair.country });
    const germany = new Intl.DisplayNames(language, { type: "region" }).of("DE") ?? "";
    await country.fill(germany);
    await page.getByRole("option", { name: germany }).waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("tab", { name: text.pair.byQr }).click();
    await page.getByRole("tab", { name: text.pair.byQr, selected: true }).waitFor();
    // The arrow keys go the way that the page is written.
    await page.keyboard.press(LANGUAGES[language].direction === "ltr" ? "ArrowLeft" : "ArrowRight");
    await page.keyboard.press("Enter");
    await page.getByLabel(text.pair.number).fill("+1 415 555 2671");
    await page.getByRole("button", { name: text.pair.send }).click();
    const linkPrinted = /http:\/\/127\.0\.0\.1:\d+\/pair\?code=[\w-]{43}/;
    await expect.poll(() => linkPrinted.exec(server.printed.join("\n"))?.[0]).toBeDefined();
    const link = linkPrinted.exec(server.printed.join("\n"))?.[0] ?? "";

    const pocket = await browser.newContext({ ...PHONES.Pixel, locale });
    const { page: phone, errors: phoneErrors } = await watchedPage(pocket);
    await phone.goto(link);
    const words = PAGE_LANGUAGES[language];
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
    await page.getByRole("button", { name: text.views.showApprovals }).click();
    await page.getByRole("button", { name: fill(text.approvals.about, { action: text.approvals.approve, name: "Website" }) }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: text.approvals.approve, exact: true }).click();
    await expect.poll(async () => (await server.local("GET", `/phone/approvals/${body.approval_id}`)).body.status).toBe("approved");
    await phone.evaluate((id) => (location.hash = `#approval/${id}`), body.approval_id);
    await phone.locator(".outcome", { hasText: words.outcome.approved.computer }).waitFor();
    // Times are written with the digits and words of the page's language.
    await expect.poll(() => phone.locator("body").innerText()).toMatch(LETTERS[language]);
    expect(phoneErrors).toEqual([]);

    await page.getByRole("navigation").getByRole("link", { name: text.views.phones }).click();
    await page.reload();
    await page.getByRole("button", { name: fill(text.devices.about, { action: text.devices.revoke, name: "Pixel 7" }) }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: text.devices.revoke }).click();
    await page.getByText(fill(text.devices.revoked_done, { name: "Pixel 7" })).waitFor();
    await page.locator(".device").waitFor({ state: "detached" });
    for (const [view, card] of [
      [text.views.phones, text.devices.heading],
      [text.views.approvals, text.approvals.history],
      [text.views.settings, text.settings.heading],
      [text.views.activity, text.audit.heading],
    ] as const) {
      await page.getByRole("navigation").getByRole("link", { name: view }).click();
      await page.getByRole("heading", { name: card, exact: true }).click();
      if (view === text.views.activity) await page.getByRole("list", { name: text.audit.heading }).getByRole("listitem").first().waitFor();
      await expect.poll(() => page.locator("main").innerText()).toMatch(LETTERS[language]);
    }
    if (process.env["TOPDOG_PICTURES"]) {
      await page.screenshot({ path: `${process.env["TOPDOG_PICTURES"]}/${locale}-page.png`, fullPage: true });
      await phone.screenshot({ path: `${process.env["TOPDOG_PICTURES"]}/${locale}-phone.png`, fullPage: true });
    }

    await page.getByRole("navigation").getByRole("link", { name: text.views.phones }).click();
    await page.reload();
    await page.getByLabel(text.pair.number).waitFor();
    expect(errors).toEqual([]);
    await computer.close();
    await pocket.close();
  },
);
