import type { Instant } from "../time.ts";

/** A question that an IDE waits with: somebody with a paired phone, or at the desk, says yes or no. */
export interface Approval {
  readonly approvalId: string;
  /** The message that asks. */
  readonly messageId: string;
  /** Whose phones may answer: any active phone of one of them. */
  readonly userIds: readonly string[];
  /** Who asks, by their own word: a name as people know it. */
  readonly requestedBy?: string;
  readonly buildId: string;
  readonly projectName: string;
  readonly plan: string;
  readonly affectedFiles: readonly string[];
  /** As the IDE said it: words, or a number whose unit it knows. */
  readonly estimatedDuration: string | number;
  /** What a decision is about: the digest of everything that is approved. */
  readonly contentSha256: string;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  readonly status: "pending" | "approved" | "rejected" | "expired" | "cancelled";
  readonly decidedBy?: DecidedBy;
  /** When it stopped waiting, whichever way. */
  readonly settledAt?: Instant;
  readonly comment?: string;
}

export type ApprovalStatus = Approval["status"];

export type DecidedBy =
  | { readonly kind: "desk" }
  | { readonly kind: "phone"; readonly userId: string; readonly deviceId: string; readonly deviceName: string };

/** What is approved, and nothing else, under its names on the wire: a phone computes the same digest from what it shows. */
export function approvalContent({ projectName, plan, affectedFiles }: Pick<Approval, "projectName" | "plan" | "affectedFiles">): object {
  return { project_name: projectName, plan, affected_files: affectedFiles };
}

/** The state at the moment of a change. Whoever only reads takes `status`, which is settled by `withDeadlines` before it is answered. */
export function approvalStatus(approval: Approval, now: Instant): ApprovalStatus {
  return approval.status === "pending" && now >= approval.expiresAt ? "expired" : approval.status;
}
