import { type Approval, approvalStatus, type Pairing } from "../core/index.ts";
import { followNews } from "./follow-news.ts";

export interface ApprovalEvents {
  /** How many wait, now and whenever that may have changed. */
  readonly waiting: (count: number) => void;
  /** A phone answered one that waited when this began to look, or later. */
  readonly answered: (approval: Approval) => void;
}

/** Follows what IDEs wait for. Answers how to stop. */
export function followApprovals(
  pairing: Pick<Pairing, "listApprovals" | "listen" | "now">,
  { waiting, answered }: ApprovalEvents,
): () => void {
  const pending = new Set<string>();
  const look = async (): Promise<void> => {
    const now = pairing.now();
    for (const approval of await pairing.listApprovals()) {
      const { approvalId, decidedBy } = approval;
      if (approvalStatus(approval, now) === "pending") pending.add(approvalId);
      else if (pending.delete(approvalId) && decidedBy?.kind === "phone") answered(approval);
    }
    waiting(pending.size);
  };
  return followNews(pairing, "approvals", look);
}
