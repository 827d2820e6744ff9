import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useCallback, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { useHostSettings, usePageState, useSmsSettings } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill } from "../parts/sentence.tsx";
import { ReachabilityParts } from "../reachability/reachability-parts.tsx";
import { SettingsForm } from "../settings/settings-form.tsx";
import { SmsForm } from "../sms/sms-form.tsx";
import { locale } from "../words/words.ts";
import { WelcomeStep } from "./welcome-step.tsx";

const STEPS = ["you", "sms", "reachability"] as const;
type Step = (typeof STEPS)[number];

interface WelcomeProps {
  readonly view: InvitesView;
  /** Something else was asked for meanwhile: it makes way, and keeps what was typed. */
  readonly aside: boolean;
}

/** The first steps: the same forms as in the cards below, one after another. */
export function Welcome({ view, aside }: WelcomeProps): ReactNode {
  const { t } = useTranslation();
  const { connection, notices, places, refresh } = usePageState();
  const [step, setStep] = useState<Step>("you");
  // What was seen once stays, so that nothing typed is lost on the way back and forth.
  const [seen, setSeen] = useState<ReadonlySet<Step>>(new Set(["you"]));

  const turnTo = useCallback(
    (next: Step): void =>
      flushSync(() => {
        setStep(next);
        setSeen((now) => new Set([...now, next]));
      }),
    [],
  );
  useEffect(
    () =>
      places.onOpen((place) => {
        // What takes the focus is there before it does.
        if (place === "sms" || place === "reachability") turnTo(place);
      }),
    [places, turnTo],
  );
  const go = (next: Step): void => {
    // What was said in a step is not news in the next.
    for (const place of ["settings", "sms", "reachability"] as const) notices.clear(place);
    turnTo(next);
    places.open("welcome");
  };
  const closing = useMutation({
    mutationFn: async () => answerTo(connection.api.saveWelcome({ shown: false })),
    onSuccess: async () => refresh("invites"),
    // What comes next is the number field; where this was not remembered, a line above it says so.
    onSettled: () => places.open("pair"),
  });
  const close = (): void => closing.mutate();

  const content: Readonly<Record<Step, (heading: string) => ReactNode>> = {
    you: (heading) => <You view={view} heading={heading} />,
    sms: () => <TextMessages view={view} />,
    reachability: () => (
      <>
        <p>{t("welcome.reachability")}</p>
        <div className="reachability">
          <ReachabilityParts clockOffset={view.clockOffset} />
        </div>
      </>
    ),
  };

  return (
    <section className="card welcome" aria-label={t("welcome.title")}>
      {aside ? (
        <>
          <p>{t("welcome.open")}</p>
          <div className="actions">
            <Action variant="primary" onClick={() => places.open("welcome")}>
              {t("welcome.goOn")}
            </Action>
            <Action variant="quiet" busy={closing.isPending} onClick={close}>
              {t("welcome.skip")}
            </Action>
          </div>
          {closing.error ? <ProblemLine thrown={closing.error} title={t("welcome.notSaved")} /> : null}
        </>
      ) : null}
      <div hidden={aside}>
        <p className="welcome-words">
          <strong>{t("welcome.title")}.</strong> {t("welcome.intro")}
        </p>
        <ol className="progress" aria-hidden="true">
          {STEPS.map((each) => (
            <li key={each} className={each === step ? "now" : seen.has(each) ? "seen" : undefined} />
          ))}
        </ol>
        {STEPS.map((each, index) => {
          const [before, next] = [STEPS[index - 1], STEPS[index + 1]];
          return seen.has(each) ? (
            <WelcomeStep
              key={each}
              name={t(`welcome.steps.${each}`)}
              step={index + 1}
              steps={STEPS.length}
              current={each === step}
              {...(each === "reachability" ? { isPlace: each } : {})}
              busy={closing.isPending}
              onNext={next === undefined ? close : () => go(next)}
              onBack={before === undefined ? undefined : () => go(before)}
              onSkip={close}
            >
              {content[each]}
            </WelcomeStep>
          ) : null;
        })}
      </div>
    </section>
  );
}

const PERSON = ["PAIRING_USER_NAME", "PAIRING_COUNTRY"];

function You({ view, heading }: { readonly view: InvitesView; readonly heading: string }): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const { data, error } = useHostSettings();
  const { user, country } = view.overview;
  const parts = { name: <bdi>{user.user_name}</bdi>, country: <bdi>{nameOf(country)}</bdi> };
  return (
    <>
      <p>{t("welcome.you")}</p>
      <p className="quiet-text">{fill(user.user_name === "" ? "welcome.nowNameless" : "welcome.now", parts)}</p>
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("settings")} /> : null}
      {data ? <SettingsForm settings={data.settings.filter(({ name }) => PERSON.includes(name))} labelledBy={heading} /> : null}
    </>
  );
}

function TextMessages({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const { data, error } = useSmsSettings();
  return (
    <>
      <p>{t("welcome.sms")}</p>
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("sms")} /> : null}
      <div className="sms">{data ? <SmsForm settings={data} view={view} /> : null}</div>
    </>
  );
}

/** "Germany"; letters that name no country stay letters. */
function nameOf(country: string): string {
  try {
    return new Intl.DisplayNames(locale(), { type: "region" }).of(country) ?? country;
  } catch {
    return country;
  }
}
