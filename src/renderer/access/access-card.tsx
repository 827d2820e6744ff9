import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { FoldedCard } from "../parts/folded-card.tsx";
import { onDemand } from "../parts/on-demand.tsx";

const OpenWindows = onDemand(async () => (await import("./open-windows.tsx")).OpenWindows);
const LocalKey = onDemand(async () => (await import("./local-key.tsx")).LocalKey);

/** Who may act here: the settings pages in browsers, and the key of other programs. Nothing is read until the card is opened. */
export function AccessCard({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <FoldedCard name="access" heading={t("access.heading")} open={open} onToggle={setOpen}>
      {open ? (
        <>
          <OpenWindows clockOffset={clockOffset} />
          <LocalKey />
        </>
      ) : null}
    </FoldedCard>
  );
}
