import { cleanName } from "../names.ts";
import type { SmsProviderName } from "./delivery.ts";
import { inviteText, type SmsLength, smsLength } from "./sms-text.ts";

export interface SmsPreview extends SmsLength {
  readonly text: string;
  /** US dollars; absent in mock mode and where no price is known. */
  readonly cost?: { readonly least: number; readonly most: number };
}

/** As long as a code, so that the count is right. */
const SOME_CODE = "x".repeat(43);

/** US dollars for one segment, from the providers' list prices as the setup guide has them. */
function listPrice(provider: SmsProviderName, country: string | undefined): { least: number; most: number } | undefined {
  if (provider === "twilio") return country === "US" || country === "CA" ? { least: 0.0079, most: 0.0079 } : { least: 0.02, most: 0.15 };
  if (provider === "sns" && country === "US") return { least: 0.00645, most: 0.00645 };
  return undefined;
}

/** The message as it will be, and what it is charged as. */
export function smsPreview(about: {
  readonly userName: string;
  readonly baseUrl: string;
  readonly minutes: number;
  readonly provider: SmsProviderName;
  readonly country: string | undefined;
}): SmsPreview {
  const text = inviteText({
    userName: cleanName(about.userName),
    link: `${about.baseUrl}/pair?code=${SOME_CODE}`,
    minutes: about.minutes,
  });
  const length = smsLength(text);
  const price = listPrice(about.provider, about.country);
  const dollars = (each: number): number => Math.round(each * length.segments * 100_000) / 100_000;
  return {
    ...length,
    text: text.replace(SOME_CODE, "…"),
    ...(price ? { cost: { least: dollars(price.least), most: dollars(price.most) } } : {}),
  };
}
