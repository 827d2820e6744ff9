import * as de from "./de/phone/index.ts";
import * as en from "./en/phone/index.ts";
import type { Language } from "./languages.ts";
import type { Message } from "./message.ts";
import type { Translation } from "./translation.ts";

/** A catalogue of the phone's pages, whichever language it is in. */
type AnyLanguage<Words> = Words extends string
  ? string
  : keyof Words extends Intl.LDMLPluralRule
    ? Exclude<Message, string>
    : { readonly [Name in keyof Words]: AnyLanguage<Words[Name]> };

export type PageWords = AnyLanguage<typeof en>;

/** The words of the phone's pages. The build makes the pages of each language. */
export const PAGE_LANGUAGES: Readonly<Record<Language, PageWords>> = { en, de } satisfies {
  readonly [L in Language]: L extends "en" ? typeof en : Translation<typeof en, L>;
};
