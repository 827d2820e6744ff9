import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { onDemand } from "../parts/on-demand.tsx";

const AuditLines = onDemand(async () => (await import("./audit-lines.tsx")).AuditLines);

/** Who did what and when, closed until somebody wants to know. */
export function AuditTrail(): ReactNode {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <section className="card" aria-labelledby="audit-heading">
      <details className="folded" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="audit-heading">{t("audit.heading")}</h2>
        </summary>
        {open ? <AuditLines /> : null}
      </details>
    </section>
  );
}
