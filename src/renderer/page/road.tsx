import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDesk, useServerTime } from "../data/desk.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { monthOf, timeWithSeconds } from "../parts/times.ts";
import { providerName } from "../words/words.ts";
import { PublicAddress } from "./public-address.tsx";

/** Before a number is asked for: how a link will travel, and where it will point to. */
export function Road({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places } = useDesk();
  const { overview } = view;
  const { month, messages } = overview.sms_month;
  const mock = overview.sms_provider === "mock";
  return (
    <section className="road" aria-label={t("road.label")}>
      <dl>
        <div>
          <dt>
            <Icon name="comment" />
            {t("road.sms")}
          </dt>
          <dd>{overview.sms_provider === "mock" ? t("road.mock") : providerName(overview.sms_provider, t)}</dd>
        </div>
        {mock && messages === 0 ? null : (
          <div>
            <dt>{t("road.month", { month: monthOf(month) })}</dt>
            <dd>{t("road.sent", { count: messages })}</dd>
          </div>
        )}
        <div className="where">
          <dt>
            <Icon name="globe" />
            {t("road.address")}
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
            <strong>{t("road.mockBadge")}</strong>
            <span>{t("road.mockHint")}</span>
          </p>
          <Action look="plain" onClick={() => places.open("sms")}>
            {t("road.setUp")}
          </Action>
        </div>
      ) : null}
    </section>
  );
}

/** A provider that has failed again and again is left alone for a while. */
function Paused({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places } = useDesk();
  const now = useServerTime(view.clockOffset);
  const { sms_paused_until, sms_provider } = view.overview;
  const until = sms_paused_until === undefined ? undefined : Date.parse(sms_paused_until);
  if (until === undefined || now >= until) return null;
  return (
    <div className="problem" role="alert">
      <Icon name="warning" />
      <div className="problem-text">
        <p>{t("road.paused", { provider: providerName(sms_provider, t), time: timeWithSeconds(until - view.clockOffset) })}</p>
        <div className="actions">
          <Action onClick={() => places.open("qr")}>{t("reach.qr")}</Action>
          <Action onClick={() => places.open("sms")}>{t("pair.openSettings")}</Action>
        </div>
      </div>
    </div>
  );
}
