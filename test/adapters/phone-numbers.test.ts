import { type CountryCode, getCountries, getExampleNumber, Metadata } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { describe, expect, it } from "vitest";
import { phoneNumbers } from "../../src/adapters/system/phone-numbers.ts";
import { asciiDigits, countryFault, isCountry } from "../../src/core/index.ts";

const COUNTRIES = getCountries();
const TARGETS = ["+6591234567", "+14155552671", "+442079460018", "+4915112345678", "+5511961234567"];

describe("an international prefix", () => {
  it.each([
    ["001 65 9123 4567", "HK", "+6591234567"],
    ["0011 44 20 7946 0018", "AU", "+442079460018"],
    ["010 1 415 555 2671", "JP", "+14155552671"],
    ["011 44 20 7946 0018", "US", "+442079460018"],
    ["8~10 1 415 555 2671", "RU", "+14155552671"],
    ["8 10 1 415 555 2671", "KZ", "+14155552671"],
    ["00 49 30 901820", "AT", "+4930901820"],
    ["00 1 659 123 4567", "HK", "+16591234567"],
    ["00 65 9123 4567", "US", "+6591234567"],
    ["+65 9123 4567", "HK", "+6591234567"],
  ])("is read in %j typed in %s", async (typed, country, e164) => {
    expect((await phoneNumbers.read(typed, country))?.e164).toBe(e164);
  });

  it("is read for every country and each of its prefixes, as its numbering plan has them", async () => {
    const missed: unknown[] = [];
    for (const country of COUNTRIES) {
      for (const prefix of prefixesOf(country)) {
        for (const target of TARGETS) {
          const typed = `${prefix} ${target.slice(1)}`;
          const reading = await phoneNumbers.read(typed, country);
          if (reading?.e164 !== target || reading.otherReading !== undefined) missed.push({ typed, country, reading });
        }
      }
    }
    expect(missed).toEqual([]);
  });

  it("that may end in two places is never read in silence", async () => {
    const silent: unknown[] = [];
    for (const country of COUNTRIES) {
      for (const prefix of prefixesOf(country)) {
        for (const target of TARGETS) {
          const reading = await phoneNumbers.read(prefix + target.slice(1), country);
          if (reading?.e164 !== target && reading?.otherReading !== target) silent.push({ prefix, target, country, reading });
        }
      }
    }
    expect(silent).toEqual([]);
    expect(await phoneNumbers.read("0016595234567", "HK")).toMatchObject({ e164: "+6595234567", otherReading: "+16595234567" });
  });

  it("does not change a number without one: each country's own example is read as it is dialled at home", async () => {
    for (const country of COUNTRIES) {
      const example = getExampleNumber(country, examples);
      expect([country, (await phoneNumbers.read(example?.formatNational() ?? "", country))?.e164]).toEqual([country, example?.number]);
    }
  });
});

describe("a digit", () => {
  /** The zero of each script, in Unicode order. */
  const zeros: number[] = [];
  let run = 0;
  for (let codePoint = 0; codePoint <= 0x10ffff; codePoint += 1) {
    run = (codePoint < 0xd800 || codePoint > 0xdfff) && /\p{Nd}/u.test(String.fromCodePoint(codePoint)) ? run + 1 : 0;
    if (run % 10 === 1) zeros.push(codePoint);
  }
  const inScript = (text: string, zero: number): string => text.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));

  it("is known in every script", () => {
    expect(zeros.length).toBeGreaterThan(60);
    for (const zero of zeros)
      expect([zero.toString(16), asciiDigits(inScript("x0123456789y", zero))]).toEqual([zero.toString(16), "x0123456789y"]);
  });

  it("of any script makes the same number", async () => {
    for (const zero of zeros) {
      for (const typed of ["+1 (415) 555-2671", "00 1 415 555 2671", "415 555 2671"]) {
        const text = inScript(typed, zero);
        expect([text, (await phoneNumbers.read(text, "US"))?.e164]).toEqual([text, "+14155552671"]);
      }
    }
    expect((await phoneNumbers.read("+९१ ८१२३४ ५६७८९", "US"))?.e164).toBe("+918123456789");
    expect((await phoneNumbers.read("০১৮১২-৩৪৫৬৭৮", "BD"))?.e164).toBe("+8801812345678");
    expect((await phoneNumbers.read("๐๘๑ ๒๓๔ ๕๖๗๘", "TH"))?.e164).toBe("+66812345678");
  });
});

describe("a country's code", () => {
  it("is known for every country that has phone numbers, and for no other text", () => {
    expect(COUNTRIES.filter((code) => !isCountry(code))).toEqual([]);
    const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
    const known = letters.flatMap((one) => letters.map((other) => one + other)).filter(isCountry);
    expect(known).toEqual([...COUNTRIES].sort());
  });

  it("that is wrong names the nearest right one", () => {
    expect(countryFault("UK")).toEqual({ reason: "other_country", country: "UK", codes: "GB" });
    expect(countryFault("EL")).toEqual({ reason: "other_country", country: "EL", codes: "GR" });
    expect(countryFault("ZZ")).toEqual({ reason: "near_countries", country: "ZZ", codes: "ZA, ZM, ZW" });
  });

  it("is left open where several countries share a calling code and the number is ambiguous", async () => {
    const open = await phoneNumbers.read("+18615552671");
    expect(open).not.toHaveProperty("country");
    expect(open?.mayBeIn).toEqual(expect.arrayContaining(["US", "CA", "JM"]));
    expect(await phoneNumbers.read("+18765552671")).toMatchObject({ country: "JM", mayBeIn: ["JM"] });
    expect((await phoneNumbers.read("+61412345678"))?.mayBeIn).toEqual(["AU", "CC", "CX"]);
    expect((await phoneNumbers.read("+80012345678"))?.mayBeIn).toEqual([]);
  });

  it("of a possible number is among those it may be in, in every country", async () => {
    for (const country of COUNTRIES) {
      const example = getExampleNumber(country, examples);
      const reading = await phoneNumbers.read(example?.number ?? "");
      expect([country, reading?.mayBeIn]).toEqual([country, expect.arrayContaining([country])]);
    }
  });
});

/** All digits that the pattern of a country's prefixes matches. */
function prefixesOf(country: CountryCode): string[] {
  const metadata = new Metadata();
  metadata.selectNumberingPlan(country);
  const pattern = metadata.numberingPlan?.IDDPrefix() ?? "";
  const all = allOf(pattern);
  expect([country, all.filter((prefix) => !new RegExp(`^(?:${pattern})$`).test(prefix))]).toEqual([country, []]);
  return all;
}

/** The texts that a pattern of digits, classes, groups, alternatives and `?` matches. */
function allOf(pattern: string): string[] {
  let at = 0;
  const join = (left: readonly string[], right: readonly string[]): string[] => left.flatMap((one) => right.map((other) => one + other));
  const atom = (): string[] => {
    const character = pattern[at] ?? "";
    if (character === "(") {
      at += 3;
      const inner = alternatives();
      at += 1;
      return inner;
    }
    const end = character === "[" ? pattern.indexOf("]", at) + 1 : at + (character === "\\" ? 2 : 1);
    const one = new RegExp(`^${pattern.slice(at, end)}$`);
    at = end;
    return [..."0123456789"].filter((digit) => one.test(digit));
  };
  const sequence = (): string[] => {
    let texts = [""];
    while (at < pattern.length && pattern[at] !== "|" && pattern[at] !== ")") {
      let next = atom();
      if (pattern[at] === "?") {
        at += 1;
        next = ["", ...next];
      }
      texts = join(texts, next);
    }
    return texts;
  };
  const alternatives = (): string[] => {
    const texts = sequence();
    while (pattern[at] === "|") {
      at += 1;
      texts.push(...sequence());
    }
    return texts;
  };
  return alternatives();
}
