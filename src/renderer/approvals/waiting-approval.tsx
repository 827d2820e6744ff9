import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Approval } from "../data/approval.ts";
import { useServerTime } from "../data/page-state.ts";
import { Action } from "../parts/button.tsx";
import { RowHead } from "../parts/row-head.tsx";
import { fill, Ltr } from "../parts/sentence.tsx";
import { dayAndTime, minutesAndSeconds } from "../parts/times.ts";
import { AffectedFiles, DecisionDialog } from "./decision-dialog.tsx";
import { MessageDeliveries, RequestedBy } from "./message-deliveries.tsx";

interface WaitingApprovalProps {
  readonly approval: Approval;
  readonly clockOffset: number;
  /** Otherwise phones alone answer. */
  readonly canAnswer: boolean;
  readonly onDecided: () => void;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** A pending approval with its plan, and the two answers. */
export function WaitingApproval({ approval, clockOffset, canAnswer, onDecided }: WaitingApprovalProps): ReactNode {
  const { t } = useTranslation();
  const [deciding, setDeciding] = useState<"approve" | "reject">();
  const { project_name: name, affected_files: files } = approval;
  return (
    <li className="row approval" data-approval={approval.approval_id}>
      <RowHead icon="waiting" status="pending">
        <div className="row-text">
          <h3>
            <bdi>{name}</bdi>
          </h3>
          <ApprovalFacts approval={approval} clockOffset={clockOffset} />
          {approval.match_number === undefined ? null : (
            <p>{fill("approvals.matchNumber", { number: <strong className="match-number">{approval.match_number}</strong> })}</p>
          )}
        </div>
      </RowHead>
      {/* Whole and open: nobody approves what is hidden. */}
      <details className="plan" open>
        <summary>{t("approvals.plan")}</summary>
        <pre dir="auto">{approval.plan}</pre>
      </details>
      {files.length > 0 ? (
        <details>
          <summary>{t("approvals.files", { count: files.length })}</summary>
          <AffectedFiles files={files} />
        </details>
      ) : null}
      <MessageDeliveries deliveries={approval.deliveries} clockOffset={clockOffset} />
      {canAnswer ? <Answers name={name} onChoose={setDeciding} /> : <p className="quiet-text">{t("approvals.onPhonesOnly")}</p>}
      {canAnswer && deciding ? (
        <DecisionDialog approval={approval} decision={deciding} onClose={() => setDeciding(undefined)} onDone={onDecided} />
      ) : null}
    </li>
  );
}

interface AnswersProps {
  readonly name: string;
  readonly onChoose: (decision: "approve" | "reject") => void;
}

function Answers({ name, onChoose }: AnswersProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div className="actions">
      <Action
        variant="primary"
        aria-label={t("approvals.about", { action: t("approvals.approve"), name })}
        onClick={() => onChoose("approve")}
      >
        {t("approvals.approve")}…
      </Action>
      <Action
        variant="quiet"
        className="danger-text apart"
        aria-label={t("approvals.about", { action: t("approvals.reject"), name })}
        onClick={() => onChoose("reject")}
      >
        {t("approvals.reject")}…
      </Action>
    </div>
  );
}

/** The requester, the build, and the time that is left. */
function ApprovalFacts({ approval, clockOffset }: Pick<WaitingApprovalProps, "approval" | "clockOffset">): ReactNode {
  const now = useServerTime(clockOffset);
  const until = Date.parse(approval.requires_approval_by);
  const left = until - now;
  // "40 s" or "2 min": a number has the unit that the IDE means, so it is shown alone.
  const duration = String(approval.estimated_duration);
  return (
    <p className="facts">
      <RequestedBy approval={approval} />
      <span>{fill("approvals.build", { build: <Ltr>{approval.build_id}</Ltr> })}</span>
      {duration === "" ? null : <span>{fill("approvals.takes", { duration: <bdi>{duration}</bdi> })}</span>}
      {left < HOUR_MS ? (
        <span role="timer" aria-live="off" className={left < MINUTE_MS ? "timer short" : "timer"}>
          {fill("approvals.left", { left: <Ltr>{minutesAndSeconds(left)}</Ltr> })}
        </span>
      ) : (
        <span>{fill("approvals.until", { time: dayAndTime(until - clockOffset) })}</span>
      )}
    </p>
  );
}
