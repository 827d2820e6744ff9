import { describe, expect, it } from "vitest";
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
