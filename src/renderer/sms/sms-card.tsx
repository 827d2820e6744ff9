import type { TFunction } from "i18next";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import type { InvitesView } from "../data/follow-invites.ts";
import { type SmsSettings, useOpenedPlaces, usePageState, useSmsSettings } from "../data/page-state.ts";
import { FoldedCard } from "../parts/folded-card.tsx";
import { onDemand } from "../parts/on-demand.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { providerName } from "../words/words.ts";

const SmsForm = onDemand(async () => (await import("./sms-form.tsx")).SmsForm);

/** The provider of text messages. One line while it works; opens itself when it does not. */
export function SmsCard({ view }: { readonly view: InvitesView }): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const { data: settings, error } = useSmsSettings();
  const [open, setOpen] = useState(false);
  // The form stays rendered when the card is folded again, so that typed text is not lost.
  const [wasOpen, setWasOpen] = useState(false);
  const broken = settings?.problem !== undefined || error !== null;
  const [seenBroken, setSeenBroken] = useState(false);
  if (open && !wasOpen) setWasOpen(true);
  if (broken !== seenBroken) {
    setSeenBroken(broken);
    if (broken) setOpen(true);
  }
  useOpenedPlaces((place) => {
    if (place === "sms") flushSync(() => setOpen(true));
  });
  return (
    <FoldedCard
      name="sms"
      heading={t("sms.heading")}
      className="form-card sms"
      status={settings && summaryOf(settings, t)}
      isWarning={settings?.problem !== undefined}
      open={open}
      onToggle={setOpen}
    >
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("sms")} /> : null}
      {wasOpen && settings ? <SmsForm settings={settings} view={view} /> : null}
    </FoldedCard>
  );
}

function summaryOf({ problem, active }: SmsSettings, t: TFunction): string {
  if (problem === undefined && active === "mock") return t("sms.summaryMock");
  return t(problem === undefined ? "sms.summary" : "sms.summaryProblem", { provider: providerName(active, t) });
}
