import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { refusalOf } from "../data/refusal.ts";
import { Action } from "./button.tsx";
import { Icon } from "./icon.tsx";
import { ProviderDetails } from "./provider-details.tsx";
import { timeOfDay, wholeMinute } from "./times.ts";

interface ProblemLineProps {
  readonly thrown: unknown;
  readonly title?: string;
  readonly next?: string | undefined;
  readonly onRetry?: () => void;
  /** Leads to where the fault can be mended. */
  readonly onSettings?: (() => void) | undefined;
}

/** What went wrong, and what to do about it; announced at once. */
export function ProblemLine({ thrown, title, next, onRetry, onSettings }: ProblemLineProps): ReactNode {
  const { t } = useTranslation();
  const { problem, retryAt } = refusalOf(thrown);
  return (
    <div className="problem" role="alert">
      <Icon name="error" />
      <p>
        {title === undefined ? null : <strong>{title}. </strong>}
        {problem.detail}
        {retryAt === undefined ? null : ` ${t("pair.tryAgainAt", { time: timeOfDay(wholeMinute(retryAt)) })}`}
        {next === undefined ? null : ` ${next}`}
      </p>
      <ProviderDetails details={problem.details} />
      {onRetry ? (
        <Action look="plain" onClick={onRetry}>
          {t("page.retry")}
        </Action>
      ) : null}
      {onSettings ? (
        <Action look="plain" onClick={onSettings}>
          {t("pair.openSettings")}
        </Action>
      ) : null}
    </div>
  );
}
