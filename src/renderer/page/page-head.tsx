import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDevices } from "../data/lists.ts";
import { usePageState } from "../data/page-state.ts";
import type { View } from "../data/views.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { LanguageChoice } from "../words/language-choice.tsx";

interface PageHeadProps {
  readonly view: View;
  /** The form that pairs a phone is not shown: a button opens it. */
  readonly canPair: boolean;
}

/** The heading of the view that is shown, with its primary action. */
export function PageHead({ view, canPair }: PageHeadProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  return (
    <div className="page-head">
      <div>
        <h1 id="view-heading" tabIndex={-1}>
          {t(`views.${view}`)}
        </h1>
        <p>
          <Summary view={view} />
        </p>
        {view === "settings" ? <LanguageChoice /> : null}
      </div>
      {view === "phones" && canPair ? (
        <Action variant="primary" onClick={() => places.open("pair")}>
          <Icon name="plus" />
          {t("views.pairPhone")}
        </Action>
      ) : null}
    </div>
  );
}

function Summary({ view }: { readonly view: View }): ReactNode {
  const { t } = useTranslation();
  const { counts } = useDevices();
  if (view !== "phones") return t(`views.about.${view}`);
  const count = (counts?.active ?? 0) + (counts?.suspended ?? 0);
  return count > 0 ? t("devices.count", { count }) : t("page.intro");
}
