import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { type Approval, isDecidedHere } from "../data/approval.ts";
import { Dismiss } from "../parts/dismiss.tsx";
import type { IconName } from "../parts/icon.tsx";
import { IconText } from "../parts/icon-text.tsx";
import { fill } from "../parts/sentence.tsx";
import { clockTime } from "../parts/times.ts";

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

/** The outcome of approvals that were answered elsewhere, until it is dismissed. */
export function AnsweredApprovals({ approvals, clockOffset, onDismiss }: AnsweredApprovalsProps): ReactNode {
  const { t } = useTranslation();
  return (
    <div role="status">
      {approvals.map((approval) => (
        <div key={approval.approval_id} className={`notice ${approval.status === "approved" ? "good" : "check"}`}>
          <IconText icon={ICONS[approval.status]}>
            <bdi>{approval.project_name}</bdi>: {outcomeOf(approval, clockOffset)}
          </IconText>
          <Dismiss
            name={t("approvals.about", { action: t("page.dismiss"), name: approval.project_name })}
            onDismiss={() => onDismiss(approval.approval_id)}
          />
        </div>
      ))}
    </div>
  );
}

function outcomeOf(approval: Approval, clockOffset: number): ReactNode {
  const { status, decided_by, decided_by_name, decided_at } = approval;
  if (status === "cancelled") return fill("approvals.outcome.cancelled", {});
  if (status !== "approved" && status !== "rejected") return fill("approvals.outcome.expired", {});
  return fill(`approvals.outcome.${status}${isDecidedHere(approval) ? "Here" : "On"}`, {
    name: <bdi>{decided_by_name ?? decided_by}</bdi>,
    time: decided_at === undefined ? "" : <time dateTime={decided_at}>{clockTime(Date.parse(decided_at) - clockOffset)}</time>,
  });
}
