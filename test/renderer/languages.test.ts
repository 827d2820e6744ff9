import { describe, expect, it } from "vitest";
import { LANGUAGE_TAGS, LANGUAGES } from "../../src/words/languages.ts";
import { SETTINGS_PAGES } from "../words/catalogues.ts";
import { settingsPages } from "./settings-page.ts";

const { open } = settingsPages();

describe.each(LANGUAGE_TAGS)("a browser in %s", (locale) => {
  const words = SETTINGS_PAGES[locale];

  it("gets the page in its language and direction, without one text that is missing or cut off", async () => {
    const { page } = await open({ context: { locale } });
    await page.getByRole("heading", { level: 1, name: words.views.phones }).waitFor();
    await page.locator(`html[lang="${locale}"][dir="${LANGUAGES[locale].direction}"]`).waitFor();
    await page.getByRole("button", { name: words.pair.send }).waitFor();
    await expect.poll(() => page.title()).toContain(words.page.title);
    // A key that has no sentence is shown as itself.
    await expect
      .poll(() => page.locator("body").innerText())
      .not.toMatch(/(?:^|\s)(?:page|pair|devices|settings|sms|invites)\.[a-z]\w+(?:\s|$)/);
  });

  it.each([320, 900])("fits it into %i pixels", async (width) => {
    const { page } = await open({ context: { locale, viewport: { width, height: 1000 } } });
    await page.getByRole("button", { name: words.pair.send }).waitFor();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wider).toBeLessThanOrEqual(0);
    const cut = await page.evaluate(() =>
      [...document.querySelectorAll("button, h1, h2, h3, label, a, [role=tab]")]
        .filter((element) => element.clientWidth > 1 && getComputedStyle(element).overflow === "hidden")
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
        .map(({ textContent }) => textContent),
    );
    expect(cut).toEqual([]);
  });
});

it("a browser in a language that the page does not have gets English", async () => {
  const { page } = await open({ context: { locale: "nl-NL" } });
  await page.getByRole("heading", { level: 1, name: SETTINGS_PAGES.en.views.phones }).waitFor();
  await page.locator('html[lang="en"]').waitFor();
});

it("another language is chosen on the page: what was typed stays, and only that catalogue is fetched", async () => {
  const { en, de } = SETTINGS_PAGES;
  const { page } = await open({ context: { locale: "en-GB" } });
  const show = async (name: string): Promise<void> => {
    await page.getByRole("navigation").getByRole("link", { name }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
  };
  await page.getByLabel(en.pair.number).fill("+1 415 555");
  await show(en.views.settings);
  const scripts: string[] = [];
  page.on("request", (request) => request.url().endsWith(".js") && scripts.push(request.url()));
  await page.getByLabel(en.page.language).selectOption("de");
  await page.getByRole("heading", { level: 1, name: de.views.settings }).waitFor();
  await page.locator('html[lang="de"]').waitFor();
  expect(scripts).toHaveLength(1);
  await show(de.views.phones);
  await expect.poll(() => page.getByLabel(de.pair.number).inputValue()).toBe("+1 415 555");

  await page.reload();
  await page.getByRole("heading", { level: 1, name: de.views.phones }).waitFor();
});
