import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { onDemand } from "../parts/on-demand.tsx";

const AuditLines = onDemand(async () => (await import("./audit-lines.tsx")).AuditLines);

/** Who did what and when. */
export function AuditTrail(): ReactNode {
  const { t } = useTranslation();
  return (
    <section className="card" aria-labelledby="audit-heading">
      <h2 id="audit-heading">{t("audit.heading")}</h2>
      <AuditLines />
    </section>
  );
}
