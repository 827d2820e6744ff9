import {
  type AddApproval,
  type AddedApproval,
  type Approval,
  approvalBytes,
  approvalStatus,
  type Device,
  deliveredUpTo,
  deviceKey,
  type NoteReceipt,
  type OutboxMessage,
  type Recipient,
  type SendMessage,
  type SettleApproval,
  type Settled,
} from "../../core/index.ts";
import type { Draft } from "./ledger.ts";

/** The changes of the port that concern messages and approvals, as decisions on a draft. */

export function sendMessage(draft: Draft, { message, to, at, audit }: SendMessage): readonly Recipient[] {
  const recipients = addressed(draft, to);
  if (recipients.length > 0) draft.commit({ at, audit, messages: [{ ...message, to: recipients }] });
  return recipients;
}

export function noteReceipt(
  draft: Draft,
  find: (messageId: string) => OutboxMessage | undefined,
  { userId, deviceId, receipt, at, audit }: NoteReceipt,
): boolean {
  const inbox = draft.inbox({ userId, deviceId });
  if (receipt.kind === "delivered") {
    const seq = Math.min(receipt.seq, inbox.lastSeq);
    if (seq <= deliveredUpTo(inbox)) return false;
    draft.commit({ at, audit, inboxes: [{ userId, deviceId, kind: "delivered", seq, at }] });
    return true;
  }
  const own = find(receipt.messageId)?.to.find((recipient) => deviceKey(recipient) === deviceKey({ userId, deviceId }));
  if (!own || inbox.reads.some(({ seq }) => seq === own.seq)) return false;
  draft.commit({ at, audit, inboxes: [{ userId, deviceId, kind: "read", seq: own.seq, at }] });
  return true;
}

export function addApproval(draft: Draft, { approval, message, to, caps, at, audit }: AddApproval): AddedApproval {
  const recipients = addressed(draft, to);
  if (recipients.length === 0) return { kind: "added", to: [] };
  const userIds = [...new Set(recipients.map(({ userId }) => userId))];
  const pending = draft.pendingApprovals().filter(({ expiresAt }) => at < expiresAt);
  for (const userId of userIds) {
    const own = pending.filter((other) => other.userIds.includes(userId));
    const bytes = own.reduce((sum, other) => sum + approvalBytes(other), approvalBytes(approval));
    if (own.length > 0 && (own.length >= caps.pendingPerUser || bytes > caps.bytesPerUser))
      return { kind: "too-many", retryAt: Math.min(...own.map(({ expiresAt }) => expiresAt)) };
  }
  draft.commit({ at, audit, approvals: [{ ...approval, userIds }], messages: [{ ...message, to: recipients }] });
  return { kind: "added", to: recipients };
}

export function settleApproval(
  draft: Draft,
  activePhones: (userIds: readonly string[]) => readonly Device[],
  { approvalId, status, phone, decidedBy, comment, message, at: clock, audit }: SettleApproval,
): Settled {
  const at = clock();
  const found = draft.approval(approvalId);
  if (phone) {
    const row = draft.device(deviceKey(phone));
    if (row?.status !== "active" || row.jti !== phone.jti) return { kind: "no-access" };
    if (!found?.userIds.includes(phone.userId)) return { kind: "refused", approval: undefined };
  }
  if (found?.status !== "pending" || (approvalStatus(found, at) === "expired") !== (status === "expired"))
    return { kind: "refused", approval: found };
  const approval: Approval = {
    ...found,
    status,
    settledAt: at,
    ...(decidedBy ? { decidedBy } : {}),
    ...(comment === undefined ? {} : { comment }),
  };
  const recipients = addressed(draft, activePhones(found.userIds));
  draft.commit({ at, audit, approvals: [approval], ...(recipients.length > 0 ? { messages: [{ ...message, to: recipients }] } : {}) });
  return { kind: "settled", approval, recipients };
}

/** Those that are active now, each with its next number. */
function addressed(draft: Draft, phones: readonly Pick<Device, "userId" | "deviceId">[]): readonly Recipient[] {
  return phones
    .filter((phone) => draft.device(deviceKey(phone))?.status === "active")
    .map(({ userId, deviceId }) => ({ userId, deviceId, seq: draft.nextSeq({ userId, deviceId }) }));
}
