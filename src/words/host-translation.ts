import type { HOST_WORDS } from "./en/host.ts";
import type { Language } from "./languages.ts";
import type { Translation } from "./translation.ts";

/** What people read who only look after a server; it is in English. */
type OfOperators = "database" | "doctor" | "storage" | "verify";

export type HostTranslation<L extends Language> = {
  readonly [Section in Exclude<keyof typeof HOST_WORDS, OfOperators>]: Translation<(typeof HOST_WORDS)[Section], L>;
};
