interface LanguageRow {
  /** Its name in the language itself. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  /** The plural forms that numbers choose in it. Its catalogues have a sentence for each. */
  readonly plurals: readonly Intl.LDMLPluralRule[];
}

/** The languages of the product, by their BCP 47 tag, in the order of the menus. Each has catalogues in the folder of its tag. */
export const LANGUAGES = {
  en: { name: "English", direction: "ltr", plurals: ["one", "other"] },
  de: { name: "Deutsch", direction: "ltr", plurals: ["one", "other"] },
} as const satisfies Readonly<Record<string, LanguageRow>>;

export type Language = keyof typeof LANGUAGES;
export type PluralOf<L extends Language> = (typeof LANGUAGES)[L]["plurals"][number];

export const LANGUAGE_TAGS = Object.keys(LANGUAGES) as unknown as readonly [Language, ...Language[]];

export function isLanguage(tag: unknown): tag is Language {
  return typeof tag === "string" && Object.hasOwn(LANGUAGES, tag);
}

/**
 * The first of these languages that the product has, `undefined` for none. A region is of no matter where the script is the same:
 * `de-AT` is read by who wants `de`, `zh-SG` by who wants `zh-CN`, and `zh-TW` is another script.
 */
export function bestLanguage(wanted: readonly string[]): Language | undefined {
  for (const tag of wanted) {
    const found = LANGUAGE_TAGS.find((own) => own.toLowerCase() === tag.toLowerCase()) ?? LANGUAGE_TAGS.find((own) => isSame(own, tag));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The language of this tag, English where the product does not have it; `undefined` for none. */
export function languageOfTag(tag: string | undefined): Language | undefined {
  return tag === undefined ? undefined : (bestLanguage([tag]) ?? "en");
}

function isSame(own: string, tag: string): boolean {
  try {
    const [one, other] = [new Intl.Locale(own).maximize(), new Intl.Locale(tag).maximize()];
    return one.language === other.language && one.script === other.script;
  } catch {
    // `*`, or no tag at all.
    return false;
  }
}
