import type { AuditEntry, Caller } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import { shownText } from "../names.ts";
import type { Ports, SettleApproval, Settled } from "../ports.ts";
import { DAY, type Instant, isoSeconds } from "../time.ts";
import type { Approval, AtComputer, DecidedBy } from "./approval.ts";
import { MESSAGE_DAYS } from "./outbox.ts";

type Deps = Pick<Ports, "clock" | "random" | "store" | "changeEvents" | "inboxSignals">;

export interface Decision {
  readonly approvalId: string;
  readonly decision: "approve" | "reject";
  readonly comment?: string | undefined;
  /** The digest of what was shown to the person who decided. */
  readonly contentSha256?: string | undefined;
  /** What was chosen on a phone, for an approval of high risk. */
  readonly number?: string | undefined;
}

const MAX_WRONG_NUMBERS = 2;

/** `by`: the phone, or a person at the computer. The first decision counts. Repeating it succeeds, another one is rejected. */
export async function decideApproval(
  deps: Deps,
  { approvalId, decision, comment, contentSha256, number }: Decision,
  by: Device | AtComputer,
  caller: Caller,
): Promise<Approval> {
  const now = deps.clock.now();
  const phone = typeof by === "string" ? undefined : by;
  const decidedBy = decidedByOf(by);
  const status = decision === "approve" ? "approved" : "rejected";
  const asked = await deps.store.findApproval(approvalId);
  // A phone without access learns nothing of the content. The content never changes, so it can be compared before the change.
  const mayAnswer = asked && (phone === undefined || asked.userIds.includes(phone.userId));
  if (mayAnswer && contentSha256 !== undefined && contentSha256 !== asked.contentSha256) throw new PairingError("approval_changed");
  const about = {
    approval_id: approvalId,
    via: decidedBy.kind,
    ...(asked ? { content_sha256: asked.contentSha256 } : {}),
    ...(phone ? { user_id: phone.userId, device_id: phone.deviceId } : {}),
    ...caller,
  };
  const decided = (reason: Approval["status"]): AuditEntry => ({ event: "approval_decided", reason, ...about });
  const settled = await settle(deps, now, {
    approvalId,
    status,
    ...(phone ? { phone } : {}),
    decidedBy,
    ...(comment === undefined || comment === "" ? {} : { comment: shownText(comment) }),
    matching: {
      number,
      most: MAX_WRONG_NUMBERS,
      audit: { wrong: [{ event: "number_failed", ...about }], rejected: [decided("rejected")] },
    },
    audit: [decided(status)],
  });
  if (settled.status === status) return settled;
  if (settled.status === "expired") throw new PairingError("approval_expired");
  if (settled.status === "cancelled") throw new PairingError("approval_cancelled");
  throw alreadyDecided(settled);
}

function decidedByOf(by: Device | AtComputer): DecidedBy {
  if (typeof by === "string") return { kind: by };
  const { userId, deviceId, deviceName } = by;
  return { kind: "phone", userId, deviceId, deviceName };
}

/** The requester cancels. A settled approval is unchanged, and only a decision rejects it. */
export async function cancelApproval(deps: Deps, approvalId: string, caller: Caller): Promise<Approval> {
  const now = deps.clock.now();
  const settled = await settle(deps, now, {
    approvalId,
    status: "cancelled",
    audit: [{ event: "approval_decided", approval_id: approvalId, reason: "cancelled", ...caller }],
  });
  if (settled.status === "approved" || settled.status === "rejected") {
    throw alreadyDecided(settled);
  }
  return settled;
}

/** Stores expiries, so that every screen is notified. Returns the count. */
export async function expireApprovals(deps: Deps): Promise<number> {
  const now = deps.clock.now();
  const due = await deps.store.listDueApprovals(now);
  for (const approvalId of due) await expireApproval(deps, approvalId, now);
  return due.length;
}

/** Returns the approval after the change. */
async function settle(deps: Deps, now: Instant, change: Omit<SettleApproval, "message" | "at">): Promise<Approval> {
  const settled = await store(deps, now, { ...change, at: deps.clock.now });
  if (settled.kind === "no-access") throw new PairingError("token_revoked");
  if (settled.kind === "low-level") throw new PairingError("forbidden_level", { params: { reason: "answer" } });
  if (settled.kind === "no-number") throw new PairingError("number_mismatch", { params: { reason: "missing" } });
  if (settled.kind === "wrong-number")
    throw new PairingError("number_mismatch", settled.approval.status === "rejected" ? { params: { reason: "rejected" } } : {});
  if (!settled.approval) throw new PairingError("approval_not_found");
  return settled.approval;
}

/** Stores the change with the message about it. */
async function store(deps: Omit<Deps, "clock">, now: Instant, change: Omit<SettleApproval, "message">): Promise<Settled> {
  const settled = await deps.store.settleApproval({
    ...change,
    message: {
      messageId: deps.random.token(16),
      content: { type: "approval_settled", approvalId: change.approvalId },
      sentAt: now,
      expiresAt: now + MESSAGE_DAYS * DAY,
    },
  });
  if (settled.kind === "settled" || settled.kind === "wrong-number") {
    deps.inboxSignals.emit(settled.recipients);
    deps.changeEvents.emit("approvals");
  }
  return settled;
}

/** In UTC, which is unambiguous for readers in any time zone. */
function alreadyDecided({ status, decidedBy, settledAt }: Approval): PairingError {
  const reason = status === "approved" ? "approved" : "rejected";
  if (!decidedBy || settledAt === undefined) return new PairingError("already_decided", { params: { reason } });
  const at = isoSeconds(settledAt).replace("T", " ").replace("Z", " UTC");
  return new PairingError("already_decided", {
    params:
      decidedBy.kind === "phone"
        ? { reason: `${reason}_on_phone`, device: decidedBy.deviceName, at }
        : { reason: `${reason}_on_computer`, at },
  });
}

/** Stores the expiry of an unanswered approval. Does nothing if it was answered. */
export async function expireApproval(deps: Omit<Deps, "clock">, approvalId: string, at: Instant): Promise<void> {
  const audit = [{ event: "approval_decided" as const, approval_id: approvalId, reason: "expired" }];
  await store(deps, at, { approvalId, status: "expired", at: () => at, audit });
}
