import { type ReactNode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { SentHistory } from "../approvals/sent-history.tsx";
import { WaitingApprovals } from "../approvals/waiting-approvals.tsx";
import { AuditTrail } from "../audit/audit-trail.tsx";
import { useDesk, useDevices, useInvites } from "../data/desk.ts";
import type { PagePlace } from "../data/places.ts";
import { asksForToken, refusalOf } from "../data/refusal.ts";
import { DesktopCard } from "../desktop/desktop-card.tsx";
import { DeviceList } from "../devices/device-list.tsx";
import { InviteList } from "../invites/invite-list.tsx";
import { PairCard } from "../pair/pair-card.tsx";
import { Icon } from "../parts/icon.tsx";
import { UnseenNotice } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ReachabilityCard } from "../reachability/reachability-card.tsx";
import { SettingsCard } from "../settings/settings-card.tsx";
import { SmsCard } from "../sms/sms-card.tsx";
import { Welcome } from "../welcome/welcome.tsx";
import { AdminGate } from "./admin-gate.tsx";
import { Road } from "./road.tsx";
import { SecretsLine } from "./secrets-line.tsx";

/** What the welcome has in it; whatever else is asked for comes before it. */
const PLACES_OF_WELCOME: ReadonlySet<PagePlace> = new Set<PagePlace>(["welcome", "sms", "reachability"]);

/** Settings → Phone Pairing. */
export function Page(): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = useDesk();
  const invites = useInvites();
  const devices = useDevices();
  const gate = [invites.error, devices.error].find(asksForToken);
  const view = invites.data;
  const welcome = view?.overview.welcome === true;
  const [aside, setAside] = useState(false);
  const first = welcome && !aside;
  useEffect(
    () =>
      places.onOpen((place) => {
        // What takes the focus is to be seen before it does.
        if (PLACES_OF_WELCOME.has(place)) flushSync(() => setAside(false));
        else setAside(true);
      }),
    [places],
  );
  const waiting = view?.shown.some(({ status }) => status === "pending") === true;

  const state = gate
    ? t("page.locked")
    : invites.error && !view
      ? t("page.failed")
      : first
        ? t("welcome.title")
        : waiting
          ? t("page.waiting")
          : undefined;
  useEffect(() => {
    document.title = state === undefined ? t("page.title") : `${state} – ${t("page.title")}`;
  }, [state, t]);

  return (
    <>
      {gate || first ? null : (
        <a className="skip" href="#devices-heading">
          {t("page.skip")}
        </a>
      )}
      <ConnectionBanner />
      <header>
        <h1>{t("page.title")}</h1>
        <p>{t("page.intro")}</p>
      </header>
      <main>
        {gate ? (
          <AdminGate refusal={refusalOf(gate)} checking={invites.isFetching || devices.isFetching} />
        ) : (
          <>
            {invites.error ? <ProblemLine thrown={invites.error} onRetry={() => void refresh("invites")} /> : null}
            {view ? (
              <>
                <WaitingApprovals clockOffset={view.clockOffset} />
                <SecretsLine secrets={view.overview.secrets} />
                {welcome ? <Welcome view={view} aside={aside} /> : null}
                {first ? null : (
                  <>
                    <Road view={view} />
                    <PairCard view={view} />
                    <InviteList view={view} />
                  </>
                )}
              </>
            ) : invites.isPending ? (
              <section className="card" aria-busy="true" aria-label={t("page.loading")}>
                <div className="skeleton" aria-hidden="true">
                  <span />
                  <span />
                </div>
              </section>
            ) : null}
            {first ? null : (
              <>
                <DeviceList clockOffset={view?.clockOffset ?? 0} userId={view?.overview.user.user_id} />
                {view ? <SentHistory clockOffset={view.clockOffset} /> : null}
                {/* While the welcome has their forms in it, these make way. */}
                {view && !welcome ? <ReachabilityCard clockOffset={view.clockOffset} /> : null}
                {view && !welcome ? <SmsCard view={view} /> : null}
                {welcome ? null : <SettingsCard />}
                <AuditTrail />
                <DesktopCard />
              </>
            )}
          </>
        )}
      </main>
      <UnseenNotice />
    </>
  );
}

function ConnectionBanner(): ReactNode {
  const { t } = useTranslation();
  const { connection } = useDesk();
  const [up, setUp] = useState(true);
  useEffect(() => connection.onUp(setUp), [connection]);
  return (
    <div role="status" className={up ? "banner nothing" : "banner"}>
      {up ? null : (
        <>
          <Icon name="disconnect" />
          {t("page.lost")}
        </>
      )}
    </div>
  );
}
