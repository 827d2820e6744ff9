import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { providerName } from "../words/words.ts";
import { fill, Ltr } from "./sentence.tsx";

interface ProviderDetailsProps {
  readonly details: { readonly provider: string; readonly code?: string | undefined } | undefined;
}

/** The provider's own error code; folded, because the sentence beside it says what to do. */
export function ProviderDetails({ details }: ProviderDetailsProps): ReactNode {
  const { t } = useTranslation();
  if (!details) return null;
  const provider = providerName(details.provider, t);
  return (
    <details className="provider-details">
      <summary>{t("delivery.details")}</summary>
      <span>
        {details.code === undefined
          ? fill("delivery.noCode", { provider: <bdi>{provider}</bdi> })
          : fill("delivery.code", { provider: <bdi>{provider}</bdi>, code: <Ltr>{details.code}</Ltr> })}
      </span>
    </details>
  );
}
