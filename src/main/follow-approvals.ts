import type { Approval, Pairing } from "../core/index.ts";
import { followNews } from "./follow-news.ts";

export interface ApprovalEvents {
  /** How many wait, now and whenever that may have changed. */
  readonly waiting: (count: number) => void;
  /** A phone answered one that waited when this began to look, or later. */
  readonly answered: (approval: Approval) => void;
  /** They could not be read this time. */
  readonly failed: (cause: unknown) => void;
}

/** Follows what IDEs wait for. Returns a function that stops it. */
export function followApprovals(
  pairing: Pick<Pairing, "listApprovals" | "listen">,
  { waiting, answered, failed }: ApprovalEvents,
): () => void {
  const pending = new Set<string>();
  const check = async (): Promise<void> => {
    for (const approval of await pairing.listApprovals()) {
      const { approvalId, status, decidedBy } = approval;
      if (status === "pending") pending.add(approvalId);
      else if (pending.delete(approvalId) && decidedBy?.kind === "phone") answered(approval);
    }
    waiting(pending.size);
  };
  return followNews(pairing, "approvals", check, failed);
}
