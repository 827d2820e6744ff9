import type { ParseKeys } from "i18next";
import { type ReactNode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { AccessCard } from "../access/access-card.tsx";
import { SentHistory } from "../approvals/sent-history.tsx";
import { WaitingApprovals } from "../approvals/waiting-approvals.tsx";
import { AuditTrail } from "../audit/audit-trail.tsx";
import { ClaimsCard } from "../claims/claims-card.tsx";
import { useClaims } from "../data/claims.ts";
import type { InvitesView } from "../data/follow-invites.ts";
import { useDevices } from "../data/lists.ts";
import { useInvites, useOpenedPlaces, usePageState } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { asksForAccess, rejectionOf } from "../data/rejection.ts";
import { DesktopCard } from "../desktop/desktop-card.tsx";
import { DeviceList } from "../devices/device-list.tsx";
import { InviteList } from "../invites/invite-list.tsx";
import { PairCard } from "../pair/pair-card.tsx";
import { CardBoundary } from "../parts/error-boundary.tsx";
import { Icon } from "../parts/icon.tsx";
import { UnseenNotice } from "../parts/notice-line.tsx";
import { onDemand } from "../parts/on-demand.tsx";
import { usePageTitle } from "../parts/page-title.ts";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { ReachabilityCard } from "../reachability/reachability-card.tsx";
import { SettingsCard } from "../settings/settings-card.tsx";
import { SmsCard } from "../sms/sms-card.tsx";
import { LanguageChoice } from "../words/language-choice.tsx";
import { AdminGate } from "./admin-gate.tsx";
import { AlertLines } from "./alert-lines.tsx";
import { Connectivity } from "./connectivity.tsx";
import { SecretsLine } from "./secrets-line.tsx";

const Welcome = onDemand(async () => (await import("../welcome/welcome.tsx")).Welcome);

/** The places that the welcome contains. Any other place that is opened is shown in front of it. */
const PLACES_OF_WELCOME: ReadonlySet<PagePlace> = new Set<PagePlace>(["welcome", "sms", "reachability"]);

/** Settings → Phone Pairing. */
export function Page(): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const invites = useInvites();
  const devices = useDevices();
  const gate = [invites.error, devices.error].find(asksForAccess);
  const view = invites.data;
  const [aside, setAside] = useState(false);
  const isWelcome = view?.overview.welcome === true && !aside;
  useOpenedPlaces((place) => {
    // An element has to be visible before it takes the focus.
    if (PLACES_OF_WELCOME.has(place)) flushSync(() => setAside(false));
    else setAside(true);
  });
  const waiting = view?.shown.some(({ status }) => status === "pending") === true;
  const { claims } = useClaims(view?.clockOffset ?? 0);
  const failed = invites.error !== null && !view;
  const state = gate ? "page.locked" : failed ? "page.failed" : isWelcome ? "welcome.title" : waiting ? "page.waiting" : undefined;
  usePageTitle(!gate && claims.length > 0 ? t("claims.heading", { count: claims.length }) : state && t(state));

  return (
    <>
      {gate || isWelcome ? null : (
        <a className="skip" href="#devices-heading">
          {t("page.skip")}
        </a>
      )}
      <ConnectionBanner />
      <header>
        <h1>{t("page.title")}</h1>
        <p>{t("page.intro")}</p>
        <LanguageChoice />
      </header>
      <main>
        {gate ? (
          <AdminGate rejection={rejectionOf(gate)} checking={invites.isFetching || devices.isFetching} />
        ) : (
          <>
            {invites.error ? <ProblemLine thrown={invites.error} onRetry={() => void refresh("invites")} /> : null}
            {invites.isPending ? (
              <section className="card" aria-busy="true" aria-label={t("page.loading")}>
                <Skeleton />
              </section>
            ) : null}
            {cardsOf(view, aside).map(([name, card]) =>
              card ? (
                <CardBoundary key={name} name={t(name)}>
                  {card}
                </CardBoundary>
              ) : null,
            )}
          </>
        )}
      </main>
      <UnseenNotice />
    </>
  );
}

/** The page's cards by name, in their order. `aside`: the welcome makes way for a card that was opened. */
function cardsOf(view: InvitesView | undefined, aside: boolean): readonly (readonly [name: ParseKeys, card: ReactNode])[] {
  const hasWelcome = view?.overview.welcome === true;
  const isFirst = hasWelcome && !aside;
  return [
    ["alerts.label", view && <AlertLines alerts={view.overview.alerts} clockOffset={view.clockOffset} />],
    ["claims.title", view && <ClaimsCard view={view} />],
    ["approvals.heading", view && <WaitingApprovals view={view} />],
    ["secrets.heading", view && <SecretsLine secrets={view.overview.secrets} />],
    ["welcome.title", hasWelcome && <Welcome view={view} aside={aside} />],
    ["connectivity.label", view && !isFirst && <Connectivity view={view} />],
    ["pair.heading", view && !isFirst && <PairCard view={view} />],
    ["invites.heading", view && !isFirst && <InviteList view={view} />],
    ["devices.heading", !isFirst && <DeviceList clockOffset={view?.clockOffset ?? 0} userId={view?.overview.user.user_id} />],
    ["approvals.history", view && !isFirst && <SentHistory clockOffset={view.clockOffset} />],
    // The welcome contains the forms of these.
    ["reachability.heading", view && !hasWelcome && <ReachabilityCard clockOffset={view.clockOffset} />],
    ["sms.heading", view && !hasWelcome && <SmsCard view={view} />],
    ["settings.heading", !hasWelcome && <SettingsCard />],
    ["access.heading", view && !isFirst && <AccessCard clockOffset={view.clockOffset} />],
    ["audit.heading", !isFirst && <AuditTrail />],
    ["desktop.heading", !isFirst && <DesktopCard />],
  ];
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
