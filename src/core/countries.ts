/** Every country and territory with phone numbers, by ISO 3166 code (including AC, TA and XK, which have none). */
const COUNTRIES: ReadonlySet<string> = new Set(
  (
    "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK " +
    "CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR " +
    "GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV " +
    "LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL " +
    "PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO " +
    "TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
  ).split(" "),
);

/** Codes that people write for a country with another code: European Union usage, languages, former codes and vehicle signs. */
const MEANT: Readonly<Record<string, string>> = {
  UK: "GB",
  EN: "GB",
  EL: "GR",
  JA: "JP",
  KO: "KR",
  ZH: "CN",
  DA: "DK",
  CS: "CZ",
  SF: "FI",
  SP: "ES",
  SW: "SE",
  SU: "RU",
  YU: "RS",
  BU: "MM",
  TP: "TL",
  ZR: "CD",
};

const MAX_NAMED = 3;

/** Whether it is the code of a country that has phone numbers, in capital letters. */
export function isCountry(code: string): boolean {
  return COUNTRIES.has(code);
}

/** Why two letters are not a country's code (`invalid_request`), and which code may be meant. */
export function countryFault(country: string) {
  const meant = MEANT[country];
  if (meant !== undefined) return { reason: "other_country", country, codes: meant } as const;
  const near = nearest(country);
  return near.length === 0
    ? ({ reason: "unknown_country", country } as const)
    : ({ reason: "near_countries", country, codes: near.join(", ") } as const);
}

/** Codes with the same letters in another order, then with the same first letter, then with the same second one. */
function nearest(code: string): string[] {
  const [first = "", second = ""] = code;
  const swapped = [...COUNTRIES].filter((one) => one === second + first);
  const alike = [...COUNTRIES].filter((one) => one.startsWith(first));
  const withSameSecond = [...COUNTRIES].filter((one) => one.endsWith(second));
  return [...new Set([...swapped, ...alike, ...withSameSecond])].slice(0, MAX_NAMED);
}
