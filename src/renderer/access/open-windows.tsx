import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerOf } from "../../contract/operations.ts";
import { usePageState, useServerTime, useWindows } from "../data/page-state.ts";
import { answerTo } from "../data/rejection.ts";
import { Action } from "../parts/button.tsx";
import { NoticeLine } from "../parts/notice-line.tsx";
import { ProblemLine } from "../parts/problem-line.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { Skeleton } from "../parts/skeleton.tsx";
import { ago, dayAndTime } from "../parts/times.ts";
import { browserIn } from "./browser-in.ts";

type OpenWindow = AnswerOf<"listWindows">["windows"][number];

/** The settings pages that act for the person at this computer, each with a button that ends its access. */
export function OpenWindows({ clockOffset }: { readonly clockOffset: number }): ReactNode {
  const { t } = useTranslation();
  const { client, connection, notices, refresh } = usePageState();
  const { data, error, isPending } = useWindows();
  const heading = useRef<HTMLHeadingElement>(null);
  const endAccess = useMutation({
    mutationFn: async ({ window_id }: OpenWindow) => answerTo(connection.api.endWindow({ window_id })),
    async onSuccess(_ended, { current }) {
      // This page is asked to prove itself anew.
      if (current) return client.invalidateQueries();
      await refresh("settings");
      notices.say("access", t("access.ended"));
      heading.current?.focus();
      return undefined;
    },
  });
  return (
    <section className="settings-group" aria-labelledby="windows-heading" aria-busy={isPending}>
      <h3 id="windows-heading" tabIndex={-1} ref={heading}>
        {t("access.windows")}
      </h3>
      <p>{t("access.windowsIntro")}</p>
      <NoticeLine place="access" />
      {error ? <ProblemLine thrown={error} onRetry={() => void refresh("settings")} /> : null}
      {isPending ? <Skeleton /> : null}
      {data?.windows.length === 0 ? <p className="quiet-text">{t("access.noWindows")}</p> : null}
      {data && data.windows.length > 0 ? (
        <ul className="rows" aria-labelledby="windows-heading">
          {data.windows.map((each) => (
            <WindowRow
              key={each.window_id}
              window={each}
              clockOffset={clockOffset}
              busy={endAccess.isPending && endAccess.variables.window_id === each.window_id}
              onEnd={() => endAccess.mutate(each)}
            />
          ))}
        </ul>
      ) : null}
      {endAccess.error ? <ProblemLine thrown={endAccess.error} /> : null}
    </section>
  );
}

interface WindowRowProps {
  readonly window: OpenWindow;
  readonly clockOffset: number;
  readonly busy: boolean;
  readonly onEnd: () => void;
}

function WindowRow({ window: { user_agent, opened_at, last_used, current }, clockOffset, busy, onEnd }: WindowRowProps): ReactNode {
  const { t } = useTranslation();
  const now = useServerTime(clockOffset);
  const browser = browserIn(user_agent);
  const name = browser ? t("access.browserOn", browser) : (user_agent ?? t("access.noBrowser"));
  const opened = Date.parse(opened_at);
  const action = t(current ? "access.endThis" : "access.end");
  return (
    <li className="row">
      <RowHead icon="browser">
        <div className="row-text">
          <h4>
            <bdi>{name}</bdi>
          </h4>
          <p className="facts">
            {current ? <span>{t("access.thisPage")}</span> : null}
            <span>{t("access.opened", { time: dayAndTime(opened - clockOffset) })}</span>
            <span>{t("access.used", { time: ago(Date.parse(last_used), now) ?? t("access.justNow") })}</span>
          </p>
        </div>
      </RowHead>
      <div className="actions">
        <Action
          variant="quiet"
          className="danger-text"
          busy={busy}
          aria-label={t("access.about", { action, name, time: dayAndTime(opened - clockOffset) })}
          onClick={onEnd}
        >
          {action}
        </Action>
      </div>
    </li>
  );
}
