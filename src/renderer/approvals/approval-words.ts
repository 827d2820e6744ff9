import type { AnswerOf } from "../../contract/operations.ts";

export type Approval = AnswerOf<"listApprovals">["approvals"][number];
export type Notification = AnswerOf<"listNotifications">["notifications"][number];
export type MessageDelivery = Approval["deliveries"][number];

/** The page's clock is ahead of the next news. */
export function statusOf({ status, requires_approval_by }: Approval, now: number): Approval["status"] {
  return status === "pending" && now >= Date.parse(requires_approval_by) ? "expired" : status;
}

/** "40 s", "2 min": a number has the unit that the IDE means, so it stands alone. */
export function durationOf({ estimated_duration }: Approval): string {
  return typeof estimated_duration === "number" ? String(estimated_duration) : estimated_duration;
}
