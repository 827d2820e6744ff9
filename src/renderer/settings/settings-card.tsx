import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { flushSync } from "react-dom";
import { useTranslation } from "react-i18next";
import { useHostSettings, useOpenedPlaces, usePageState } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { FoldedCard } from "../parts/folded-card.tsx";
import { onDemand } from "../parts/on-demand.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";

const SettingsForm = onDemand(async () => (await import("./settings-form.tsx")).SettingsForm);
const AdminToken = onDemand(async () => (await import("./admin-token.tsx")).AdminToken);

/** The settings that have no card of their own. Nothing is loaded until the card is opened. */
export function SettingsCard(): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const { data, error } = useHostSettings();
  const [open, setOpen] = useState(false);
  // The form stays rendered when the card is folded again, so that typed text is not lost.
  const [wasOpen, setWasOpen] = useState(false);
  if (open && !wasOpen) setWasOpen(true);
  useOpenedPlaces((place) => {
    if (place.startsWith("setting:")) flushSync(() => setOpen(true));
  });
  const settings = data?.settings ?? [];
  const changed = settings.filter(({ value, locked }) => value !== undefined && !locked).length;
  const waiting = settings.filter((setting) => setting.waiting).length;
  const [key, count] =
    waiting > 0 ? (["waiting", waiting] as const) : changed > 0 ? (["changed", changed] as const) : (["none", 0] as const);
  return (
    <FoldedCard
      name="settings"
      heading={t("settings.heading")}
      className="form-card"
      status={data && t(`settings.summary.${key}`, { count })}
      isWarning={waiting > 0}
      open={open}
      onToggle={setOpen}
    >
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("settings")} /> : null}
      {wasOpen && data ? <SettingsForm settings={settings} /> : null}
      {wasOpen ? <AdminToken /> : null}
      <WelcomeAgain />
    </FoldedCard>
  );
}

/** The button that opens the welcome again. */
function WelcomeAgain(): ReactNode {
  const { t } = useTranslation();
  const { connection, places, refresh } = usePageState();
  const asking = useMutation({
    mutationFn: async () => answerTo(connection.api.saveWelcome({ shown: true })),
    async onSuccess() {
      await refresh("invites");
      places.open("welcome");
    },
  });
  return (
    <>
      <div className="actions">
        <Action variant="quiet" busy={asking.isPending} onClick={() => asking.mutate()}>
          {t("welcome.again")}
        </Action>
      </div>
      {asking.error ? <ProblemLine thrown={asking.error} /> : null}
    </>
  );
}
