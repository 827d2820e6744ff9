import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { InvitesView, Overview } from "../data/follow-invites.ts";
import { usePageState, useReach } from "../data/page-state.ts";
import { rejectionOf } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { Ltr } from "../parts/sentence.tsx";
import { monthOf, timeOfDay } from "../parts/times.ts";
import { providerName } from "../words/words.ts";

/** How a link is sent to a phone, and the address that it has. */
export function Connectivity({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { overview } = view;
  const { month, messages } = overview.sms_month;
  const mock = overview.sms_provider === "mock";
  return (
    <section className="card connectivity" aria-label={t("connectivity.label")}>
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
    </section>
  );
}

/** The address in pairing links, and whether phones can reach it. */
function PublicAddress({ overview }: { readonly overview: Overview }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const { data, error, isFetching, dataUpdatedAt, refetch } = useReach(overview);
  if (overview.base_url === "") return t("connectivity.noAddress");
  const found = error ? undefined : data;
  const near = found?.result === "this_computer_only" ? "thisComputer" : found?.result === "this_network_only" ? "thisNetwork" : undefined;
  const doubt = error !== null || (found !== undefined && !found.reachable);
  return (
    <div className="address">
      <Ltr>{overview.base_url}</Ltr>
      <span role="status" className="facts">
        {isFetching ? (
          <span>{t("connectivity.checking")}</span>
        ) : error ? (
          <span>{t("connectivity.unchecked")}</span>
        ) : found ? (
          <span className={`in-line ${doubt ? "check" : near ? "" : "good"}`}>
            <Icon name={doubt ? "warning" : "check"} /> {t(`connectivity.${near ?? (doubt ? "unreachable" : "reachable")}`)},{" "}
            {t("connectivity.checkedAt", { time: timeOfDay(dataUpdatedAt) })}
          </span>
        ) : null}
      </span>
      <Action variant="quiet" className="small" busy={isFetching} onClick={() => void refetch()}>
        {t("connectivity.check")}
      </Action>
      <Action variant="quiet" className="small" onClick={() => places.open("reachability")}>
        {t("connectivity.change")}
      </Action>
      {isFetching || found?.result === "reached" || !(error ?? found) ? null : (
        <p className={doubt ? "check-text" : "quiet-text"}>{error ? rejectionOf(error).problem.detail : found?.sentence}</p>
      )}
    </div>
  );
}
