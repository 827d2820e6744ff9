import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { formatPhoneNumberIntl, isPossiblePhoneNumber } from "react-phone-number-input/min";
import type { AnswerOf } from "../../contract/operations.ts";
import { type Refused, rejectionOf } from "../data/rejection.ts";
import { numberIn } from "../parts/sentence.tsx";
import type { Typed } from "./number-field.tsx";

/** What the page shows about the number in the field. */
export type Verdict =
  | { readonly kind: "none" }
  | { readonly kind: "wrong"; readonly sentence: ReactNode; readonly details?: Refused["details"] }
  | { readonly kind: "check"; readonly sentence: ReactNode; readonly e164: string }
  | { readonly kind: "fine"; readonly e164: string };

export const NO_VERDICT: Verdict = { kind: "none" };

/** How the field itself reads the text, for the line below it. */
export function localReading({ value, verbatim }: Typed): string | undefined {
  return verbatim === undefined && value !== undefined && isPossiblePhoneNumber(value) ? value : undefined;
}

export function verdictOf(reading: AnswerOf<"readPhoneNumber">, local: string | undefined): Verdict {
  const { e164 } = reading;
  if (!reading.sendable || e164 === undefined) return { kind: "wrong", sentence: reading.problem };
  if (reading.warning !== undefined) return { kind: "check", e164, sentence: reading.warning };
  return local !== undefined && local !== e164 ? otherReading(e164) : { kind: "fine", e164 };
}

/** The server reads the text as another number than the one on the screen. */
export function otherReading(e164: string): Verdict {
  return { kind: "check", e164, sentence: numberIn("pair.otherReading", formatPhoneNumberIntl(e164)) };
}

/** The next step after a failure, where the problem's own sentence has none. */
export function nextStep(thrown: unknown, t: TFunction): string | undefined {
  const { code, details } = rejectionOf(thrown).problem;
  if (details) return undefined;
  switch (code) {
    case "sms_send_failed":
    case "sms_outcome_unknown":
    case "storage_unavailable":
      return t(`next.${code}`);
    default:
      return undefined;
  }
}

/** Failures that are fixed where the provider is set up. */
const FOR_SETTINGS = new Set(["credentials", "sender", "not_set_up"]);

export function isForSettings(thrown: unknown): boolean {
  const { details } = rejectionOf(thrown).problem;
  return details !== undefined && FOR_SETTINGS.has(details.reason);
}
