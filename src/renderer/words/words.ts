import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { en } from "./en.ts";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { readonly translation: typeof en };
  }
}

/** Ready when it is imported: the catalogue is part of the page, so nothing is waited for. React escapes what is filled in. */
void i18next.use(initReactI18next).init({
  lng: "en",
  fallbackLng: "en",
  resources: { en: { translation: en } },
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
