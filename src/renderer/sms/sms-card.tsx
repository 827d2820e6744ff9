import { type ReactNode, useEffect, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { usePageState, useSmsSettings } from "../data/page-state.ts";
import { onDemand } from "../parts/on-demand.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { providerName } from "../words/words.ts";

const SmsForm = onDemand(async () => (await import("./sms-form.tsx")).SmsForm);

/** Who sends text messages: one line while that works, and the way to set it up. */
export function SmsCard({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { places, refresh } = usePageState();
  const { data: settings, error } = useSmsSettings();
  const [open, setOpen] = useState(false);
  // Once it was open it stays: what was typed is not lost when it is closed.
  const [wasOpen, setWasOpen] = useState(false);
  const broken = settings?.problem !== undefined || error !== null;
  const [seenBroken, setSeenBroken] = useState(false);
  if (open && !wasOpen) setWasOpen(true);
  if (broken !== seenBroken) {
    setSeenBroken(broken);
    if (broken) setOpen(true);
  }
  useEffect(
    () =>
      places.onOpen((place) => {
        // The form is there before the focus goes to it.
        if (place === "sms") flushSync(() => setOpen(true));
      }),
    [places],
  );

  const state = !settings
    ? undefined
    : settings.problem === undefined
      ? settings.active === "mock"
        ? t("sms.summaryMock")
        : t("sms.summary", { provider: providerName(settings.active, t) })
      : t("sms.summaryProblem", { provider: providerName(settings.active, t) });

  return (
    <section className="card" aria-labelledby="sms-heading">
      <details className="folded form-card sms" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="sms-heading">{t("sms.heading")}</h2>
          {state === undefined ? null : <span className={settings?.problem === undefined ? undefined : "check"}> {state}</span>}
        </summary>
        {error ? <ProblemLine thrown={error} onRetry={() => void refresh("sms")} /> : null}
        {wasOpen && settings ? <SmsForm settings={settings} view={view} /> : null}
      </details>
    </section>
  );
}
