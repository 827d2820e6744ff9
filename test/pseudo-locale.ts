const FROM = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const TO = [..."āƀćďēƒĝĥĩĵķĺḿñōṕɋŕśţũṽŵẋŷžĀƁĆĎĒƑĜĤĨĴĶĹḾÑŌṔɊŔŚŢŨṼŴẊŶŽ"];
const ACCENTED = new Map([...FROM].map((letter, index) => [letter, TO[index] ?? letter]));

/** "Pair phone" → "[Ṕāĩŕ ṕĥōñē…]". What stands in `{{…}}` is filled in later and stays. */
export function pseudoText(text: string): string {
  const accented = text
    .split(/(\{\{[^}]*\}\})/)
    .map((part, index) => (index % 2 === 1 ? part : [...part].map((letter) => ACCENTED.get(letter) ?? letter).join("")));
  return `[${accented.join("")}…]`;
}

/** A catalogue in a language that nobody speaks: a sentence that is not in it is one that somebody wrote into the code. */
export function pseudoLocale<Catalogue>(catalogue: Catalogue): Catalogue {
  if (typeof catalogue === "string") return pseudoText(catalogue) as Catalogue;
  if (typeof catalogue === "function") {
    return ((...params: unknown[]) => pseudoLocale((catalogue as (...params: unknown[]) => unknown)(...params))) as Catalogue;
  }
  if (typeof catalogue !== "object" || catalogue === null) return catalogue;
  if (Array.isArray(catalogue)) return catalogue.map(pseudoLocale) as Catalogue;
  return Object.fromEntries(Object.entries(catalogue).map(([key, value]) => [key, pseudoLocale<unknown>(value)])) as Catalogue;
}

/** Words of two letters and more that no catalogue of {@link pseudoLocale} has written. `data` is what is the same in every language. */
export function plainWords(text: string, data: readonly (string | RegExp)[] = []): readonly string[] {
  let left = text;
  for (const known of data) left = left.replaceAll(typeof known === "string" ? known : new RegExp(known, "g"), " ");
  return left.match(/(?<![\p{L}\p{M}\p{N}_])[A-Za-z]{2,}(?![\p{L}\p{M}])/gu) ?? [];
}
