import type { Instant } from "../time.ts";

/** A question of an IDE, which waits while a person answers yes or no on a paired phone or at the computer. */
export interface Approval {
  readonly approvalId: string;
  /** The message that asks. */
  readonly messageId: string;
  /** The users whose active phones may answer. */
  readonly userIds: readonly string[];
  /** The requester's name as given by the caller, unverified. */
  readonly requestedBy?: string;
  readonly buildId: string;
  readonly projectName: string;
  readonly plan: string;
  readonly affectedFiles: readonly string[];
  /** As the IDE gave it: a text, or a number in its own unit. */
  readonly estimatedDuration: string | number;
  /** The digest of everything that is approved. */
  readonly contentSha256: string;
  readonly requestedAt: Instant;
  readonly expiresAt: Instant;
  /** Absent: normal. */
  readonly risk?: Risk;
  /** Present for a high risk. */
  readonly match?: NumberMatch;
  readonly status: "pending" | "approved" | "rejected" | "expired" | "cancelled";
  readonly decidedBy?: DecidedBy;
  /** When it was settled, in any way. */
  readonly settledAt?: Instant;
  readonly comment?: string;
}

export const RISKS = ["low", "normal", "high"] as const;
export type Risk = (typeof RISKS)[number];

/** A phone approves only with the number that the requester shows, so a person who approves has it before their eyes. */
export interface NumberMatch {
  /** Two digits. */
  readonly number: string;
  /** What a phone offers: the number and two others, in ascending order, which says nothing. */
  readonly choices: readonly string[];
  /** How many wrong ones phones have sent. */
  readonly wrong: number;
}

export type ApprovalStatus = Approval["status"];

export type AtComputer = "computer" | "admin";

/** `admin`: at the computer, by the admin token. */
export type DecidedBy =
  | { readonly kind: AtComputer }
  | { readonly kind: "phone"; readonly userId: string; readonly deviceId: string; readonly deviceName: string };

/** Exactly what is approved, under its names on the wire: phones compute the same digest from what they show. */
export function approvalContent({ projectName, plan, affectedFiles }: Pick<Approval, "projectName" | "plan" | "affectedFiles">): object {
  return { project_name: projectName, plan, affected_files: affectedFiles };
}

/** The status at the moment of a change. Reads use `status`, which `withDeadlines` has settled. */
export function approvalStatus(approval: Approval, now: Instant): ApprovalStatus {
  return approval.status === "pending" && now >= approval.expiresAt ? "expired" : approval.status;
}
