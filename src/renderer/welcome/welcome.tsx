import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useCallback, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { useHostSettings, useOpenedPlaces, usePageState, useSmsSettings } from "../data/page-state.ts";
import type { PagePlace } from "../data/places.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { fill } from "../parts/sentence.tsx";
import { createStepForms, StepFormsProvider } from "../parts/use-draft-form.ts";
import { ReachabilityParts } from "../reachability/reachability-parts.tsx";
import { SettingsForm } from "../settings/settings-form.tsx";
import { SmsForm } from "../sms/sms-form.tsx";
import { countryNames } from "../words/words.ts";

const STEPS = ["you", "sms", "reachability", "confirm"] as const;
type Step = (typeof STEPS)[number];

interface WelcomeProps {
  readonly view: InvitesView;
  /** Another card was opened: the steps are hidden, and keep the typed text. */
  readonly aside: boolean;
}

/** The first steps: the forms of the cards, one after another. */
export function Welcome({ view, aside }: WelcomeProps): ReactNode {
  const { t } = useTranslation();
  const { connection, places, refresh } = usePageState();
  const { step, seen, go } = useSteps();
  const closing = useMutation({
    mutationFn: async () => answerTo(connection.api.saveWelcome({ shown: false })),
    onSuccess: async () => refresh("invites"),
    // The next thing to do is to pair a phone. Where this was not saved, the card above shows the error.
    onSettled: () => places.open("pair"),
  });
  const close = (): void => closing.mutate();

  return (
    <section className="card welcome" aria-label={t("welcome.title")}>
      {aside ? <Unfinished busy={closing.isPending} error={closing.error} onSkip={close} /> : null}
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
              {(heading) => <StepContent step={each} view={view} heading={heading} />}
            </WelcomeStep>
          ) : null;
        })}
      </div>
    </section>
  );
}

/** The current step. A step that was seen stays rendered, so that typed text is not lost. */
function useSteps() {
  const { notices, places } = usePageState();
  const [step, setStep] = useState<Step>("you");
  const [seen, setSeen] = useState<ReadonlySet<Step>>(new Set(["you"]));
  /** An element has to be visible before it takes the focus. */
  const turnTo = (next: Step): void =>
    flushSync(() => {
      setStep(next);
      setSeen((now) => new Set([...now, next]));
    });
  useOpenedPlaces((place) => {
    if (place === "sms" || place === "reachability") turnTo(place);
  });
  const go = (next: Step): void => {
    for (const place of ["settings", "sms", "reachability"] as const) notices.clear(place);
    turnTo(next);
    places.open("welcome");
  };
  return { step, seen, go };
}

/** Shown in place of the steps while another card is open. */
function Unfinished({ busy, error, onSkip }: { readonly busy: boolean; readonly error: unknown; readonly onSkip: () => void }): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  return (
    <>
      <p>{t("welcome.open")}</p>
      <div className="actions">
        <Action variant="primary" onClick={() => places.open("welcome")}>
          {t("welcome.goOn")}
        </Action>
        <Action variant="quiet" busy={busy} onClick={onSkip}>
          {t("welcome.skip")}
        </Action>
      </div>
      {error ? <ProblemLine thrown={error} title={t("welcome.notSaved")} /> : null}
    </>
  );
}

function StepContent({ step, view, heading }: { readonly step: Step; readonly view: InvitesView; readonly heading: string }): ReactNode {
  const { t } = useTranslation();
  if (step === "you") return <You view={view} heading={heading} />;
  if (step === "sms") return <TextMessages view={view} />;
  if (step === "confirm") return <NewPhones heading={heading} />;
  return (
    <>
      <p>{t("welcome.reachability")}</p>
      <div className="reachability">
        <ReachabilityParts clockOffset={view.clockOffset} />
      </div>
    </>
  );
}

const PERSON = ["PAIRING_USER_NAME", "PAIRING_COUNTRY"];

function You({ view, heading }: { readonly view: InvitesView; readonly heading: string }): ReactNode {
  const { t } = useTranslation();
  const { user, country } = view.overview;
  const parts = { name: <bdi>{user.user_name}</bdi>, country: <bdi>{countryNames()(country)}</bdi> };
  return (
    <>
      <p>{t("welcome.you")}</p>
      <p className="quiet-text">{fill(user.user_name === "" ? "welcome.nowNameless" : "welcome.now", parts)}</p>
      <OwnSettings names={PERSON} heading={heading} />
    </>
  );
}

const CONFIRM = ["PAIRING_CONFIRM"];

function NewPhones({ heading }: { readonly heading: string }): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <p>{t("welcome.confirm", { choice: t("settings.choices.PAIRING_CONFIRM.always") })}</p>
      <OwnSettings names={CONFIRM} heading={heading} />
    </>
  );
}

/** The form of these settings only. */
function OwnSettings({ names, heading }: { readonly names: readonly string[]; readonly heading: string }): ReactNode {
  const { refresh } = usePageState();
  const { data, error } = useHostSettings();
  return (
    <>
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("settings")} /> : null}
      {data ? <SettingsForm settings={data.settings.filter(({ name }) => names.includes(name))} labelledBy={heading} /> : null}
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

interface WelcomeStepProps {
  readonly name: string;
  readonly step: number;
  readonly steps: number;
  readonly current: boolean;
  /** Another place that this step is. */
  readonly isPlace?: PagePlace;
  readonly busy: boolean;
  readonly onNext: () => void;
  readonly onBack: (() => void) | undefined;
  readonly onSkip: () => void;
  /** `heading` is the id of the step's heading. */
  readonly children: (heading: string) => ReactNode;
}

/** One step. "Next" saves the forms; while another step is shown, typed text stays here. */
function WelcomeStep({ name, step, steps, current, isPlace, busy, onNext, onBack, onSkip, children }: WelcomeStepProps): ReactNode {
  const { t } = useTranslation();
  const { places } = usePageState();
  const [forms] = useState(createStepForms);
  const [saving, setSaving] = useState(false);
  const heading = `welcome-step-${step}`;
  const mark = useCallback(
    (element: HTMLElement | null) => {
      places.mark("welcome")(element);
      if (isPlace !== undefined) places.mark(isPlace)(element);
    },
    [places, isPlace],
  );

  const goOn = async (): Promise<void> => {
    setSaving(true);
    const saved = await forms.saveAll();
    setSaving(false);
    if (saved) onNext();
  };

  return (
    <section className="welcome-step form-card" aria-labelledby={heading} hidden={!current}>
      <h2 id={heading} tabIndex={-1} ref={current ? mark : undefined}>
        {t("welcome.heading", { step, steps, name })}
      </h2>
      <StepFormsProvider value={forms}>{children(heading)}</StepFormsProvider>
      <div className="actions">
        {onBack ? <Action onClick={onBack}>{t("welcome.back")}</Action> : null}
        <Action
          variant="primary"
          busy={saving || busy}
          // A field shows its fault when it loses the focus, which would move this button away from the pointer.
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => void goOn()}
        >
          {t(saving ? "welcome.saving" : step === steps ? "welcome.finish" : "welcome.next")}
        </Action>
        <Action variant="quiet" className="apart" busy={busy} onClick={onSkip}>
          {t("welcome.skip")}
        </Action>
      </div>
    </section>
  );
}
