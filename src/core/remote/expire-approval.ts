import type { Ports } from "../ports.ts";
import { DAY, type Instant } from "../time.ts";
import { MESSAGE_DAYS } from "./outbox.ts";

/** Stores the expiry of an unanswered approval. Does nothing if it was answered. */
export async function expireApproval(
  deps: Pick<Ports, "random" | "store" | "changeEvents" | "inboxSignals">,
  approvalId: string,
  at: Instant,
): Promise<void> {
  const settled = await deps.store.settleApproval({
    approvalId,
    status: "expired",
    at: () => at,
    audit: [{ event: "approval_decided", approval_id: approvalId, reason: "expired" }],
    message: {
      messageId: deps.random.token(16),
      content: { type: "approval_settled", approvalId },
      sentAt: at,
      expiresAt: at + MESSAGE_DAYS * DAY,
    },
  });
  if (settled.kind !== "settled") return;
  deps.inboxSignals.emit(settled.recipients);
  deps.changeEvents.emit("approvals");
}
