import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState, useReachability } from "../data/page-state.ts";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { LocalNetwork } from "./local-network.tsx";
import { OtherTunnels } from "./other-tunnels.tsx";
import { SavedText } from "./saved-text.tsx";
import { TunnelPart } from "./tunnel-part.tsx";

/** The ways to give the phone door an address: a tunnel, an address of one's own, or the local network. */
export function ReachabilityParts({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const { data: reachability, error } = useReachability();
  useTunnelAnnouncement(reachability?.tunnel);
  return (
    <>
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
    </>
  );
}

/** Screen readers announce changes of the tunnel even while the card is folded. */
function useTunnelAnnouncement(tunnel: Reachability["tunnel"] | undefined): void {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const before = useRef<string>(undefined);
  const state = tunnel?.state;
  const about = tunnel?.state === "failed" ? tunnel.sentence : tunnel?.state === "online" ? tunnel.address : "";
  useEffect(() => {
    const now = state && `${state} ${about}`;
    const first = before.current === undefined;
    if (now === before.current) return;
    before.current = now;
    if (state === undefined || first) return;
    notices.say("unseen", `${t(`reachability.announced.${state}`)} ${about}`.trim());
  }, [state, about, notices, t]);
}
