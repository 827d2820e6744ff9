import { settingsPage as de } from "../../src/words/de/settings-page/index.ts";
import { settingsPage as en } from "../../src/words/en/settings-page/index.ts";
import type { Language } from "../../src/words/languages.ts";
import type { PageTranslation } from "../../src/words/translation.ts";

/** The words of the settings page, by language. The page itself fetches one of them. */
export const SETTINGS_PAGES: { readonly [L in Language]: L extends "en" ? typeof en : PageTranslation<typeof en, L> } = { en, de };
