import { type ReactNode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState, useReachability } from "../data/page-state.ts";
import { ReachabilityParts } from "./reachability-parts.tsx";

/** The roads that phones may take to this computer: one line while it is folded. */
export function ReachabilityCard({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { data: reachability } = useReachability();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      places.onOpen((place) => {
        // What takes the focus is there before it does.
        if (place === "reachability") flushSync(() => setOpen(true));
      }),
    [places],
  );
  const state = reachability && summaryOf(reachability);

  return (
    <section className="card" aria-labelledby="reachability-heading">
      <details className="folded reachability form-card" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary ref={places.mark("reachability")}>
          <h2 id="reachability-heading">{t("reachability.heading")}</h2>
          {state === undefined ? null : (
            <span className={state === "failed" ? "check" : undefined}> {t(`reachability.summary.${state}`)}</span>
          )}
        </summary>
        <ReachabilityParts clockOffset={clockOffset} />
      </details>
    </section>
  );
}

function summaryOf({ tunnel, base_url }: Reachability): "starting" | "online" | "failed" | "own" | "off" {
  if (tunnel.state !== "off") return tunnel.state;
  return base_url.value === "" ? "off" : "own";
}
