/**
 * Control characters, bidi controls, zero-width and other invisible format characters, lone surrogates, private use, tags, fillers,
 * and variation selectors but for those of emoji: text can be hidden in them.
 */
const UNSEEN = String.raw`\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0D\uFFA0\u{E0100}-\u{E01EF}`;
/** In names and ids: unassigned characters as well. */
const INVISIBLE = new RegExp(`[${UNSEEN}\\p{Cn}]`, "gu");
/** In texts: not what several lines need, nor the joiners of emoji and some scripts. */
const HIDDEN = new RegExp(`(?![\\n\\t\\u200c\\u200d])[${UNSEEN}]`, "gu");

/** A text that people base decisions on. Characters that would hide or reorder text are replaced by a visible one. */
export function shownText(given: string): string {
  return given.replace(/\r\n?/g, "\n").replace(HIDDEN, "\uFFFD");
}

const LINK = /(?:\b[a-z][a-z0-9+.-]*:\/\/|\bwww\.)\S*|\b(?:[a-z0-9-]+\.)+[a-z]{2,}\/\S*/giu;
const MAX_NAME = 40;
/** Created lazily: it costs 20 ms, a tenth of a start. */
let letters: Intl.Segmenter | undefined;

/**
 * A typed name made safe for text messages and pages: one line, at most 40 characters, nothing invisible, no link. Empty when
 * nothing is left.
 */
export function cleanName(typed: string): string {
  const shown = typed.replace(/\s+/gu, " ").replace(INVISIBLE, "");
  // Normalized only now: what an invisible character kept apart may combine.
  const visible = shown.normalize("NFC").replace(LINK, "").replace(/\s+/gu, " ").trim();
  if (visible.length <= MAX_NAME) return visible;
  // Cuts between grapheme clusters, so that no accent or emoji is split.
  letters ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  let result = "";
  for (const { segment } of letters.segment(visible)) {
    if (result.length + segment.length > MAX_NAME) break;
    result += segment;
  }
  return result.trim();
}

/** Whether a text has no character that hides or reorders others. Required of ids, which are compared, not displayed. */
export function isPlainText(text: string): boolean {
  return text.search(INVISIBLE) === -1;
}

/** `+14155551234` → `+1******1234`: the form for logs and the audit trail. */
export function maskPhoneNumber(phoneNumber: string): string {
  const hidden = Math.max(0, phoneNumber.length - 6);
  return `${phoneNumber.slice(0, 2)}${"*".repeat(hidden)}${phoneNumber.slice(-4)}`;
}
