import i18next, { type TFunction } from "i18next";
import { initReactI18next } from "react-i18next";
import { settingsPage } from "../../words/en/settings-page/index.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { readonly translation: typeof settingsPage };
  }
}

/** Ready when it is imported: the catalogue is part of the page, so nothing is waited for. React escapes what is filled in. */
void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: settingsPage } },
  interpolation: { escapeValue: false },
  initAsync: false,
});

/** For words outside of React; components use `useTranslation`. */
export const t = i18next.t;

/** The language that dates and durations are written in: the words are English, the customs are the reader's own English. */
export function locale(): string {
  const own = navigator.languages.find((tag) => tag.toLowerCase().startsWith(`${i18next.language}-`));
  return own ?? i18next.language;
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
