import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { ServerState } from "../../contract/window-request-schemas.ts";
import { type HostSetting, usePageState } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { labelOf } from "./settings-draft.ts";

interface RestartLineProps {
  readonly waiting: readonly HostSetting[];
  readonly onRestarted: () => void;
}

/** The settings that are saved and not in use yet, by name. The desktop app can restart the server to use them. */
export function RestartLine({ waiting, onRestarted }: RestartLineProps): ReactNode {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { connection, notices } = usePageState();
  const { desktop } = connection;
  const restarting = useMutation({
    mutationFn: async (): Promise<ServerState | undefined> => desktop?.restartServer({}),
    async onSuccess(state) {
      if (state?.kind === "failed") {
        client.setQueryData(["server-state"], state);
        return;
      }
      notices.say("settings", t("settings.restarted"));
      onRestarted();
      // The server is another process: everything is read again.
      await client.invalidateQueries();
    },
  });
  if (waiting.length === 0) return null;
  return (
    <div className="restart">
      <IconText icon="waiting" className="check with-icon">
        {t("settings.restartFor", { list: waiting.map(({ name }) => labelOf(name)).join("; ") })}
        {desktop ? null : ` ${t("settings.restartServer")}`}
      </IconText>
      {desktop ? (
        <div className="actions">
          <Action busy={restarting.isPending} aria-describedby="restart-hint" onClick={() => restarting.mutate()}>
            {t(restarting.isPending ? "settings.restarting" : "settings.restart")}
          </Action>
          <span id="restart-hint" className="quiet-text">
            {t("settings.restartHint")}
          </span>
        </div>
      ) : null}
      {restarting.error ? <ProblemLine thrown={restarting.error} title={t("settings.restartFailed")} /> : null}
    </div>
  );
}
