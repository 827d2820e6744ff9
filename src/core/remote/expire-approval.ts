import type { Ports } from "../ports.ts";
import { DAY, type Instant } from "../time.ts";
import { MESSAGE_DAYS } from "./outbox.ts";

/** Writes down that nobody answered in time. Changes nothing where somebody did. */
export async function expireApproval(
  needs: Pick<Ports, "random" | "store" | "news" | "arrivals">,
  approvalId: string,
  at: Instant,
): Promise<void> {
  const settled = await needs.store.settleApproval({
    approvalId,
    status: "expired",
    at: () => at,
    audit: [{ event: "approval_decided", approval_id: approvalId, reason: "expired" }],
    message: {
      messageId: needs.random.token(16),
      content: { type: "approval_settled", approvalId },
      sentAt: at,
      expiresAt: at + MESSAGE_DAYS * DAY,
    },
  });
  if (settled.kind !== "settled") return;
  needs.arrivals.tell(settled.told);
  needs.news.tell("approvals");
}
