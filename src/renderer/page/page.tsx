import { type ReactNode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { SentHistory } from "../approvals/sent-history.tsx";
import { WaitingApprovals } from "../approvals/waiting-approvals.tsx";
import { AuditTrail } from "../audit/audit-trail.tsx";
import { useDevices } from "../data/lists.ts";
import { useInvites, usePageState } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { asksForToken, rejectionOf } from "../data/rejection.ts";
import { DesktopCard } from "../desktop/desktop-card.tsx";
import { DeviceList } from "../devices/device-list.tsx";
import { InviteList } from "../invites/invite-list.tsx";
import { PairCard } from "../pair/pair-card.tsx";
import { CardBoundary } from "../parts/error-boundary.tsx";
import { Icon } from "../parts/icon.tsx";
import { UnseenNotice } from "../parts/notice-line.tsx";
import { onDemand } from "../parts/on-demand.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { ReachabilityCard } from "../reachability/reachability-card.tsx";
import { SettingsCard } from "../settings/settings-card.tsx";
import { SmsCard } from "../sms/sms-card.tsx";
import { AdminGate } from "./admin-gate.tsx";
import { Channel } from "./connectivity.tsx";
import { SecretsLine } from "./secrets-line.tsx";

const Welcome = onDemand(async () => (await import("../welcome/welcome.tsx")).Welcome);

/** What the welcome has in it; whatever else is asked for comes before it. */
const PLACES_OF_WELCOME: ReadonlySet<PagePlace> = new Set<PagePlace>(["welcome", "sms", "reachability"]);

/** Settings → Phone Pairing. */
export function Page(): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = usePageState();
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
          <AdminGate rejection={rejectionOf(gate)} checking={invites.isFetching || devices.isFetching} />
        ) : (
          <>
            {invites.error ? <ProblemLine thrown={invites.error} onRetry={() => void refresh("invites")} /> : null}
            {view ? (
              <>
                <CardBoundary name={t("approvals.heading")}>
                  <WaitingApprovals clockOffset={view.clockOffset} />
                </CardBoundary>
                <CardBoundary name={t("secrets.heading")}>
                  <SecretsLine secrets={view.overview.secrets} />
                </CardBoundary>
                {welcome ? (
                  <CardBoundary name={t("welcome.title")}>
                    <Welcome view={view} aside={aside} />
                  </CardBoundary>
                ) : null}
                {first ? null : (
                  <>
                    <CardBoundary name={t("connectivity.label")}>
                      <Channel view={view} />
                    </CardBoundary>
                    <CardBoundary name={t("pair.heading")}>
                      <PairCard view={view} />
                    </CardBoundary>
                    <CardBoundary name={t("invites.heading")}>
                      <InviteList view={view} />
                    </CardBoundary>
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
                <CardBoundary name={t("devices.heading")}>
                  <DeviceList clockOffset={view?.clockOffset ?? 0} userId={view?.overview.user.user_id} />
                </CardBoundary>
                {view ? (
                  <CardBoundary name={t("approvals.history")}>
                    <SentHistory clockOffset={view.clockOffset} />
                  </CardBoundary>
                ) : null}
                {/* While the welcome has their forms in it, these make way. */}
                {view && !welcome ? (
                  <>
                    <CardBoundary name={t("reachability.heading")}>
                      <ReachabilityCard clockOffset={view.clockOffset} />
                    </CardBoundary>
                    <CardBoundary name={t("sms.heading")}>
                      <SmsCard view={view} />
                    </CardBoundary>
                  </>
                ) : null}
                {welcome ? null : (
                  <CardBoundary name={t("settings.heading")}>
                    <SettingsCard />
                  </CardBoundary>
                )}
                <CardBoundary name={t("audit.heading")}>
                  <AuditTrail />
                </CardBoundary>
                <CardBoundary name={t("desktop.heading")}>
                  <DesktopCard />
                </CardBoundary>
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
  const { connection } = usePageState();
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
