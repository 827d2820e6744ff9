import type { ReactNode } from "react";
import { I18nProvider } from "react-aria-components";
import { PageBoundary } from "../parts/error-boundary.tsx";
import { locale } from "../words/words.ts";

/**
 * What stands around every page: an error boundary, and the language for React Aria. Its own texts, its direction and its arrow keys
 * follow the page's texts, not the browser's language.
 */
export function PageFrame({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <PageBoundary>
      <I18nProvider locale={locale()}>{children}</I18nProvider>
    </PageBoundary>
  );
}
