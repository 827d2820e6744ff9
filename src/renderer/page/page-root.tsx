import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { I18nProvider } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { type PageState, PageStateProvider } from "../data/page-state.ts";
import { Desktop } from "../desktop/desktop.tsx";
import { PageBoundary } from "../parts/error-boundary.tsx";
import { locale, pageLanguage } from "../words/words.ts";
import { Page } from "./page.tsx";
import "../page.css";

/**
 * The page with the state that its parts share. The texts, direction and arrow keys of React Aria follow the page's language, not the
 * browser's.
 */
export function PageRoot({ pageState }: { readonly pageState: PageState }): ReactNode {
  // With another language everything below is shown anew; what was typed stays.
  useTranslation();
  const { desktop } = pageState.connection;
  // In a window it is the host that asks the server, so it has to know the language of the answers.
  useEffect(() => {
    if (pageLanguage() !== "en") void desktop?.setPreferences({ language: pageLanguage() });
  }, [desktop]);
  return (
    <QueryClientProvider client={pageState.client}>
      <PageStateProvider value={pageState}>
        <PageBoundary>
          <I18nProvider locale={locale()}>
            <Desktop>
              <Page />
            </Desktop>
          </I18nProvider>
        </PageBoundary>
      </PageStateProvider>
    </QueryClientProvider>
  );
}
