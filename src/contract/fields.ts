import * as z from "zod";

/** Control, bidi, zero-width and other invisible characters, lone surrogates: never part of an id or a code. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\u2028\u2029]/u;

const plain = (text: string): boolean => !INVISIBLE.test(text);

export const Id = z
  .string()
  .min(1)
  .max(256)
  .refine(plain, "must not hold invisible characters")
  .describe("At most 256 characters, nothing invisible.");

export const Name = z
  .string()
  .max(80)
  .describe("At most 80 characters. Shown and sent cleaned: one line, 40 characters, nothing invisible, no links.");

export const Time = z.string().describe("ISO 8601, UTC, whole seconds: 2026-11-04T18:30:00Z");

/** 32 random bytes, base64url. Anything else was never handed out, so it is unknown rather than malformed. */
export const Code = z.string().min(1).max(256).describe("The code from the link.");

export const PhoneNumberText = z.string().max(64).describe("Strict E.164: +14155551234");
