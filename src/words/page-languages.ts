import * as en from "./en/phone/index.ts";
import type { Message } from "./message.ts";

/** The same keys as the English catalogue, with any sentences. */
type Translation<Words> = Words extends string
  ? string
  : Words extends { readonly other: string }
    ? Exclude<Message, string>
    : { readonly [Name in keyof Words]: Translation<Words[Name]> };

export type PageWords = Translation<typeof en>;

/** The languages of the phone's pages. The build makes the pages of each. */
export const PAGE_LANGUAGES = { en } satisfies Readonly<Record<string, PageWords>>;

export type PageLanguage = keyof typeof PAGE_LANGUAGES;
