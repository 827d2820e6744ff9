import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { timeWithSeconds } from "../parts/times.ts";
import { providerName } from "../words/words.ts";

/** A provider that has failed repeatedly is not used for a while. */
export function SendingPaused({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const now = useServerTime(view.clockOffset);
  const { sms_paused_until, sms_provider } = view.overview;
  const until = sms_paused_until === undefined ? undefined : Date.parse(sms_paused_until);
  if (until === undefined || now >= until) return null;
  return (
    <div className="problem" role="alert">
      <Icon name="warning" />
      <div className="problem-text">
        <p>{t("connectivity.paused", { provider: providerName(sms_provider, t), time: timeWithSeconds(until - view.clockOffset) })}</p>
        <div className="actions">
          <Action onClick={() => places.open("qr")}>{t("reach.qr")}</Action>
          <Action onClick={() => places.open("sms")}>{t("pair.openSettings")}</Action>
        </div>
      </div>
    </div>
  );
}
