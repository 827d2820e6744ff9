/** As in names, but for what a text of several lines needs, and the joiners that emoji and some scripts are made of. */
const HIDDEN =
  /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0D\uFFA0\u{E0100}-\u{E01EF}]/gu;

/** A text that people decide by. What would hide in it or reorder it is shown as what it is: something that does not belong there. */
export function shownText(given: string): string {
  return given.replace(/\r\n?/g, "\n").replace(HIDDEN, "\uFFFD");
}
