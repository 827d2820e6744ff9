import { present } from "../../base/present.ts";
import type { AuditEntry } from "../audit.ts";
import type { Device } from "../devices/device.ts";
import type { TextMessage } from "../messages/text-message.ts";
import { resendWaitEnd } from "../pairing/resend-wait.ts";
import { type PairingSession, statusOf } from "../pairing/session.ts";
import type {
  AcceptChange,
  Accepted,
  Added,
  AddInvite,
  Change,
  Ended,
  EndInvite,
  OtpTried,
  Renewed,
  RenewInvite,
  TryOtp,
} from "../ports.ts";
import type { Instant } from "../time.ts";
import { revokedSession } from "./devices.ts";
import { endedClaims, withoutClaims } from "./ended-claims.ts";
import { type Decision, type Draft, revokedToken } from "./rows.ts";
import { budgetWaitEnd } from "./sms-budget.ts";

/** A program that asks for more is out of control: each invite waits for a phone, and takes memory until it expires. */
const MAX_PENDING_INVITES = 10_000;

export const addInvite: Decision<AddInvite, Added> = {
  rows: ({ session: { codeHash, sessionId }, text, budget, at }) => ({
    sessions: [codeHash],
    sessionIds: [sessionId],
    pendingInvites: at,
    ...(text && budget ? { sends: { text, budget, at } } : {}),
  }),
  decide(draft, { session, text, budget, at, audit }) {
    if (draft.session(session.codeHash) || draft.sessionById(session.sessionId)) {
      throw new Error("A session with this code or id exists already: the source of random numbers repeats itself.");
    }
    if (session.status === "pending" && draft.countPending(at) >= MAX_PENDING_INVITES)
      return { kind: "too-many", retryAt: draft.nextExpiry(at) };
    const retryAt = text && budget && budgetWaitEnd(draft.sendTimes(text), at, budget);
    if (retryAt !== undefined) return { kind: "over-budget", retryAt };
    draft.commit({ at, audit, sessions: [session], ...(text ? { texts: [text] } : {}) });
    return { kind: "added" };
  },
};

export const acceptInvite: Decision<AcceptChange, Accepted> = {
  rows: ({ codeHash, device }) => ({ sessions: [codeHash], devices: [device] }),
  decide(draft, { codeHash, device, receipt, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    if (!found || statusOf(found, at) !== "pending") return { kind: "refused", session: found };
    const before = draft.device(device);
    if (device.confirmed === false && before && before.status !== "revoked" && before.confirmed !== false)
      return { kind: "taken", session: found };
    // A phone that waited for its digits, before they were no longer asked for, must not get this one's token.
    const ended = endedClaims(found, at, "other_phone");
    return commitAccepted(draft, { ...withoutClaims(found), ...present({ receipt }) }, { device, at, audit: [...audit, ...ended] });
  },
};

/** The invite is accepted by this device, which takes the place of one that was paired before under its id. */
export function commitAccepted(draft: Draft, found: PairingSession, { device, at, audit }: Change & { readonly device: Device }): Accepted {
  const session: PairingSession = { ...found, status: "accepted", acceptedAt: at, deviceId: device.deviceId, jti: device.jti };
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
}

export const tryOtp: Decision<TryOtp, OtpTried> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, otpHash, most, at: clock, audit }) {
    const found = draft.session(codeHash);
    const at = clock();
    if (!found || statusOf(found, at) !== "pending") return { kind: "refused", session: found };
    if (!found.otp || found.otp.hash === otpHash) return { kind: "right" };
    const wrong = found.otp.wrong + 1;
    const otp = { ...found.otp, wrong };
    const session: PairingSession =
      wrong < most ? { ...found, otp } : { ...withoutClaims(found), otp, status: "cancelled", cancelReason: "wrong_otp" };
    const ended = wrong < most ? [] : endedClaims(found, at, "invite_cancelled");
    draft.commit({ at, audit: [...audit, ...ended], sessions: [session] });
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
    const session: PairingSession = { ...withoutClaims(found), status: "cancelled", ...present({ cancelReason: reason }) };
    draft.commit({ at, audit: [...audit, ...endedClaims(found, at, "invite_cancelled")], sessions: [session] });
    return { session, changed: true };
  },
};

export const renewInvite: Decision<RenewInvite, Renewed> = {
  rows: ({ codeHash, budget, at }) => ({ sessions: [codeHash], pendingInvites: at, sends: { budget, at } }),
  decide(draft, { codeHash, expiresAt, budget, waits, baseUrl, at, audit }) {
    const before = draft.session(codeHash);
    const sent = before?.textId === undefined ? undefined : draft.text(before.textId);
    if (!sent || (before?.status !== "pending" && before?.status !== "expired")) return { kind: "refused", session: before };
    if (statusOf(before, at) !== "pending" && draft.countPending(at) >= MAX_PENDING_INVITES)
      return { kind: "too-many", retryAt: draft.nextExpiry(at) };
    const retryAt = budgetWaitEnd(draft.sendTimes(sent), at, budget);
    const arrivedBy = resendWaitEnd(sent, waits, at);
    // The later of the two moments is the one to wait for.
    if (retryAt !== undefined && retryAt >= (arrivedBy ?? 0)) return { kind: "over-budget", retryAt };
    if (arrivedBy !== undefined) return { kind: "too-soon", retryAt: arrivedBy };
    const text: TextMessage = { ...withoutDelivery(sent), baseUrl, sends: [...sent.sends, at] };
    const session: PairingSession = { ...before, status: "pending", expiresAt, baseUrl };
    draft.commit({ at, audit, sessions: [session], texts: [text] });
    return { kind: "renewed", session, text, before };
  },
};

/** The delivery of the last send says nothing about the next one's. */
function withoutDelivery({ delivery: _, ...text }: TextMessage): TextMessage {
  return text;
}

export const noteOpened: Decision<{ readonly codeHash: string; readonly at: Instant }, boolean> = {
  rows: ({ codeHash }) => ({ sessions: [codeHash] }),
  decide(draft, { codeHash, at }) {
    const found = draft.session(codeHash);
    if (found?.status !== "pending" || found.openedAt !== undefined) return false;
    draft.commit({ at, audit: [], sessions: [{ ...found, openedAt: at }] });
    return true;
  },
};

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
