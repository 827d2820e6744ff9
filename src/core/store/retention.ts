import type { Device } from "../devices/device.ts";
import type { TextMessage } from "../messages/text-message.ts";
import type { PairingSession } from "../pairing/session.ts";
import type { Approval } from "../remote/approval.ts";
import { approvalBytes } from "../remote/approval-caps.ts";
import { DAY, type Instant, MINUTE } from "../time.ts";

/** Longer than any message that speaks of it. */
const SETTLED_DAYS = 30;
const MAX_SETTLED = 2000;
const MAX_SETTLED_BYTES = 64 * 1024 * 1024;
/** What somebody decided can be read for at least this long, however many others come after it. */
const MIN_DECIDED_AGE = 60 * MINUTE;

/** At least a day: its text message still counts against the budget. */
export function isPastSession(session: PairingSession, now: Instant, retentionDays: number): boolean {
  if (session.status === "pending") return false;
  const { createdAt, expiresAt, acceptedAt = createdAt, revokedAt = createdAt } = session;
  return Math.max(createdAt, expiresAt, acceptedAt, revokedAt) + Math.max(1, retentionDays) * DAY <= now;
}

/** A text message is kept at least for as long as the session that refers to it. */
export function isPastText({ sends }: TextMessage, now: Instant, retentionDays: number): boolean {
  return (sends.at(-1) ?? 0) + Math.max(1, retentionDays) * DAY <= now;
}

/** Revoked long ago. That its token is revoked is kept for as long as the token lasts. */
export function isPastDevice({ status, revokedAt, lastSeen, pairedAt }: Device, now: Instant, retentionDays: number): boolean {
  return status === "revoked" && Math.max(revokedAt ?? lastSeen, pairedAt) + retentionDays * DAY <= now;
}

/**
 * Which settled approvals go: those that were settled long ago and, where there are too many, the oldest. The audit trail keeps their
 * trace. `count` takes every settled approval first; `isPast` is asked about each after that, the oldest first.
 */
export function createApprovalRetention(now: Instant): { count(approval: Approval): void; isPast(approval: Approval): boolean } {
  let surplus = -MAX_SETTLED;
  let surplusBytes = -MAX_SETTLED_BYTES;
  return {
    count(approval) {
      surplus += 1;
      surplusBytes += approvalBytes(approval);
    },
    isPast(approval) {
      const { status, settledAt = now } = approval;
      const decided = status === "approved" || status === "rejected";
      const isSurplus = (surplus > 0 || surplusBytes > 0) && !(decided && now < settledAt + MIN_DECIDED_AGE);
      if (!isSurplus && settledAt + SETTLED_DAYS * DAY > now) return false;
      surplus -= 1;
      surplusBytes -= approvalBytes(approval);
      return true;
    },
  };
}
