import type { IncomingMessage } from "node:http";
import { cookieLanguage } from "../../operations/language-cookie.ts";
import { bestLanguage, type Language } from "../../words/languages.ts";
import { acceptedLanguages } from "../accept-language.ts";

/** The language of a phone's pages: the one that was chosen on the phone, else the first of its browser's that there is. */
export function pageLanguageOf(request: Pick<IncomingMessage, "headers">, fallback: Language = "en"): Language {
  return cookieLanguage(request.headers.cookie) ?? bestLanguage(acceptedLanguages(request)) ?? fallback;
}
