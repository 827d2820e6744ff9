import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { usePageState } from "../data/page-state.ts";
import { rejectionOf } from "../data/rejection.ts";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { ProviderDetails } from "./provider-details.tsx";
import { useRetryWait } from "./retry-wait.ts";
import { fill, Ltr } from "./sentence.tsx";
import { waitOf } from "./times.ts";

interface ProblemLineProps {
  readonly thrown: unknown;
  readonly title?: string;
  readonly next?: string | undefined;
  readonly onRetry?: () => void;
  /** Opens the form where the cause can be fixed. */
  readonly onSettings?: (() => void) | undefined;
  /** A button beside it shows the countdown. */
  readonly isWaitShown?: boolean;
}

/** What went wrong and what to do about it, announced at once. A rate limit disappears when its wait is over. */
export function ProblemLine(props: ProblemLineProps): ReactNode {
  const { t } = useTranslation();
  const { notices } = usePageState();
  const wait = useRetryWait(props.thrown);
  useEffect(() => {
    if (wait === 0) notices.say("unseen", t("limit.over"));
  }, [wait, notices, t]);
  return wait === undefined ? <Problem {...props} /> : wait > 0 ? <Limit {...props} wait={wait} /> : null;
}

function Problem({ thrown, title, next, onRetry, onSettings }: ProblemLineProps): ReactNode {
  const { t } = useTranslation();
  const { problem } = rejectionOf(thrown);
  return (
    <div className="problem" role="alert">
      <Icon name="error" />
      <p>
        {title === undefined ? null : <strong>{title}. </strong>}
        {problem.detail}
        {problem.code === "internal_error" && problem.request_id !== undefined ? <RequestId id={problem.request_id} /> : null}
        {next === undefined ? null : ` ${next}`}
      </p>
      <ProviderDetails details={problem.details} />
      {onRetry ? <Action onClick={onRetry}>{t("page.retry")}</Action> : null}
      {onSettings ? <Action onClick={onSettings}>{t("pair.openSettings")}</Action> : null}
    </div>
  );
}

/** Where the server's log has more about it. */
function RequestId({ id }: { readonly id: string }): ReactNode {
  return <> {fill("problem.requestId", { id: <Ltr>{id}</Ltr> })}</>;
}

interface LimitProps extends ProblemLineProps {
  readonly wait: number;
}

/** The problem is announced once. The countdown beside it is not announced. */
function Limit({ thrown, title, wait, isWaitShown = false }: LimitProps): ReactNode {
  const { problem } = rejectionOf(thrown);
  return (
    <div className="problem">
      <Icon name="waiting" />
      <div className="problem-text">
        <p role="alert">
          {title === undefined ? null : <strong>{title}. </strong>}
          {withoutWait(problem.detail)}
        </p>
        {isWaitShown ? null : (
          <p role="timer" aria-live="off">
            {fill("limit.again", { left: <Ltr>{waitOf(wait)}</Ltr> })}
          </p>
        )}
      </div>
    </div>
  );
}

/** The countdown shows the wait, so the sentence does not repeat it. */
function withoutWait(detail: string): string {
  return detail.replace(/ (Wait a moment and try again|Try again in [^.]{1,40})\.$/, "");
}
