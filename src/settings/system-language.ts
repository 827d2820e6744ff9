import { bestLanguage, isLanguage, type Language } from "../words/languages.ts";

/**
 * The language of the person at this computer: PAIRING_LANGUAGE, else the first of the system's that there is, else English. `own` has
 * those that the system names in another way than in its environment.
 */
export function languageOfSystem(env: NodeJS.ProcessEnv, own: readonly string[] = []): Language {
  const chosen = env["PAIRING_LANGUAGE"];
  if (isLanguage(chosen)) return chosen;
  const [named] = [env["LC_ALL"], env["LC_MESSAGES"], env["LANG"]].filter((value) => value !== undefined && value !== "");
  // As in `de_DE.UTF-8`.
  const tags = named === undefined ? [Intl.DateTimeFormat().resolvedOptions().locale] : [named.replace(/[.@].*$/, "").replaceAll("_", "-")];
  return bestLanguage(own.length > 0 ? own : tags) ?? "en";
}
