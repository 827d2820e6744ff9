import type { Language, PluralOf } from "./languages.ts";

/** A catalogue's keys with the sentences of another language. Where English has plural forms, there is one for each of the language's. */
export type Translation<Words, L extends Language> = Words extends string
  ? string
  : keyof Words extends Intl.LDMLPluralRule
    ? { readonly [Form in PluralOf<L>]: string }
    : { readonly [Name in keyof Words]: Translation<Words[Name], L> };

/** The same for the settings page, where the plural forms are keys with `_one`, `_other` and so on behind them. */
export type PageTranslation<Words, L extends Language> = Words extends string
  ? string
  : { readonly [Name in Exclude<keyof Words, PluralKey>]: PageTranslation<Words[Name], L> } & {
      readonly [Name in `${StemOf<keyof Words>}_${PluralOf<L>}`]: string;
    };

type PluralKey = `${string}_${Intl.LDMLPluralRule}`;
type StemOf<Name> = Name extends `${infer Stem}_other` ? Stem : never;
