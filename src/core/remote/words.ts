/** As in names, but allows what multi-line text needs, and the joiners of emoji and some scripts. */
const HIDDEN =
  /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0D\uFFA0\u{E0100}-\u{E01EF}]/gu;

/** A text that people base decisions on. Characters that would hide or reorder text are replaced by a visible one. */
export function shownText(given: string): string {
  return given.replace(/\r\n?/g, "\n").replace(HIDDEN, "\uFFFD");
}
