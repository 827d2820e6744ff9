import type { PhoneNumberType } from "libphonenumber-js/max";
import type { PhoneNumbers, PhoneReading } from "../../core/index.ts";

/** Types that cost extra or reach no phone (libphonenumber's own names). */
const COSTLY: readonly PhoneNumberType[] = ["PREMIUM_RATE", "SHARED_COST", "UAN", "PAGER", "VOICEMAIL"];

const load = () => import("libphonenumber-js/max");

/** Before the first number. Never rejects. */
export async function warmUpPhoneNumbers(): Promise<void> {
  await load().catch(() => undefined);
}

/**
 * Reads numbers with libphonenumber's full metadata, loaded at the first number (70 ms that the start need not pay).
 * A possible number of unknown type is sendable: metadata ages.
 */
export const phoneNumbers: PhoneNumbers = {
  async read(typed, country) {
    const { isSupportedCountry, parsePhoneNumberFromString } = await load();
    const text = unify(typed);
    const parsed = country && isSupportedCountry(country) ? parsePhoneNumberFromString(text, country) : parsePhoneNumberFromString(text);
    if (!parsed || parsed.ext) return undefined;
    const type = parsed.getType();
    return {
      e164: parsed.number,
      possible: parsed.isPossible(),
      costly: type !== undefined && COSTLY.includes(type),
      landline: type === "FIXED_LINE",
      ...(parsed.country === undefined ? {} : { country: parsed.country }),
    } satisfies PhoneReading;
  },
};

/** One spelling for what keyboards and address books produce: full-width and Arabic digits, bidi marks, `tel:`, and `00` for `+`. */
function unify(typed: string): string {
  return typed
    .normalize("NFKC")
    .replace(/\p{Cf}/gu, "")
    .replace(/[\u0660-\u0669\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) & 0xf))
    .trim()
    .replace(/^tel:/i, "")
    .replace(/^00(?=[1-9\s(])/, "+");
}
