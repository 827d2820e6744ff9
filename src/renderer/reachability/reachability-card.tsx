import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Reachability, useOpenedPlaces, usePageState, useReachability } from "../data/page-state.ts";
import { FoldedCard } from "../parts/folded-card.tsx";
import { ReachabilityParts } from "./reachability-parts.tsx";

/** How phones reach this computer. One line while it is folded. */
export function ReachabilityCard({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { data: reachability } = useReachability();
  const [open, setOpen] = useState(false);
  useOpenedPlaces((place) => {
    if (place === "reachability") flushSync(() => setOpen(true));
  });
  const state = reachability && summaryOf(reachability);

  return (
    <FoldedCard
      name="reachability"
      heading={t("reachability.heading")}
      className="reachability form-card"
      status={state && t(`reachability.summary.${state}`)}
      isWarning={state === "failed"}
      open={open}
      onToggle={setOpen}
      summaryRef={places.mark("reachability")}
    >
      <ReachabilityParts clockOffset={clockOffset} />
    </FoldedCard>
  );
}

function summaryOf({ tunnel, base_url }: Reachability): "starting" | "online" | "failed" | "own" | "off" {
  if (tunnel.state !== "off") return tunnel.state;
  return base_url.value === "" ? "off" : "own";
}
