import type { AnswerOf } from "../../contract/operations.ts";

export type Approval = AnswerOf<"listApprovals">["approvals"][number];
export type Notification = AnswerOf<"listNotifications">["notifications"][number];
export type MessageDelivery = Approval["deliveries"][number];

/** An approval expires by the page's clock before the server reports it. */
export function statusOf({ status, requires_approval_by }: Approval, now: number): Approval["status"] {
  return status === "pending" && now >= Date.parse(requires_approval_by) ? "expired" : status;
}

/** Whether it was decided at the computer, by whatever means. */
export function isDecidedHere({ decided_via }: Approval): boolean {
  return decided_via === "computer" || decided_via === "admin";
}
