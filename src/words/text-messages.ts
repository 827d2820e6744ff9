import { textMessages as de } from "./de/text-messages.ts";
import { textMessages as en } from "./en/text-messages.ts";
import type { Language } from "./languages.ts";
import type { Translation } from "./translation.ts";

/** The texts that phones receive by SMS, by language. */
export const TEXT_MESSAGES: { readonly [L in Language]: Translation<typeof en, L> } = { en, de };
