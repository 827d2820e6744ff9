import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isLanguage, LANGUAGE_TAGS, LANGUAGES } from "../../words/languages.ts";
import { usePageState } from "../data/page-state.ts";
import { choosePageLanguage, pageLanguage } from "./words.ts";

/** The page's language. Each is named in itself, for those who cannot read the current one. */
export function LanguageChoice(): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { desktop } = usePageState().connection;
  const choose = async (tag: string): Promise<void> => {
    if (!isLanguage(tag)) return;
    await choosePageLanguage(tag);
    await desktop?.setPreferences({ language: tag });
    // The server's sentences come in the new language.
    await client.invalidateQueries();
  };
  return (
    <label className="language-choice">
      <span>{t("page.language")}</span>
      <select value={pageLanguage()} onChange={(event) => void choose(event.target.value)}>
        {LANGUAGE_TAGS.map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {LANGUAGES[tag].name}
          </option>
        ))}
      </select>
    </label>
  );
}
