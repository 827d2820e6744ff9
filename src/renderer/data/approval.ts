import type { AnswerOf } from "../../contract/operations.ts";

export type Approval = AnswerOf<"listApprovals">["approvals"][number];
export type Notification = AnswerOf<"listNotifications">["notifications"][number];
export type MessageDelivery = Approval["deliveries"][number];

/** An approval expires by the page's clock before the server reports it. */
export function statusOf({ status, requires_approval_by }: Approval, now: number): Approval["status"] {
  return status === "pending" && now >= Date.parse(requires_approval_by) ? "expired" : status;
}

/** Whether it was decided on a settings page. A phone may have the id `desk` as well, but only phones have a name. */
export function isDecidedHere({ decided_by, decided_by_name }: Approval): boolean {
  return decided_by === "desk" && decided_by_name === undefined;
}
