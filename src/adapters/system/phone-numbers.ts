import type * as Library from "libphonenumber-js/max";
import { present } from "../../base/present.ts";
import { asciiDigits, type PhoneNumbers, type PhoneReading } from "../../core/index.ts";

/** Types that cost extra or reach no phone (libphonenumber's own names). */
const COSTLY: readonly Library.PhoneNumberType[] = ["PREMIUM_RATE", "SHARED_COST", "UAN", "PAGER", "VOICEMAIL"];

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
    const library = await load();
    const home = country !== undefined && library.isSupportedCountry(country) ? country : undefined;
    const { parsed, other } = parse(library, unify(typed), home);
    if (!parsed || parsed.ext) return undefined;
    const type = parsed.getType();
    return {
      e164: parsed.number,
      possible: parsed.isPossible(),
      costly: type !== undefined && COSTLY.includes(type),
      landline: type === "FIXED_LINE",
      ...present({ country: parsed.country }),
      mayBeIn: mayBeIn(library, parsed),
      ...present({ otherReading: other }),
    } satisfies PhoneReading;
  },
};

/** One spelling for what keyboards and address books produce: the digits of every script, bidi marks, and `tel:`. */
function unify(typed: string): string {
  return asciiDigits(typed)
    .replace(/\p{Cf}/gu, "")
    .trim()
    .replace(/^tel:/i, "");
}

/** The plans of neighbours that share a calling code overlap, and a number that is in no plan may be a new one of any of them. */
function mayBeIn(library: typeof Library, { number, countryCallingCode }: Library.PhoneNumber): readonly Library.CountryCode[] {
  const sharing = countriesOf(library, countryCallingCode);
  const probe = library.parsePhoneNumberFromString(number);
  if (sharing.length < 2 || !probe) return sharing;
  const valid = sharing.filter((country) => {
    probe.country = country;
    return probe.isValid();
  });
  return valid.length === 0 ? sharing : valid;
}

let byCallingCode: Map<string, Library.CountryCode[]> | undefined;

function countriesOf({ getCountries, getCountryCallingCode }: typeof Library, callingCode: string): readonly Library.CountryCode[] {
  if (!byCallingCode) {
    byCallingCode = new Map();
    for (const country of getCountries()) {
      const code = getCountryCallingCode(country);
      byCallingCode.set(code, [...(byCallingCode.get(code) ?? []), country]);
    }
  }
  return byCallingCode.get(callingCode) ?? [];
}

interface Parsed {
  readonly parsed: Library.PhoneNumber | undefined;
  readonly other?: string;
}

function parse(library: typeof Library, text: string, home: Library.CountryCode | undefined): Parsed {
  const { parsePhoneNumberFromString: read } = library;
  const begin = text.search(/[+\d]/);
  const number = begin === -1 ? "" : text.slice(begin);
  const abroad = home === undefined || number.startsWith("+") ? [] : dialledAbroad(library, number, home);
  const possible = abroad.flatMap(({ rest, rank }) => {
    const parsed = read(`+${rest}`);
    return parsed?.isPossible() === true ? [{ parsed, rank }] : [];
  });
  const [first, ...others] = possible;
  if (first) {
    const other = others.find(({ parsed, rank }) => rank === first.rank && parsed.isValid() && !parsed.isEqual(first.parsed));
    return { parsed: first.parsed, ...(other === undefined ? {} : { other: other.parsed.number }) };
  }
  const parsed = home === undefined ? read(text) : read(text, home);
  if (parsed?.isPossible() === true || !number.startsWith("00")) return { parsed };
  // 00 is the international prefix of most countries, and people type it elsewhere too.
  const international = read(`+${number.slice(2).replace(/^\D+/, "")}`);
  return { parsed: home === undefined || international?.isPossible() === true ? international : parsed };
}

const MAX_PREFIX = 12;

interface Dialled {
  /** What follows the prefix. */
  readonly rest: string;
  /** How clearly the prefix is set apart: 0 as a group of its own, 1 as several groups, 2 not at all. */
  readonly rank: 0 | 1 | 2;
}

/**
 * The international prefixes of a country, by its numbering plan. Where several fit (Hong Kong has 00 and 001), those that are set
 * apart come first, then the longer ones, as in the plan.
 */
function dialledAbroad({ Metadata }: typeof Library, number: string, home: Library.CountryCode): readonly Dialled[] {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(home);
  const prefix = new RegExp(`^(?:${metadata.numberingPlan?.IDDPrefix() ?? "00"})$`);
  const found: Dialled[] = [];
  let dialled = "";
  for (let at = 0; at < number.length && dialled.length < MAX_PREFIX; at += 1) {
    const character = number[at] ?? "";
    if (!/\d/.test(character)) continue;
    dialled += character;
    const behind = number.slice(at + 1);
    const rest = behind.replace(/^\D+/, "");
    // No country code begins with a zero.
    if (!prefix.test(dialled) || !/^[1-9]/.test(rest)) continue;
    found.unshift({ rest, rank: rest === behind ? 2 : number.startsWith(dialled) ? 0 : 1 });
  }
  return found.sort((one, other) => one.rank - other.rank);
}
