import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Action } from "../parts/button.tsx";
import { Icon, type IconName } from "../parts/icon.tsx";
import { fill } from "../parts/sentence.tsx";
import { clockTime } from "../parts/times.ts";
import type { Approval } from "./approval-words.ts";

interface AnsweredApprovalsProps {
  /** Each waited on this page, and was not answered by it. */
  readonly approvals: readonly Approval[];
  readonly clockOffset: number;
  readonly onDismiss: (approvalId: string) => void;
}

const ICONS: Readonly<Record<Approval["status"], IconName>> = {
  pending: "waiting",
  approved: "pass",
  rejected: "error",
  expired: "warning",
  cancelled: "close",
};

/** What became of approvals that were answered elsewhere, until somebody has read it. */
export function AnsweredApprovals({ approvals, clockOffset, onDismiss }: AnsweredApprovalsProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="status">
      {approvals.map((approval) => (
        <div key={approval.approval_id} className={`notice ${approval.status === "approved" ? "good" : "check"}`}>
          <p>
            <Icon name={ICONS[approval.status]} />
            <span>
              <bdi>{approval.project_name}</bdi>: {outcomeOf(approval, clockOffset)}
            </span>
          </p>
          <Action
            variant="quiet"
            className="small"
            aria-label={t("approvals.about", { action: t("page.dismiss"), name: approval.project_name })}
            title={t("page.dismiss")}
            onClick={() => onDismiss(approval.approval_id)}
          >
            <Icon name="close" />
          </Action>
        </div>
      ))}
    </div>
  );
}

function outcomeOf({ status, decided_by, decided_by_name, decided_at }: Approval, clockOffset: number): ReactNode {
  if (status === "cancelled") return fill("approvals.outcome.cancelled", {});
  if (status !== "approved" && status !== "rejected") return fill("approvals.outcome.expired", {});
  // A phone may have the id "desk"; only phones have a name.
  const where = decided_by === "desk" && decided_by_name === undefined ? "Here" : "On";
  return fill(`approvals.outcome.${status}${where}`, {
    name: <bdi>{decided_by_name ?? decided_by}</bdi>,
    time: decided_at === undefined ? "" : <time dateTime={decided_at}>{clockTime(Date.parse(decided_at) - clockOffset)}</time>,
  });
}
