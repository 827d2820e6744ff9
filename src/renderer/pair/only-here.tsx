import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { isLoopback } from "../../base/loopback.ts";
import { usePageState, useReachability } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { Locked } from "../parts/setting-field.tsx";
import { useSaveReachability, useTunnelSwitch } from "../reachability/save-reachability.ts";

/** Whether an address means the computer that opens it: on a phone it would be the phone. */
export function isOnlyHere(address: string): boolean {
  const host = URL.parse(address)?.hostname ?? "";
  return isLoopback(host) || host.endsWith(".localhost");
}

/** A link to this computer's own name does not work on a phone. This offers addresses that do, where the link is made. */
export function OnlyHere({ address }: { readonly address: string }): ReactNode {
  const { t } = useTranslation();
  const { notices, places } = usePageState();
  const { data: reachability } = useReachability();
  const saving = useSaveReachability(({ base_url = "" }) => {
    notices.say("unseen", fill("onlyHere.used", { address: <Ltr>{base_url}</Ltr> }));
  });
  const starting = useTunnelSwitch();
  if (!reachability) return null;
  const { base_url, local_network, tunnel } = reachability;
  const failed = saving.error ?? starting.error;
  return (
    <section className="only-here" aria-label={t("onlyHere.label")}>
      <IconText icon="warning" className="check-text with-icon">
        {fill(base_url.locked ? "onlyHere.lockedText" : "onlyHere.text", { address: <Ltr>{address}</Ltr> })}
      </IconText>
      {base_url.locked ? (
        <p className="quiet-text">
          <Locked variable="PAIRING_BASE_URL" />
        </p>
      ) : (
        <>
          <div className="actions">
            {local_network.map((local) => (
              <Action key={local} busy={saving.isPending} onClick={() => saving.mutate({ base_url: local })}>
                {fill("onlyHere.use", { address: <Ltr>{local}</Ltr> })}
              </Action>
            ))}
            {tunnel.state === "starting" ? null : (
              <Action busy={starting.isPending} onClick={() => starting.mutate("startTunnel")}>
                {t("onlyHere.tunnel")}
              </Action>
            )}
            <Action variant="quiet" onClick={() => places.open("reachability")}>
              {t("onlyHere.more")}
            </Action>
          </div>
          {tunnel.state === "starting" ? (
            <p className="quiet-text" role="status">
              {t("onlyHere.starting")}
            </p>
          ) : null}
          {tunnel.state === "failed" ? <p className="wrong">{tunnel.sentence}</p> : null}
          {local_network.length === 0 ? (
            <p className="quiet-text">{fill("reachability.localOff", { setting: <code dir="ltr">PAIRING_PHONE_HOST=0.0.0.0</code> })}</p>
          ) : null}
        </>
      )}
      {failed ? <ProblemLine thrown={failed} /> : null}
    </section>
  );
}
