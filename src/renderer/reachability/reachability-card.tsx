import { type ReactNode, useEffect, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { type Reachability, useDesk, useReachability } from "../data/desk.ts";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { LocalNetwork } from "./local-network.tsx";
import { OtherTunnels } from "./other-tunnels.tsx";
import { SavedText } from "./saved-text.tsx";
import { TunnelPart } from "./tunnel-part.tsx";

/** The roads that phones may take to this computer: one line while it is folded. */
export function ReachabilityCard({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = useDesk();
  const { data: reachability, error } = useReachability();
  const [open, setOpen] = useState(false);
  useEffect(
    () =>
      places.onOpen((place) => {
        // What takes the focus is there before it does.
        if (place === "reachability") flushSync(() => setOpen(true));
      }),
    [places],
  );
  useSaidTunnel(reachability?.tunnel);
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
        {error ? <ProblemLine thrown={error} onRetry={() => void refresh("reachability")} /> : null}
        <NoticeLine place="reachability" />
        {reachability ? (
          <>
            <TunnelPart reachability={reachability} clockOffset={clockOffset} />
            <section className="reach-part" aria-labelledby="own-address-heading">
              <h3 id="own-address-heading">{t("reachability.own")}</h3>
              <SavedText
                field="base_url"
                setting={reachability.base_url}
                lockedBy="PAIRING_BASE_URL"
                hint={t(reachability.tunnel.state === "online" ? "reachability.baseUrlTunnel" : "reachability.baseUrlHint")}
              />
              <OtherTunnels phoneDoor={reachability.phone_door} />
            </section>
            <LocalNetwork reachability={reachability} />
          </>
        ) : null}
      </details>
    </section>
  );
}

function summaryOf({ tunnel, base_url }: Reachability): "starting" | "online" | "failed" | "own" | "off" {
  if (tunnel.state !== "off") return tunnel.state;
  return base_url.value === "" ? "off" : "own";
}

/** Said wherever the reader is: a tunnel that ends is news even while the card is folded. */
function useSaidTunnel(tunnel: Reachability["tunnel"] | undefined): void {
  const { t } = useTranslation();
  const { notices } = useDesk();
  const before = useRef<string>(undefined);
  const state = tunnel?.state;
  const about = tunnel?.state === "failed" ? tunnel.sentence : tunnel?.state === "online" ? tunnel.address : "";
  useEffect(() => {
    const now = state && `${state} ${about}`;
    const first = before.current === undefined;
    if (now === before.current) return;
    before.current = now;
    if (state === undefined || first) return;
    notices.say("unseen", `${t(`reachability.said.${state}`)} ${about}`.trim());
  }, [state, about, notices, t]);
}
