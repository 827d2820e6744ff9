import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useServerTime } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { Icon } from "../parts/icon.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { dayAndTime, minutesAndSeconds } from "../parts/times.ts";
import { type Approval, durationOf } from "./approval-words.ts";
import { DecisionDialog } from "./decision-dialog.tsx";
import { MessageDeliveries } from "./message-deliveries.tsx";
import { RequestedBy } from "./requested-by.tsx";

interface WaitingApprovalProps {
  readonly approval: Approval;
  readonly clockOffset: number;
  readonly onDecided: () => void;
}

const HOUR = 3_600_000;

/** A question that somebody waits with: everything that is known of it, and the two answers. */
export function WaitingApproval({ approval, clockOffset, onDecided }: WaitingApprovalProps): ReactNode {
  const { t } = useTranslation();
  const now = useServerTime(clockOffset);
  const [deciding, setDeciding] = useState<"approve" | "reject">();
  const until = Date.parse(approval.requires_approval_by);
  const left = until - now;
  const name = approval.project_name;
  const files = approval.affected_files;

  return (
    <li className="row approval" data-approval={approval.approval_id}>
      <div className="row-head">
        <span className="badge pending">
          <Icon name="waiting" />
        </span>
        <div className="row-text">
          <h3>
            <bdi>{name}</bdi>
          </h3>
          <p className="facts">
            <RequestedBy approval={approval} />
            <span>{fill("approvals.build", { build: <Ltr>{approval.build_id}</Ltr> })}</span>
            {durationOf(approval) === "" ? null : <span>{fill("approvals.takes", { duration: <bdi>{durationOf(approval)}</bdi> })}</span>}
            {left < HOUR ? (
              <span role="timer" aria-live="off" className={left < 60_000 ? "timer short" : "timer"}>
                {fill("approvals.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
              </span>
            ) : (
              <span>{fill("approvals.until", { time: dayAndTime(until - clockOffset) })}</span>
            )}
          </p>
        </div>
      </div>
      {/* Whole and open: nobody approves what is hidden. */}
      <details className="plan" open>
        <summary>{t("approvals.plan")}</summary>
        <pre dir="auto">{approval.plan}</pre>
      </details>
      {files.length > 0 ? (
        <details>
          <summary>{t("approvals.files", { count: files.length })}</summary>
          <ul className="files">
            {files.map((file) => (
              <li key={file}>
                <Ltr>{file}</Ltr>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
      <MessageDeliveries deliveries={approval.deliveries} clockOffset={clockOffset} />
      <div className="actions">
        <Action
          variant="primary"
          aria-label={t("approvals.about", { action: t("approvals.approve"), name })}
          onClick={() => setDeciding("approve")}
        >
          {t("approvals.approve")}…
        </Action>
        <Action
          variant="quiet"
          className="danger-text apart"
          aria-label={t("approvals.about", { action: t("approvals.reject"), name })}
          onClick={() => setDeciding("reject")}
        >
          {t("approvals.reject")}…
        </Action>
      </div>
      {deciding ? (
        <DecisionDialog approval={approval} decision={deciding} onClose={() => setDeciding(undefined)} onDone={onDecided} />
      ) : null}
    </li>
  );
}
