import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { DesktopPreferences, UpdateState } from "../../contract/window-request-schemas.ts";
import { usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { Toggle } from "../parts/toggle.tsx";

const KEY = ["update-state"];
const PROGRESS_INTERVAL_MS = 1000;

/** The state of updates, with a button to search for one or to install it. Nothing where there are no updates. */
function UpdateLine(): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { desktop } = usePageState().connection;
  const { data } = useQuery({
    queryKey: KEY,
    queryFn: async (): Promise<UpdateState> => (await desktop?.updateState({})) ?? { kind: "unavailable" },
    refetchInterval: ({ state }) => (state.data?.kind === "loading" || state.data?.kind === "checking" ? PROGRESS_INTERVAL_MS : false),
  });
  const acting = useMutation({
    mutationFn: async (act: "lookForUpdates" | "installUpdate") => desktop?.[act]({}),
    onSuccess: (state) => client.setQueryData(KEY, state),
  });
  if (!data || data.kind === "unavailable") return null;
  const state: typeof data = acting.isPending && data.kind !== "ready" ? { kind: "checking" } : data;
  const { kind } = state;
  return (
    <div className="update-line">
      <p role="status">{sentenceOf(state, t)}</p>
      {kind === "checking" || kind === "loading" ? null : (
        <Action onClick={() => acting.mutate(kind === "ready" ? "installUpdate" : "lookForUpdates")}>
          {t(kind === "ready" ? "updates.install" : "updates.check")}
        </Action>
      )}
    </div>
  );
}

function sentenceOf(state: Exclude<UpdateState, { kind: "unavailable" }>, t: TFunction): string {
  switch (state.kind) {
    case "idle":
    case "checking":
      return t(`updates.${state.kind}`);
    case "latest":
    case "ready":
      return t(`updates.${state.kind}`, { version: state.version });
    case "loading":
      return t("updates.loading", { version: state.version, percent: state.percent });
    case "failed":
      return t("updates.failed", { sentence: state.sentence });
    default:
      return state satisfies never;
  }
}

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
