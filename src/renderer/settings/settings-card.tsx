import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useHostSettings, usePageState } from "../data/page-state.ts";
import { onDemand } from "../parts/on-demand.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { WelcomeAgain } from "./welcome-again.tsx";

const SettingsForm = onDemand(async () => (await import("./settings-form.tsx")).SettingsForm);
const AdminToken = onDemand(async () => (await import("./admin-token.tsx")).AdminToken);

/** The settings that have no card of their own, closed until somebody wants them. */
export function SettingsCard(): ReactNode {
  const { t } = useTranslation();
  const { refresh } = usePageState();
  const { data, error } = useHostSettings();
  const [open, setOpen] = useState(false);
  // Once it was open it stays: what was typed is not lost when it is closed.
  const [wasOpen, setWasOpen] = useState(false);
  if (open && !wasOpen) setWasOpen(true);
  const settings = data?.settings ?? [];
  const changed = settings.filter(({ value, locked }) => value !== undefined && !locked).length;
  const waiting = settings.filter((setting) => setting.waiting).length;
  return (
    <section className="card" aria-labelledby="settings-heading">
      <details className="folded form-card" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <h2 id="settings-heading">{t("settings.heading")}</h2>
          {data ? (
            <span className={waiting > 0 ? "check" : undefined}>
              {" "}
              {waiting > 0
                ? t("settings.summary.waiting", { count: waiting })
                : changed > 0
                  ? t("settings.summary.changed", { count: changed })
                  : t("settings.summary.none")}
            </span>
          ) : null}
        </summary>
        {error ? <ProblemLine thrown={error} onRetry={() => void refresh("settings")} /> : null}
        {wasOpen && data ? <SettingsForm settings={settings} /> : null}
        {wasOpen ? <AdminToken /> : null}
        <WelcomeAgain />
      </details>
    </section>
  );
}
