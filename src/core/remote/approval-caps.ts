import { PairingError, type PairingErrorOptions } from "../errors.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";
import type { Approval } from "./approval.ts";

/** The maximum of pending approvals per user. People approve long lists unread. */
export const APPROVAL_CAPS = { pendingPerUser: 20, bytesPerUser: 2 * 1024 * 1024 } as const;

/** The longest retry time: somebody may have answered meanwhile. */
const ASK_AGAIN_SECONDS = 60;
const FIRST_WAIT = 30 * SECOND;
const MAX_WAIT = 10 * MINUTE;
/** Older rejections do not count. */
const FORGIVEN_AFTER = 60 * MINUTE;
const PROJECT_REJECTIONS = 5;

/** Roughly what an approval takes in memory. */
export function approvalBytes({ projectName, plan, affectedFiles, comment = "", buildId }: Omit<Approval, "userIds">): number {
  const files = affectedFiles.reduce((sum, file) => sum + 2 * file.length + 50, 0);
  return 500 + 2 * (projectName.length + plan.length + comment.length + buildId.length) + files;
}

export function tooManyPending(retryAt: Instant, now: Instant): PairingError {
  return new PairingError("too_many_approvals", { retryAfter: Math.min(ASK_AGAIN_SECONDS, secondsUntil(retryAt, now)) });
}

/**
 * Limits repeated requests: the same content waits after each rejection, twice as long each time, and a project waits after too
 * many rejections within a minute. `approvals`: all stored ones, of any age.
 */
export function checkRejections(
  approvals: readonly Approval[],
  asked: Pick<Approval, "projectName" | "contentSha256">,
  userIds: readonly string[],
  now: Instant,
): void {
  const rejections = approvals
    .filter(({ userIds: of }) => of.some((userId) => userIds.includes(userId)))
    .filter(({ status, projectName }) => (status === "rejected" || status === "approved") && projectName === asked.projectName)
    .map((approval) => ({ ...approval, at: approval.settledAt ?? approval.requestedAt }))
    // Dated in the future: the clock was set back. It counts for one wait at most.
    .filter(({ at }) => at > now - FORGIVEN_AFTER && at < now + MAX_WAIT)
    .sort((one, other) => other.at - one.at);
  const same = rejections.filter(({ contentSha256 }) => contentSha256 === asked.contentSha256);
  const approvedAt = same.findIndex(({ status }) => status === "approved");
  const sameRejected = approvedAt < 0 ? same : same.slice(0, approvedAt);
  const [latest] = sameRejected;
  if (latest) {
    const wait = Math.min(MAX_WAIT, FIRST_WAIT * 2 ** (sameRejected.length - 1));
    refuse(waitLeft(latest.at, wait, now), (seconds) => ({ reason: "just_rejected", seconds }));
  }
  const inMinute = rejections.filter(({ status }) => status === "rejected")[PROJECT_REJECTIONS - 1];
  if (inMinute) {
    refuse(waitLeft(inMinute.at, MINUTE, now), (seconds) => ({ reason: "project_rejected", count: PROJECT_REJECTIONS, seconds }));
  }
}

/** The remaining wait. Zero if it began further in the future than the wait is long: the clock was set back. */
function waitLeft(from: Instant, wait: number, now: Instant): number {
  return from - now > wait ? 0 : Math.min(wait, from + wait - now);
}

function refuse(left: number, why: (seconds: number) => NonNullable<PairingErrorOptions<"too_many_approvals">["params"]>): void {
  if (left <= 0) return;
  const retryAfter = Math.ceil(left / SECOND);
  throw new PairingError("too_many_approvals", { params: why(retryAfter), retryAfter });
}

function secondsUntil(end: Instant, now: Instant): number {
  return Math.max(1, Math.ceil((end - now) / SECOND));
}
