import * as z from "zod";
import { requestFields } from "../words/en/request-fields.ts";

/** As the core's: control, bidi, zero-width and other invisible characters, lone surrogates. Never part of an id or a code. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u2800\u3164\uFE00-\uFE0D\uFFA0\u{E0100}-\u{E01EF}]/u;

const plain = (text: string): boolean => !INVISIBLE.test(text);
/** Browsers resolve these path segments in any percent-encoding, and would request another address. */
const STEPS: ReadonlySet<string> = new Set([".", ".."]);

export const Id = z
  .string()
  .min(1)
  .max(256)
  .refine(plain, requestFields.noInvisible)
  .refine((text) => !STEPS.has(text), requestFields.noPathStep)
  .describe("At most 256 characters, nothing invisible.");

/** The ids by which approvals name the computer and the admin. A phone with such an id could be mistaken for them. */
const RESERVED: ReadonlySet<string> = new Set(["desk", "computer", "admin"]);

/** Whether a phone's id or name can be mistaken for the computer or the admin. */
export function isReserved(text: string): boolean {
  return RESERVED.has(text.normalize("NFKC").trim().toLowerCase());
}

/** The id of a phone that is being paired. Phones paired by earlier versions may have any id. */
export const NewDeviceId = Id.refine((text) => !isReserved(text), requestFields.notReserved);

export const Name = z
  .string()
  .max(80)
  .describe("At most 80 characters. Shown and sent cleaned: one line, 40 characters, nothing invisible, no links.");

/** A BCP 47 tag. One of a language that the product does not have means English. */
export const LanguageTag = z
  .string()
  .min(1)
  .max(35)
  .refine(plain, requestFields.noInvisible)
  .describe("A language as a BCP 47 tag: de, pt-BR. Without sentences in it: English.");

export const Time = z.string().describe("ISO 8601, UTC, whole seconds: 2026-11-04T18:30:00Z");

/** The address under which a push service knows a phone. */
export const PushToken = z.string().max(1000).refine(plain, requestFields.noInvisible);

const WEB_ADDRESS = /^https?:\/\/(\[[0-9a-f:.]+\]|[^\s/?#@:[\]\\]+)(:\d{1,5})?\/?$/i;

/** An empty text counts as absent. */
export const WebAddress = z
  .string()
  .trim()
  .max(300)
  .refine((text) => text === "" || (WEB_ADDRESS.test(text) && z.url().safeParse(text).success), requestFields.webAddress);

/** 32 random bytes, base64url. Anything else was never issued, so it is reported as unknown, not as malformed. */
export const Code = z.string().min(1).max(256).describe("The code from the link.");

export const PhoneNumberText = z.string().max(64).describe("Strict E.164: +14155551234");
