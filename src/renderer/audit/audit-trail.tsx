import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { FoldedCard } from "../parts/folded-card.tsx";
import { onDemand } from "../parts/on-demand.tsx";

const AuditLines = onDemand(async () => (await import("./audit-lines.tsx")).AuditLines);

/** Who did what and when. Nothing is read until the card is opened. */
export function AuditTrail(): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <FoldedCard name="audit" heading={t("audit.heading")} open={open} onToggle={setOpen}>
      {open ? <AuditLines /> : null}
    </FoldedCard>
  );
}
