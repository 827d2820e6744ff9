import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DesktopPreferences } from "../../contract/window-request-schemas.ts";
import { usePageState } from "../data/page-state.ts";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Toggle } from "../parts/toggle.tsx";
import { UpdateLine } from "./update-line.tsx";

const CHOICES = ["close_to_tray", "start_at_login", "look_for_updates"] as const;

/** The desktop app's own preferences. Nothing in a browser, or where the host of the app decides them. */
export function DesktopCard(): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { desktop } = usePageState().connection;
  const { data } = useQuery({
    queryKey: ["preferences"],
    queryFn: async (): Promise<DesktopPreferences> => desktop?.preferences({}) ?? {},
  });
  const choosing = useMutation({
    mutationFn: async (change: DesktopPreferences) => desktop?.setPreferences(change),
    onSuccess: (preferences) => client.setQueryData(["preferences"], preferences),
  });
  const offered = CHOICES.filter((choice) => data?.[choice] !== undefined);
  if (offered.length === 0) return null;
  return (
    <section className="card" aria-labelledby="desktop-heading">
      <h2 id="desktop-heading">{t("desktop.heading")}</h2>
      {offered.map((choice) => (
        <Toggle
          key={choice}
          label={t(`desktop.${choice}`)}
          checked={data?.[choice] === true}
          onChoose={async (on) => {
            const saved = await choosing.mutateAsync({ [choice]: on });
            if (saved?.[choice] !== on) throw new Error(saved?.problem);
          }}
        />
      ))}
      <UpdateLine />
      {choosing.data?.problem === undefined ? null : (
        <div className="problem" role="alert">
          <Icon name="error" />
          <p>
            <strong>{t("desktop.failed")}. </strong>
            {choosing.data.problem}
          </p>
        </div>
      )}
      {choosing.error ? <ProblemLine thrown={choosing.error} title={t("desktop.failed")} /> : null}
    </section>
  );
}
