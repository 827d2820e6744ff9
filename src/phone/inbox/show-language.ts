import { LANGUAGE_TAGS, LANGUAGES } from "../../words/languages.ts";
import { languageChoice, language as pageLanguage, retry } from "../../words/phone.ts";
import { element } from "./element.ts";

/** Returns what went wrong, if anything did. */
export type ChooseLanguage = (tag: string) => Promise<string>;

/** The language of this phone's pages and notifications. Each is named in itself, for those who cannot read the current one. */
export function languageView(choose: ChooseLanguage): HTMLElement[] {
  const select = document.createElement("select");
  select.id = "own-language";
  select.append(
    ...LANGUAGE_TAGS.map((tag) => {
      const option = element("option", { value: tag, lang: tag }, LANGUAGES[tag].name);
      option.selected = tag === pageLanguage;
      return option;
    }),
  );
  const problem = element("p", { class: "problem", role: "alert" });
  const send = async (): Promise<void> => {
    problem.textContent = await choose(select.value);
    // The page in the new language is another one.
    if (problem.textContent === "") location.reload();
    else select.value = pageLanguage;
  };
  select.addEventListener("change", () => void send().catch(() => (problem.textContent = retry.lost)));
  return [element("h2", {}, element("label", { for: "own-language" }, languageChoice.label)), select, problem];
}
