import i18next, { type TFunction } from "i18next";
import { initReactI18next } from "react-i18next";
import type { settingsPage } from "../../words/en/settings-page/index.ts";
import { bestLanguage, isLanguage, LANGUAGES, type Language } from "../../words/languages.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { readonly translation: typeof settingsPage };
  }
}

/** Only the catalogue of the page's language is fetched. */
const CATALOGUES: Readonly<Record<Language, () => Promise<{ readonly settingsPage: object }>>> = {
  en: async () => import("../../words/en/settings-page/index.ts"),
  de: async () => import("../../words/de/settings-page/index.ts"),
};
const STORED = "topdog.language";

/** React escapes what is filled in. */
void i18next.use(initReactI18next).init({
  resources: {},
  fallbackLng: false,
  interpolation: { escapeValue: false },
  initAsync: false,
});

/** For words outside of React; components use `useTranslation`. */
export const t = i18next.t;

export function pageLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : "en";
}

/** The language that was chosen on this page, else the first of the browser's that there is. */
export function wantedLanguage(): Language {
  const chosen = window.localStorage.getItem(STORED);
  return isLanguage(chosen) ? chosen : (bestLanguage(navigator.languages) ?? "en");
}

/** Shows the page in a language. Nothing is shown before this has resolved once. */
export async function showIn(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation"))
    i18next.addResourceBundle(language, "translation", (await CATALOGUES[language]()).settingsPage);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = LANGUAGES[language].direction;
}

/** Shows the page in a language, now and when it is opened again. */
export async function choosePageLanguage(language: Language): Promise<void> {
  await showIn(language);
  window.localStorage.setItem(STORED, language);
}

/** What dates, numbers and lists are written by: the page's language, with the customs of the reader's own region. */
export function locale(): string {
  const language = pageLanguage();
  const own = navigator.languages.find((tag) => bestLanguage([tag]) === language) ?? language;
  // Codes, numbers to type and countdowns have these digits in every language.
  return new Intl.NumberFormat(own).resolvedOptions().numberingSystem === "latn" ? own : `${own}-u-nu-latn`;
}

/** Names countries by their ISO 3166 letters in the page's language; a code that is no country is returned as it is. */
export function countryNames(): (country: string) => string {
  const names = new Intl.DisplayNames(locale(), { type: "region" });
  return (country) => {
    try {
      return names.of(country) ?? country;
    } catch {
      return country;
    }
  };
}

/** What a provider of text messages is called; of one that this page has no name for, its id. */
export function providerName(id: string, translate: TFunction): string {
  return ofProvider("providers", id, translate) ?? id;
}

/** Words that only the server's list of providers asks for by name: `undefined` where there are none. */
export function ofProvider(
  place: "providers" | "sms.choices" | "sms.choiceHints" | "sms.where" | "sms.folded" | "sms.fields" | "sms.hints" | "sms.needs",
  name: string,
  translate: TFunction,
): string | undefined {
  const key = `${place}.${name}`;
  return i18next.exists(key) ? translate(key as "providers.mock") : undefined;
}

/** The words for something that the server names, such as a setting; `undefined` where this page has none for it. */
export function wordsFor(
  place: "settings.labels" | "settings.choices" | "settings.groups",
  ...names: readonly string[]
): string | undefined {
  const key = [place, ...names].join(".");
  return i18next.exists(key) ? t(key as "settings.on") : undefined;
}
