import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState, useReachability } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { useSaveReachability } from "./save-reachability.ts";
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

/** Programs that a person may run beside Top Dog; the address that they print goes into the field above. */
function OtherTunnels({ phoneDoor }: { readonly phoneDoor: string }): ReactNode {
  const { t } = useTranslation();
  const { port } = new URL(phoneDoor);
  const commands = [
    ["tailscale", `tailscale funnel ${port}`],
    ["devTunnels", `devtunnel host -p ${port} --allow-anonymous`],
    ["ngrok", `ngrok http ${port}`],
  ] as const;
  return (
    <details className="folded">
      <summary>{t("reachability.others")}</summary>
      <p className="quiet-text">{t("reachability.othersHint")}</p>
      <ul className="commands">
        {commands.map(([name, command]) => (
          <li key={name}>
            <strong>{t(`reachability.tools.${name}`)}</strong> <code dir="ltr">{command}</code>
            <span className="quiet-text"> {t(`reachability.toolHints.${name}`)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Addresses for a phone in the same network, where nothing is encrypted. */
function LocalNetwork({ reachability }: { readonly reachability: Reachability }): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const { local_network, base_url } = reachability;
  const saving = useSaveReachability(() => notices.say("reachability", t("reachability.saved.local")));
  return (
    <section className="reach-part" aria-labelledby="local-network-heading">
      <h3 id="local-network-heading">{t("reachability.local")}</h3>
      {local_network.length === 0 ? (
        <p className="quiet-text">{fill("reachability.localOff", { setting: <code dir="ltr">PAIRING_PHONE_HOST=0.0.0.0</code> })}</p>
      ) : (
        <>
          <IconText icon="warning" className="check-text with-icon">
            {t("reachability.localWarning")}
          </IconText>
          {local_network.map((address) => (
            <div key={address} className="local-address">
              <Ltr>{address}</Ltr>
              {base_url.value === address ? (
                <span className="quiet-text">{t("reachability.inUse")}</span>
              ) : base_url.locked ? null : (
                <Action
                  className="small"
                  busy={saving.isPending}
                  aria-label={t("reachability.about", { action: t("reachability.use"), field: address })}
                  onClick={() => saving.mutate({ base_url: address })}
                >
                  {t("reachability.use")}
                </Action>
              )}
            </div>
          ))}
        </>
      )}
      {saving.error ? <ProblemLine thrown={saving.error} title={t("form.notSaved")} /> : null}
    </section>
  );
}
