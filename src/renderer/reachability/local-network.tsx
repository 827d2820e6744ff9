import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { useSaveReachability } from "./save-reachability.ts";

/** Addresses for a phone in the same network, where nothing is encrypted. */
export function LocalNetwork({ reachability }: { readonly reachability: Reachability }): ReactNode {
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
