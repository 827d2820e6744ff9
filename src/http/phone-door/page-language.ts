import type { IncomingMessage } from "node:http";
import { bestLanguage, isLanguage, type Language } from "../../words/languages.ts";
import { acceptedLanguages } from "../accept-language.ts";

const NAME = "topdog_language";

/** The language of a phone's pages: the one that was chosen on the phone, else the first of its browser's that there is. */
export function pageLanguageOf(request: Pick<IncomingMessage, "headers">, fallback: Language): Language {
  const pairs = (request.headers.cookie ?? "").split(";").map((pair) => pair.trim());
  const chosen = pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
  return isLanguage(chosen) ? chosen : (bestLanguage(acceptedLanguages(request)) ?? fallback);
}
