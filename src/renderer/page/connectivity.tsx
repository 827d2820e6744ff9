import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { usePageState, useServerTime } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { monthOf, timeWithSeconds } from "../parts/times.ts";
import { providerName } from "../words/words.ts";
import { PublicAddress } from "./public-address.tsx";

/** How a link is sent to a phone, and the address that it has. */
export function Connectivity({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { overview } = view;
  const { month, messages } = overview.sms_month;
  const mock = overview.sms_provider === "mock";
  return (
    <section className="connectivity" aria-label={t("connectivity.label")}>
      <dl>
        <div>
          <dt>
            <Icon name="comment" />
            {t("connectivity.sms")}
          </dt>
          <dd>{mock ? t("connectivity.mock") : providerName(overview.sms_provider, t)}</dd>
        </div>
        {mock && messages === 0 ? null : (
          <div>
            <dt>{t("connectivity.month", { month: monthOf(month) })}</dt>
            <dd>{t("connectivity.sent", { count: messages })}</dd>
          </div>
        )}
        <div className="where">
          <dt>
            <Icon name="globe" />
            {t("connectivity.address")}
          </dt>
          <dd>
            <PublicAddress overview={overview} />
          </dd>
        </div>
      </dl>
      <Paused view={view} />
      {mock ? (
        <div className="mock">
          <Icon name="beaker" />
          <p>
            <strong>{t("connectivity.mockBadge")}</strong>
            <span>{t("connectivity.mockHint")}</span>
          </p>
          <Action onClick={() => places.open("sms")}>{t("connectivity.setUp")}</Action>
        </div>
      ) : null}
    </section>
  );
}

/** A provider that has failed repeatedly is not used for a while. */
function Paused({ view }: { readonly view: InvitesView }): ReactNode {
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
