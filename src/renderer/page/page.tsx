import type { ParseKeys } from "i18next";
import { Fragment, type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
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
import { useInvites, useOpenedPlaces, usePageState, useView } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { asksForAccess, rejectionOf } from "../data/rejection.ts";
import { VIEWS, type View } from "../data/views.ts";
import { DesktopCard } from "../desktop/desktop-card.tsx";
import { DeviceList } from "../devices/device-list.tsx";
import { InviteList } from "../invites/invite-list.tsx";
import { PairCard } from "../pair/pair-card.tsx";
import { type Pairing, usePairing } from "../pair/use-pairing.ts";
import { Dog } from "../parts/dog.tsx";
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
import { Navigation } from "./navigation.tsx";
import { PageHead } from "./page-head.tsx";
import { PaletteButton } from "./palette.tsx";
import { isKeyUnusable, SecretsLine } from "./secrets-line.tsx";
import { StatusBar } from "./status-bar.tsx";
import { WaitingLines } from "./waiting-lines.tsx";

const Welcome = onDemand(async () => (await import("../welcome/welcome.tsx")).Welcome);

/** The places that the welcome contains. Any other place that is opened is shown in front of it. */
const PLACES_OF_WELCOME: ReadonlySet<PagePlace> = new Set<PagePlace>(["welcome", "sms", "reachability"]);

/** Settings → Phone Pairing. */
export function Page(): ReactNode {
  const { t } = useTranslation();
  const { refresh, views } = usePageState();
  const invites = useInvites();
  const devices = useDevices();
  const gate = [invites.error, devices.error].find(asksForAccess);
  const view = invites.data;
  const shown = useView();
  const hasWelcome = view?.overview.welcome === true;
  const [aside, setAside] = useState(false);
  const isWelcome = hasWelcome && !aside;
  useOpenedPlaces((place) => {
    // An element has to be visible before it takes the focus.
    if (hasWelcome && PLACES_OF_WELCOME.has(place)) {
      views.show("phones");
      flushSync(() => setAside(false));
    } else setAside(true);
  });
  const pairing = usePairing(devices.counts && devices.counts.active + devices.counts.suspended === 0);
  useScrollPerView(shown);
  const wasShown = useShownViews(shown);
  const failed = invites.error !== null && !view;
  useStateTitle({ view, state: gate ? "page.locked" : failed ? "page.failed" : isWelcome ? "welcome.title" : undefined });
  const isAlone = gate !== undefined || isWelcome;

  return (
    <div className={isAlone ? "frame alone" : "frame"}>
      {isAlone ? null : (
        <>
          <a className="skip" href="#view-heading">
            {t("page.skip")}
          </a>
          <header className="bar">
            <p className="brand">
              <Dog />
              <span>{t("page.title")}</span>
            </p>
            <Navigation view={view} />
            <PaletteButton />
          </header>
        </>
      )}
      <main>
        <ConnectionBanner />
        {isAlone ? (
          <div className="page-head">
            <div>
              <h1>{t("page.title")}</h1>
              <p>{t("page.intro")}</p>
              <LanguageChoice />
            </div>
          </div>
        ) : (
          <PageHead view={shown} canPair={view !== undefined && !pairing.isOpen} />
        )}
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
            {cardsOf({ view, aside, pairing }).map(([place, cards]) => (
              <div key={place} className="view" hidden={place !== "always" && place !== shown}>
                {place === "always" || wasShown.has(place) ? <Cards cards={cards} /> : null}
              </div>
            ))}
          </>
        )}
      </main>
      {isAlone || !view ? null : <StatusBar view={view} />}
      <UnseenNotice />
    </div>
  );
}

type Card = readonly [name: ParseKeys, card: ReactNode];

function Cards({ cards }: { readonly cards: readonly Card[] }): ReactNode {
  const { t } = useTranslation();
  return cards.map(([name, card]) => <Fragment key={name}>{card ? <CardBoundary name={t(name)}>{card}</CardBoundary> : null}</Fragment>);
}

interface CardsChoice {
  readonly view: InvitesView | undefined;
  /** The welcome makes way for a card that was opened. */
  readonly aside: boolean;
  readonly pairing: Pairing;
}

/** The cards of each view by name, in their order; before them, what every view shows. */
function cardsOf({ view, aside, pairing }: CardsChoice): readonly (readonly [View | "always", readonly Card[]])[] {
  const hasWelcome = view?.overview.welcome === true;
  const isFirst = hasWelcome && !aside;
  const secrets = view && <SecretsLine secrets={view.overview.secrets} />;
  const isUrgent = view !== undefined && isKeyUnusable(view.overview.secrets);
  return [
    [
      "always",
      [
        ["alerts.label", view && <AlertLines alerts={view.overview.alerts} clockOffset={view.clockOffset} />],
        ["views.waits", view && <WaitingLines view={view} />],
        ["secrets.heading", isUrgent && secrets],
      ],
    ],
    [
      "phones",
      [
        ["claims.title", view && <ClaimsCard view={view} />],
        ["welcome.title", hasWelcome && <Welcome view={view} aside={aside} />],
        ["pair.heading", view && !isFirst && <PairCard view={view} pairing={pairing} />],
        ["invites.heading", view && !isFirst && <InviteList view={view} />],
        ["devices.heading", !isFirst && <DeviceList clockOffset={view?.clockOffset ?? 0} userId={view?.overview.user.user_id} />],
      ],
    ],
    [
      "approvals",
      [
        ["approvals.heading", view && <WaitingApprovals view={view} />],
        ["approvals.history", view && !isFirst && <SentHistory clockOffset={view.clockOffset} />],
      ],
    ],
    ["activity", [["audit.heading", !isFirst && <AuditTrail />]]],
    [
      "settings",
      [
        ["connectivity.label", view && !isFirst && <Connectivity view={view} />],
        ["secrets.place", !isUrgent && secrets],
        // The welcome contains the forms of these.
        ["reachability.heading", view && !hasWelcome && <ReachabilityCard clockOffset={view.clockOffset} />],
        ["sms.heading", view && !hasWelcome && <SmsCard view={view} />],
        ["settings.heading", !hasWelcome && <SettingsCard />],
        ["access.heading", view && !isFirst && <AccessCard clockOffset={view.clockOffset} />],
        ["desktop.heading", !isFirst && <DesktopCard />],
      ],
    ],
  ];
}

/** Views that were shown before stay rendered. Approvals are, from the beginning: they announce what arrives. */
function useShownViews(shown: View): ReadonlySet<View> {
  const [was, setWas] = useState<ReadonlySet<View>>(new Set<View>(["phones", "approvals"]));
  if (!was.has(shown)) setWas(new Set([...was, shown]));
  return was;
}

/** Each view is shown where it was left. */
function useScrollPerView(shown: View): void {
  const left = useRef(new Map<View, number>());
  useLayoutEffect(() => {
    const positions = left.current;
    window.scrollTo(0, positions.get(shown) ?? 0);
    const note = (): void => void positions.set(shown, window.scrollY);
    window.addEventListener("scroll", note);
    return () => window.removeEventListener("scroll", note);
  }, [shown]);
}

/** "2 phones wait for you – Phone Pairing": the most urgent first. */
function useStateTitle({ view, state }: { readonly view: InvitesView | undefined; readonly state: ParseKeys | undefined }): void {
  const { t } = useTranslation();
  const shown = useView();
  const { claims } = useClaims(view?.clockOffset ?? 0);
  const waiting = view?.shown.some(({ status }) => status === "pending") === true;
  const place = shown === VIEWS[0] ? undefined : t(`views.${shown}`);
  const urgent = state === undefined || state === "welcome.title" ? claims.length : 0;
  usePageTitle(urgent > 0 ? t("claims.heading", { count: urgent }) : state ? t(state) : waiting ? t("page.waiting") : place);
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
