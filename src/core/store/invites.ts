import type { AuditEntry } from "../audit.ts";
import { isChangeEvent } from "../pairing/delivery.ts";
import { resendWaitEnd } from "../pairing/resend-wait.ts";
import { type PairingSession, statusOf } from "../pairing/session.ts";
import type {
  AcceptChange,
  Accepted,
  Added,
  AddInvite,
  Ended,
  EndInvite,
  NoteDelivery,
  OtpTried,
  Renewed,
  RenewInvite,
  TryOtp,
} from "../ports.ts";
import type { Instant } from "../time.ts";
import { revokedSession } from "./devices.ts";
import { type Decision, revokedToken } from "./rows.ts";
import { budgetWaitEnd } from "./sms-budget.ts";

/** A program that asks for more is out of control: each invite waits for a phone, and takes memory until it expires. */
const MAX_PENDING_INVITES = 10_000;

export const addInvite: Decision<AddInvite, Added> = {
  rows: ({ session: { codeHash, sessionId, phoneNumber } }) => ({
    sessions: [codeHash],
    sessionIds: [sessionId],
    pendingInvites: true,
    sendsTo: [phoneNumber],
  }),
  decide(draft, { session, budget, at, audit }) {
    if (draft.session(session.codeHash) || draft.sessionById(session.sessionId)) {
      throw new Error("A session with this code or id exists already: the source of random numbers repeats itself.");
    }
    if (session.status === "pending" && draft.countPending(at) >= MAX_PENDING_INVITES)
      return { kind: "too-many", retryAt: draft.nextExpiry(at) };
    const retryAt = budget && budgetWaitEnd(draft.sendTimes(session), at, budget);
    if (retryAt !== undefined) return { kind: "over-budget", retryAt };
    draft.commit({ at, audit, sessions: [session] });
    return { kind: "added" };
  },
};

export const acceptInvite: Decision<AcceptChange, Accepted> = {
  rows: ({ codeHash, device }) => ({ sessions: [codeHash], devices: [device] }),
  decide(draft, { codeHash, device, receipt, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    if (!found || statusOf(found, at) !== "pending") return { kind: "refused", session: found };
    const session: PairingSession = {
      ...found,
      status: "accepted",
      acceptedAt: at,
      deviceId: device.deviceId,
      jti: device.jti,
      ...(receipt ? { receipt } : {}),
    };
    const before = draft.device(device);
    if (!before || before.status === "revoked") {
      draft.commit({ at, audit, sessions: [session], devices: [device] });
      return { kind: "accepted", session };
    }
    const replaced: AuditEntry = {
      event: "revoke_device",
      reason: "paired_again",
      session_id: before.sessionId,
      user_id: before.userId,
      device_id: before.deviceId,
    };
    draft.commit({
      at,
      audit: [...audit, replaced],
      sessions: [session, ...revokedSession(draft, before, at)],
      devices: [device],
      revoked: [revokedToken(before)],
    });
    return { kind: "accepted", session, replacedTokenId: before.jti };
  },
};

export const tryOtp: Decision<TryOtp, OtpTried> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, otpHash, most, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    if (!found || statusOf(found, at) !== "pending") return { kind: "refused", session: found };
    if (!found.otp || found.otp.hash === otpHash) return { kind: "right" };
    const wrong = found.otp.wrong + 1;
    const session: PairingSession = {
      ...found,
      otp: { ...found.otp, wrong },
      ...(wrong >= most ? { status: "cancelled", cancelReason: "wrong_otp" } : {}),
    };
    draft.commit({ at, audit, sessions: [session] });
    return { kind: "wrong", session };
  },
};

export const cancelInvite: Decision<EndInvite, Ended> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, reason, onlyInTime, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    if (onlyInTime && found && statusOf(found, at) !== "pending") return { session: found, changed: false };
    if (found?.status !== "pending" && found?.status !== "expired") return { session: found, changed: false };
    const session: PairingSession = { ...found, status: "cancelled", ...(reason === undefined ? {} : { cancelReason: reason }) };
    draft.commit({ at, audit, sessions: [session] });
    return { session, changed: true };
  },
};

export const renewInvite: Decision<RenewInvite, Renewed> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash], pendingInvites: true }),
  decide(draft, { codeHash, expiresAt, budget, waits, baseUrl, at, audit }) {
    const before = draft.session(codeHash);
    if (before?.status !== "pending" && before?.status !== "expired") return { kind: "refused", session: before };
    if (statusOf(before, at) !== "pending" && draft.countPending(at) >= MAX_PENDING_INVITES)
      return { kind: "too-many", retryAt: draft.nextExpiry(at) };
    const retryAt = budgetWaitEnd(draft.sendTimes(before), at, budget);
    const arrivedBy = resendWaitEnd(before, waits, at);
    // The later of the two moments is the one to wait for.
    if (retryAt !== undefined && retryAt >= (arrivedBy ?? 0)) return { kind: "over-budget", retryAt };
    if (arrivedBy !== undefined) return { kind: "too-soon", retryAt: arrivedBy };
    const session: PairingSession = { ...withoutDelivery(before), status: "pending", expiresAt, baseUrl, sentAt: [...before.sentAt, at] };
    draft.commit({ at, audit, sessions: [session] });
    return { kind: "renewed", session, before };
  },
};

/** The delivery of the last message says nothing about the next one's. */
function withoutDelivery({ delivery: _, ...session }: PairingSession): PairingSession {
  return session;
}

export const noteDelivery: Decision<NoteDelivery, boolean> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, send, delivery, outcome, at, audit }) {
    const found = draft.session(codeHash);
    const isNew = found?.sentAt.length === send && isChangeEvent(delivery, found.delivery);
    if (!found || !(isNew || outcome)) return false;
    draft.commit({ at, audit, sessions: [{ ...found, ...afterSending(found, outcome), ...(isNew ? { delivery } : {}) }] });
    return isNew;
  },
};

export const noteOpened: Decision<{ readonly codeHash: string; readonly at: Instant }, boolean> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, at }) {
    const found = draft.session(codeHash);
    if (found?.status !== "pending" || found.openedAt !== undefined) return false;
    draft.commit({ at, audit: [], sessions: [{ ...found, openedAt: at }] });
    return true;
  },
};

/** An invite that was accepted, cancelled or sent again in the meantime is left as it is. */
function afterSending(found: PairingSession, outcome: NoteDelivery["outcome"]): Partial<PairingSession> {
  if (!outcome || found.status !== "pending") return {};
  if (outcome.kind === "cancel") return { status: "cancelled", cancelReason: "send_failed" };
  const { before } = outcome;
  if (found.sentAt.length !== before.sentAt.length + 1) return {};
  return { status: before.status, expiresAt: before.expiresAt, baseUrl: before.baseUrl };
}

/** Marks those of the named sessions whose time has come. Answers how many these were. */
export const expireSessions: Decision<{ readonly codeHashes: readonly string[]; readonly at: Instant }, number> = {
  rows: ({ codeHashes }) => ({ sessions: codeHashes }),
  decide(draft, { codeHashes, at }) {
    let expired = 0;
    for (const codeHash of codeHashes) {
      const found = draft.session(codeHash);
      if (found?.status !== "pending" || at < found.expiresAt) continue;
      const line: AuditEntry = { event: "invite_expired", session_id: found.sessionId, user_id: found.userId };
      draft.commit({ at, audit: [line], sessions: [{ ...found, status: "expired" }] });
      expired += 1;
    }
    return expired;
  },
};
