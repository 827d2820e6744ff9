import { present } from "../../base/present.ts";
import type { AuditEntry } from "../audit.ts";
import { type Device, deviceKey } from "../devices/device.ts";
import { hasLevel, type Level } from "../devices/level.ts";
import type { AddApproval, AddedApproval, MatchNumber, NoteReceipt, SendMessage, SettleApproval, Settled } from "../ports.ts";
import { type Approval, approvalStatus, type NumberMatch } from "../remote/approval.ts";
import { approvalBytes } from "../remote/approval-caps.ts";
import { deliveredUpTo, type Recipient } from "../remote/outbox.ts";
import type { Instant } from "../time.ts";
import type { Decision, Draft } from "./rows.ts";

type Phone = Pick<Device, "userId" | "deviceId">;

/** The result of a command is named after it, and sent again by another server where it is not known whether it was stored. */
export const sendMessage: Decision<SendMessage, readonly Recipient[]> = {
  rows: ({ message, to }) => ({ devices: to, ...(message.content.type === "command_result" ? { message: message.messageId } : {}) }),
  decide(draft, { message, to, at, audit }) {
    const stored = message.content.type === "command_result" ? draft.message(message.messageId) : undefined;
    if (stored) return stored.to;
    const recipients = numbered(draft, to, "view");
    if (recipients.length > 0) draft.commit({ at, audit, messages: [{ ...message, to: recipients }] });
    return recipients;
  },
};

export const noteReceipt: Decision<NoteReceipt, boolean> = {
  rows: ({ userId, deviceId, receipt }) => ({
    devices: [{ userId, deviceId }],
    ...(receipt.kind === "read" ? { message: receipt.messageId } : {}),
  }),
  decide(draft, { userId, deviceId, receipt, at, audit }) {
    const inbox = draft.inbox({ userId, deviceId });
    if (receipt.kind === "delivered") {
      const seq = Math.min(receipt.seq, inbox.lastSeq);
      if (seq <= deliveredUpTo(inbox)) return false;
      draft.commit({ at, audit, inboxes: [{ userId, deviceId, kind: "delivered", seq, at }] });
      return true;
    }
    const to = draft.message(receipt.messageId)?.to;
    const own = to?.find((recipient) => deviceKey(recipient) === deviceKey({ userId, deviceId }));
    if (!own || inbox.reads.some(({ seq }) => seq === own.seq)) return false;
    draft.commit({ at, audit, inboxes: [{ userId, deviceId, kind: "read", seq: own.seq, at }] });
    return true;
  },
};

export const addApproval: Decision<AddApproval, AddedApproval> = {
  rows: ({ to }) => ({ devices: to, pendingApprovalsOf: usersOf(to) }),
  decide(draft, { approval, message, to, caps, at, audit }) {
    const recipients = numbered(draft, to, "answer");
    if (recipients.length === 0) return { kind: "added", to: [] };
    const userIds = usersOf(recipients);
    const pending = draft.pendingApprovals().filter(({ expiresAt }) => at < expiresAt);
    for (const userId of userIds) {
      const own = pending.filter((other) => other.userIds.includes(userId));
      const bytes = own.reduce((sum, other) => sum + approvalBytes(other), approvalBytes(approval));
      if (own.length > 0 && (own.length >= caps.pendingPerUser || bytes > caps.bytesPerUser))
        return { kind: "too-many", retryAt: Math.min(...own.map(({ expiresAt }) => expiresAt)) };
    }
    draft.commit({ at, audit, approvals: [{ ...approval, userIds }], messages: [{ ...message, to: recipients }] });
    return { kind: "added", to: recipients };
  },
};

export const settleApproval: Decision<SettleApproval, Settled> = {
  rows: ({ approvalId, phone }) => ({ approval: approvalId, ...(phone ? { devices: [phone] } : {}) }),
  decide(draft, change) {
    const { approvalId, status, phone, matching } = change;
    const found = draft.approval(approvalId);
    const at = change.at();
    if (phone) {
      const row = draft.device(phone);
      if (row?.status !== "active" || row.jti !== phone.jti) return { kind: "no-access" };
      if (!hasLevel(row, "answer")) return { kind: "low-level" };
      if (!found?.userIds.includes(phone.userId)) return { kind: "refused", approval: undefined };
    }
    if (found?.status !== "pending" || (approvalStatus(found, at) === "expired") !== (status === "expired"))
      return { kind: "refused", approval: found };
    if (phone && status === "approved" && found.match) {
      if (matching?.number === undefined) return { kind: "no-number" };
      if (matching.number !== found.match.number) return noteWrongNumber(draft, change, matching, found, found.match, at);
    }
    return { kind: "settled", ...commitSettled(draft, change, found, { status, comment: change.comment, audit: change.audit, at }) };
  },
};

/** The last one that is accepted rejects the approval. */
function noteWrongNumber(
  draft: Draft,
  change: SettleApproval,
  { most, audit }: MatchNumber,
  found: Approval,
  match: NumberMatch,
  at: Instant,
): Settled {
  const approval: Approval = { ...found, match: { ...match, wrong: match.wrong + 1 } };
  if (match.wrong + 1 < most) {
    draft.commit({ at, audit: audit.wrong, approvals: [approval] });
    return { kind: "wrong-number", approval, recipients: [] };
  }
  const rejected = { status: "rejected", audit: [...audit.wrong, ...audit.rejected], at } as const;
  return { kind: "wrong-number", ...commitSettled(draft, change, approval, rejected) };
}

function commitSettled(
  draft: Draft,
  { decidedBy, message }: Pick<SettleApproval, "decidedBy" | "message">,
  found: Approval,
  {
    status,
    comment,
    audit,
    at,
  }: Pick<SettleApproval, "status" | "audit"> & { readonly comment?: string | undefined; readonly at: Instant },
): { readonly approval: Approval; readonly recipients: readonly Recipient[] } {
  const approval: Approval = { ...found, status, settledAt: at, ...present({ decidedBy, comment }) };
  const recipients = numbered(
    draft,
    found.userIds.flatMap((userId) => draft.activeDevices(userId)),
    "answer",
  );
  draft.commit({ at, audit, approvals: [approval], ...(recipients.length > 0 ? { messages: [{ ...message, to: recipients }] } : {}) });
  return { approval, recipients };
}

export const appendAudit: Decision<{ readonly at: Instant; readonly entry: AuditEntry }, void> = {
  rows: () => ({}),
  decide: (draft, { at, entry }) => draft.commit({ at, audit: [entry] }),
};

/** Those that are active and confirmed now and have this level, each with its next number. */
function numbered(draft: Draft, phones: readonly Phone[], least: Level): readonly Recipient[] {
  return phones
    .filter((phone) => {
      const row = draft.device(phone);
      return row?.status === "active" && row.confirmed !== false && hasLevel(row, least);
    })
    .map(({ userId, deviceId }) => ({ userId, deviceId, seq: draft.nextSeq({ userId, deviceId }) }));
}

function usersOf(phones: readonly Phone[]): readonly string[] {
  return [...new Set(phones.map(({ userId }) => userId))];
}
