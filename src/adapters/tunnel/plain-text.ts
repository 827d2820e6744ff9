const LONGEST = 300;

/** What a program printed, as it is shown to a person: one line, nothing invisible. */
export function plainText(text: string): string {
  return text
    .replace(/\p{C}+/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, LONGEST);
}
