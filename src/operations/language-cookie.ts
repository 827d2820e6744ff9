import { isLanguage, type Language } from "../words/languages.ts";

const NAME = "topdog_language";
const A_YEAR_IN_SECONDS = 31_536_000;

/** A `Set-Cookie` value: the phone's pages come in this language from then on. It is for all servers of a host name, as the phone is one. */
export function languageCookie(language: Language, baseUrl: string): string {
  const secure = baseUrl.startsWith("https:") ? "; Secure" : "";
  return `${NAME}=${language}; Path=/; Max-Age=${A_YEAR_IN_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
}

/** The language in a `Cookie` header. */
export function cookieLanguage(header: string | undefined): Language | undefined {
  const pairs = (header ?? "").split(";").map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${NAME}=`))?.slice(NAME.length + 1);
  return isLanguage(value) ? value : undefined;
}
