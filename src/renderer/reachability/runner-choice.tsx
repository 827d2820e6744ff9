import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Reachability, usePageState } from "../data/page-state.ts";
import { ProblemLine } from "../parts/problem-line.tsx";
import { useSaveReachability } from "./save-reachability.ts";

const RUNNERS = ["cloudflared", "ngrok"] as const;

/** Saved with the click. While the tunnel runs the choice waits: phones may be using its address. */
export function RunnerChoice({ reachability }: { readonly reachability: Reachability }): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const { runner, tunnel } = reachability;
  const choosing = useSaveReachability(() => notices.say("unseen", t("reachability.saved.runner")));
  const runs = tunnel.state === "starting" || tunnel.state === "online";
  const chosen = (choosing.isPending ? choosing.variables.runner : undefined) ?? runner;
  return (
    <>
      <fieldset className="radios" aria-describedby={runs ? "tunnel-runner-waits" : undefined}>
        <legend>{t("reachability.who")}</legend>
        {RUNNERS.map((one) => (
          <div key={one}>
            <label>
              <input
                type="radio"
                name="tunnel-runner"
                checked={one === chosen}
                aria-disabled={runs || undefined}
                aria-describedby={`tunnel-runner-${one}`}
                onChange={() => {
                  if (!runs) choosing.mutate({ runner: one });
                }}
              />
              {t(`reachability.runners.${one}`)}
            </label>
            <p id={`tunnel-runner-${one}`} className="quiet-text choice-hint">
              {t(`reachability.runnerHints.${one}`)}
            </p>
          </div>
        ))}
        {runs ? (
          <p id="tunnel-runner-waits" className="quiet-text">
            {t("reachability.runnerWaits")}
          </p>
        ) : null}
      </fieldset>
      {choosing.error ? <ProblemLine thrown={choosing.error} title={t("form.notSaved")} /> : null}
    </>
  );
}
