import { cleanName } from "../names.ts";
import type { SmsPrice } from "./sms-settings.ts";
import { inviteText, type SmsLength, smsLength } from "./sms-text.ts";

export interface SmsPreview extends SmsLength {
  readonly text: string;
  /** US dollars; absent in mock mode and where no price is known. */
  readonly cost?: { readonly least: number; readonly most: number };
}

/** As long as a real code, so that the segment count is right. */
const SOME_CODE = "x".repeat(43);

/** The message as it will be sent, and its cost. */
export function smsPreview(about: {
  readonly userName: string;
  readonly baseUrl: string;
  readonly minutes: number;
  /** For one segment. */
  readonly price: SmsPrice | undefined;
}): SmsPreview {
  const text = inviteText({
    userName: cleanName(about.userName),
    link: `${about.baseUrl}/pair?code=${SOME_CODE}`,
    minutes: about.minutes,
  });
  const length = smsLength(text);
  const { price } = about;
  const dollars = (each: number): number => Math.round(each * length.segments * 100_000) / 100_000;
  return {
    ...length,
    text: text.replace(SOME_CODE, "…"),
    ...(price ? { cost: { least: dollars(price.least), most: dollars(price.most) } } : {}),
  };
}
