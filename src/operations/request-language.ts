import { AsyncLocalStorage } from "node:async_hooks";
import type { Language } from "../words/languages.ts";
import { followRequests, type LanguageWords, languageNow, loadLanguage } from "../words/say.ts";

const languages = new AsyncLocalStorage<LanguageWords>();
followRequests(() => languages.getStore());

/** Runs something whose sentences are in this language, whatever the language of the process is. */
export async function inLanguage<T>(language: Language, run: () => T): Promise<Awaited<T>> {
  if (language === languageNow()) return await run();
  const words = await loadLanguage(language);
  return await languages.run(words, run);
}
