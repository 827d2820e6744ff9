import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** The window's title: the page's name, after its state where it has one. */
export function usePageTitle(state: string | undefined): void {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = state === undefined ? t("page.title") : `${state} – ${t("page.title")}`;
  }, [state, t]);
}
