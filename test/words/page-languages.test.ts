import { describe, expect, it } from "vitest";
import { acceptedLanguages } from "../../src/http/accept-language.ts";
import { bestLanguage, LANGUAGES } from "../../src/words/languages.ts";
import { PAGE_LANGUAGES } from "../../src/words/page-languages.ts";

/** The gaps of each sentence by its key; of plural forms, those of all forms together. */
function gapsOf(words: unknown, key = ""): Readonly<Record<string, readonly string[]>> {
  if (typeof words === "string") return { [key]: gapsIn(words) };
  const rows = Object.entries(words as Readonly<Record<string, unknown>>);
  if (rows.some(([form]) => form === "other")) return { [key]: gapsIn(rows.map(([, text]) => text).join("")) };
  return Object.assign({}, ...rows.map(([name, value]) => gapsOf(value, `${key}.${name}`))) as Record<string, readonly string[]>;
}

function gapsIn(text: string): readonly string[] {
  return [...new Set(text.match(/\{\{[^}]*\}\}/g))].sort();
}

describe.each(Object.entries(PAGE_LANGUAGES))("the phone's pages in %s", (language, words) => {
  it("fill each sentence with what the English one takes", () => {
    expect(gapsOf(words)).toEqual(gapsOf(PAGE_LANGUAGES.en));
  });

  it("name their language as the registry does", () => {
    expect(words.language).toBe(language);
    expect(["ltr", "rtl"]).toContain(words.direction);
  });
});

describe.each(Object.entries(LANGUAGES))("%s", (tag, { direction, plurals }) => {
  it("has the plural forms that its numbers choose", () => {
    const rules = new Intl.PluralRules(tag);
    expect(new Set(Array.from({ length: 10_000 }, (_, count) => rules.select(count)))).toEqual(new Set(plurals));
  });

  it("is written in the direction of its script", () => {
    const { script } = new Intl.Locale(tag).maximize();
    expect(direction).toBe(script === "Arab" || script === "Hebr" ? "rtl" : "ltr");
  });
});

it.each([
  ["de-AT,de;q=0.9,en;q=0.8", "de"],
  ["en-GB", "en"],
  ["nl;q=0.9, de;q=0.5, en;q=0.1", "de"],
  ["de;q=0, en", "en"],
  ["DE-ch", "de"],
  ["nl-NL, tlh", undefined],
  ["*", undefined],
  ["", undefined],
  ["; ;,,q=", undefined],
  ["zh-TW", undefined],
])("a browser that asks for %j gets %s", (header, language) => {
  expect(bestLanguage(acceptedLanguages({ headers: { "accept-language": header } }))).toBe(language);
});
