import type { Language } from "../../words/languages.ts";
import { fill } from "../../words/message.ts";
import { TEXT_MESSAGES } from "../../words/text-messages.ts";
import { cleanName } from "../names.ts";
import type { SmsPrice } from "./sms-settings.ts";

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
  readonly language?: Language | undefined;
}): SmsPreview {
  const text = inviteText({
    userName: cleanName(about.userName),
    link: `${about.baseUrl}/pair?code=${SOME_CODE}`,
    minutes: about.minutes,
    language: about.language,
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

/** GSM 03.38 basic set: one septet each. */
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
/** GSM 03.38 extension: two septets each. */
const EXTENDED = new Set("\f^{}\\[~]|€");

export interface SmsLength {
  readonly characterSet: "GSM-7" | "UCS-2";
  readonly segments: number;
}

/** How many text messages a text costs (3GPP TS 23.038: 160/153 septets, or 70/67 UTF-16 units). */
export function smsLength(text: string): SmsLength {
  let septets = 0;
  for (const character of text) {
    if (BASIC.has(character)) septets += 1;
    else if (EXTENDED.has(character)) septets += 2;
    else return { characterSet: "UCS-2", segments: text.length <= 70 ? 1 : Math.ceil(text.length / 67) };
  }
  return { characterSet: "GSM-7", segments: septets <= 160 ? 1 : Math.ceil(septets / 153) };
}

export interface InviteText {
  readonly userName: string;
  readonly link: string;
  readonly minutes: number;
  /** Absent: English. */
  readonly language?: Language | undefined;
}

/** Phones turn any text with a dot inside into a link. The message has one link, which is ours. */
function unlinked(name: string): string {
  return name.replace(/(?<=\S)[.\u3002\uFF0E\uFF61](?=[\p{L}\p{N}])/gu, "$& ");
}

/** The text of an invite. It greets with the full name unless that alone costs a second message; then with the first word. */
export function inviteText({ userName, link, minutes, language = "en" }: InviteText): string {
  const { invite, inviteNoName } = TEXT_MESSAGES[language];
  const write = (name: string): string =>
    name === "" ? fill(inviteNoName, { link, minutes }, language) : fill(invite, { name, link, minutes }, language);
  const greeted = unlinked(userName);
  const full = write(greeted);
  const [firstWord = ""] = greeted.split(" ");
  const short = write(firstWord);
  return smsLength(full).segments > 1 && smsLength(short).segments === 1 ? short : full;
}

/** The text of a resent invite, so that the phone's owner can distinguish it. */
export function resentText({ link, minutes, language = "en" }: Omit<InviteText, "userName">): string {
  return fill(TEXT_MESSAGES[language].resent, { link, minutes }, language);
}

export interface ApprovalText {
  /** Empty: it is not named. */
  readonly project: string;
  readonly link: string;
  readonly language?: Language | undefined;
}

/** The text about an approval, without its content. The project is named unless that alone costs a second message. */
export function approvalText({ project, link, language = "en" }: ApprovalText): string {
  const { approval, projectApproval } = TEXT_MESSAGES[language];
  const full = project === "" ? "" : fill(projectApproval, { project: unlinked(project), link }, language);
  return full !== "" && smsLength(full).segments === 1 ? full : fill(approval, { link }, language);
}
