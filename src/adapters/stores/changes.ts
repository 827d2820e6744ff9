import {
  type AcceptChange,
  type Accepted,
  type Added,
  type AddInvite,
  type AuditEntry,
  DAY,
  type Device,
  deviceKey,
  type Ended,
  type EndInvite,
  type Forget,
  type Forgotten,
  type Instant,
  isChangeEvent,
  type KeepHandoff,
  type KeepSubscription,
  type NoteDelivery,
  type OtpTried,
  type PairingSession,
  type Renewed,
  type RenewInvite,
  type RevokeDevice,
  resendWaitEnd,
  statusOf,
  type TakeHandoff,
  type TryOtp,
  type UpdateDevice,
} from "../../core/index.ts";
import { type Draft, revokedToken } from "./ledger.ts";

/** Who asks for more has lost control of a program: each waits for a phone, and takes memory until it expires. */
const MAX_PENDING_INVITES = 10_000;

/** The changes of the port as decisions on a draft. Each sees what was decided before it, so of two that race one wins. */

export function addInvite(draft: Draft, { session, budget, at, audit }: AddInvite): Added {
  if (draft.session(session.codeHash) || draft.sessionById(session.sessionId)) {
    throw new Error("A session with this code or id exists already: the source of random numbers repeats itself.");
  }
  if (session.status === "pending" && draft.countPending(at) >= MAX_PENDING_INVITES)
    return { kind: "too-many", retryAt: draft.nextExpiry(at) };
  const retryAt = budget && draft.sendsOf(session).blockedUntil(session.phoneNumber, at, budget);
  if (retryAt !== undefined) return { kind: "over-budget", retryAt };
  draft.commit({ at, audit, sessions: [session] });
  return { kind: "added" };
}

export function acceptInvite(draft: Draft, { codeHash, device, receipt, at: clock, audit }: AcceptChange): Accepted {
  const at = clock();
  const found = draft.session(codeHash);
  if (!found || statusOf(found, at) !== "pending") return { kind: "refused", session: found };
  const session: PairingSession = {
    ...found,
    status: "accepted",
    acceptedAt: at,
    deviceId: device.deviceId,
    jti: device.jti,
    ...(receipt ? { receipt } : {}),
  };
  const former = draft.device(deviceKey(device));
  const replaced = former && former.status !== "revoked" ? former : undefined;
  const replacedLine: AuditEntry[] = replaced
    ? [
        {
          event: "revoke_device",
          reason: "paired_again",
          session_id: replaced.sessionId,
          user_id: replaced.userId,
          device_id: replaced.deviceId,
        },
      ]
    : [];
  draft.commit({
    at,
    audit: [...audit, ...replacedLine],
    sessions: [session, ...revokedSession(draft, replaced, at)],
    devices: [device],
    ...(replaced ? { revoked: [revokedToken(replaced)] } : {}),
  });
  return { kind: "accepted", session, ...(replaced ? { replacedTokenId: replaced.jti } : {}) };
}

export function tryOtp(draft: Draft, { codeHash, otpHash, most, at: clock, audit }: TryOtp): OtpTried {
  const at = clock();
  const found = draft.session(codeHash);
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
}

export function cancelInvite(draft: Draft, { codeHash, reason, onlyInTime, at: clock, audit }: EndInvite): Ended {
  const at = clock();
  const found = draft.session(codeHash);
  if (onlyInTime && found && statusOf(found, at) !== "pending") return { session: found, changed: false };
  if (found?.status !== "pending" && found?.status !== "expired") return { session: found, changed: false };
  const session: PairingSession = { ...found, status: "cancelled", ...(reason === undefined ? {} : { cancelReason: reason }) };
  draft.commit({ at, audit, sessions: [session] });
  return { session, changed: true };
}

export function renewInvite(draft: Draft, { codeHash, expiresAt, budget, waits, baseUrl, at, audit }: RenewInvite): Renewed {
  const before = draft.session(codeHash);
  if (before?.status !== "pending" && before?.status !== "expired") return { kind: "refused", session: before };
  if (statusOf(before, at) !== "pending" && draft.countPending(at) >= MAX_PENDING_INVITES)
    return { kind: "too-many", retryAt: draft.nextExpiry(at) };
  const retryAt = draft.sendsOf(before).blockedUntil(before.phoneNumber, at, budget);
  const arrivedBy = resendWaitEnd(before, waits, at);
  // Whoever waits for the later of the two waits for both.
  if (retryAt !== undefined && retryAt >= (arrivedBy ?? 0)) return { kind: "over-budget", retryAt };
  if (arrivedBy !== undefined) return { kind: "too-soon", retryAt: arrivedBy };
  // What is known of the last message's way says nothing about this one's.
  const { delivery, ...kept } = before;
  const session: PairingSession = {
    ...(delivery === undefined ? before : kept),
    status: "pending",
    expiresAt,
    baseUrl,
    sentAt: [...before.sentAt, at],
  };
  draft.commit({ at, audit, sessions: [session] });
  return { kind: "renewed", session, before };
}

export function noteDelivery(draft: Draft, { codeHash, send, delivery, outcome, at, audit }: NoteDelivery): boolean {
  const found = draft.session(codeHash);
  const news = found?.sentAt.length === send && isChangeEvent(delivery, found.delivery);
  if (!found || !(news || outcome)) return false;
  draft.commit({ at, audit, sessions: [{ ...found, ...afterSending(found, outcome), ...(news ? { delivery } : {}) }] });
  return news;
}

export function noteOpened(draft: Draft, codeHash: string, at: Instant): boolean {
  const found = draft.session(codeHash);
  if (found?.status !== "pending" || found.openedAt !== undefined) return false;
  draft.commit({ at, audit: [], sessions: [{ ...found, openedAt: at }] });
  return true;
}

/** An invite that was accepted, cancelled or sent again in the meantime is left as it is. */
function afterSending(found: PairingSession, outcome: NoteDelivery["outcome"]): Partial<PairingSession> {
  if (!outcome || found.status !== "pending") return {};
  if (outcome.kind === "cancel") return { status: "cancelled", cancelReason: "send_failed" };
  const { before } = outcome;
  if (found.sentAt.length !== before.sentAt.length + 1) return {};
  return { status: before.status, expiresAt: before.expiresAt, baseUrl: before.baseUrl };
}

/** Marks those of the named sessions whose time has come. */
export function expireSessions(draft: Draft, codeHashes: readonly string[], at: Instant): number {
  let expired = 0;
  for (const codeHash of codeHashes) {
    const found = draft.session(codeHash);
    if (found?.status !== "pending" || at < found.expiresAt) continue;
    const line: AuditEntry = { event: "invite_expired", session_id: found.sessionId, user_id: found.userId };
    draft.commit({ at, audit: [line], sessions: [{ ...found, status: "expired" }] });
    expired += 1;
  }
  return expired;
}

export function updateDevice(draft: Draft, { userId, deviceId, set, at, audit }: UpdateDevice): Device | undefined {
  const found = draft.device(deviceKey({ userId, deviceId }));
  if (!found || found.status === "revoked") return undefined;
  const device: Device = {
    ...found,
    ...(set.deviceName === undefined ? {} : { deviceName: set.deviceName }),
    ...(set.status === undefined ? {} : { status: set.status }),
  };
  draft.commit({ at, audit, devices: [device] });
  return device;
}

export function revokeDevice(draft: Draft, { userId, deviceId, at, audit }: RevokeDevice): Device | undefined {
  const found = draft.device(deviceKey({ userId, deviceId }));
  if (!found || found.status === "revoked") return undefined;
  const device: Device = { ...withoutHandoff(withoutPush(found)), status: "revoked", revokedAt: at };
  const { lastSeq } = draft.inbox(found);
  draft.commit({
    at,
    audit,
    sessions: revokedSession(draft, found, at),
    devices: [device],
    revoked: [revokedToken(found)],
    // Whoever is paired under this id later reads nothing that was meant for this one.
    ...(lastSeq > 0 ? { inboxes: [{ userId, deviceId, kind: "gone", seq: lastSeq, at }] } : {}),
  });
  return device;
}

export function forget(draft: Draft, { devices, sessions, retentionNow, at, audit }: Forget): Forgotten {
  const revoked = devices
    .map((device) => draft.device(deviceKey(device)))
    .filter((device): device is Device => device?.status === "revoked")
    .map((device) => ({ ...withoutHandoff(withoutPush(device)), forgotten: true as const }));
  const over = sessions
    .map(({ codeHash }) => draft.session(codeHash))
    .filter((session): session is PairingSession => session !== undefined && isOver(session) && !mayCount(session, retentionNow))
    .map((session) => ({ ...session, forgotten: true as const }));
  const forgotten = { devices: revoked.length, sessions: over.length };
  if (revoked.length + over.length === 0) return forgotten;
  const reason = `phones: ${forgotten.devices}, invites: ${forgotten.sessions}`;
  draft.commit({ at, audit: audit.map((line) => ({ ...line, reason })), devices: revoked, sessions: over });
  return forgotten;
}

/** Nothing can come of it any more: no phone can accept it, and none that did is paired. */
function isOver({ status, revokedAt }: PairingSession): boolean {
  return status !== "pending" && (status !== "accepted" || revokedAt !== undefined);
}

/** Against the budget of text messages. */
function mayCount({ sentAt }: PairingSession, now: Instant): boolean {
  return sentAt.some((sent) => sent + DAY > now);
}

export function keepSubscription(draft: Draft, { userId, deviceId, jti, subscription, insteadOf, at, audit }: KeepSubscription): boolean {
  const key = deviceKey({ userId, deviceId });
  const found = draft.device(key);
  if (!found || found.status === "revoked" || found.jti !== jti) return false;
  if (insteadOf !== undefined && found.push?.endpoint !== insteadOf) return false;
  if (isSame(found.push, subscription)) return true;
  const sharing = subscription ? draft.devicesAt(subscription.endpoint).filter((other) => deviceKey(other) !== key) : [];
  const device = subscription ? { ...found, push: subscription } : withoutPush(found);
  draft.commit({ at, audit, devices: [device, ...sharing.map(withoutPush)] });
  return true;
}

export function keepHandoff(draft: Draft, { userId, deviceId, jti, codeHash, expiresAt, at, audit }: KeepHandoff): boolean {
  const found = draft.device(deviceKey({ userId, deviceId }));
  if (found?.status !== "active" || found.jti !== jti) return false;
  draft.commit({ at, audit, devices: [{ ...found, handoff: { codeHash, expiresAt } }] });
  return true;
}

/** `key`: of the phone that the code was made for, as far as it is on disk. */
export function takeHandoff(draft: Draft, key: string | undefined, { codeHash, keyHash, at, audit }: TakeHandoff): Device | undefined {
  const found = key === undefined ? undefined : draft.device(key);
  const handoff = found?.handoff;
  if (!found || found.status === "revoked" || handoff?.codeHash !== codeHash || at >= handoff.expiresAt) return undefined;
  if (handoff.usedBy !== undefined) return keyHash !== undefined && handoff.usedBy === keyHash ? found : undefined;
  if (found.status === "suspended") return found;
  const lines = audit.map((line) => ({ ...line, user_id: found.userId, device_id: found.deviceId }));
  const device: Device = { ...found, handoff: { ...handoff, usedBy: keyHash ?? "" } };
  draft.commit({ at, audit: lines, devices: [device] });
  return device;
}

function isSame(one: Device["push"], other: Device["push"]): boolean {
  return (
    one === other ||
    (one?.endpoint === other?.endpoint && one?.p256dh === other?.p256dh && one?.auth === other?.auth && one?.endsAt === other?.endsAt)
  );
}

function withoutPush({ push: _, ...device }: Device): Device {
  return device;
}

function withoutHandoff({ handoff: _, ...device }: Device): Device {
  return device;
}

/** The session a device came from, marked; none when it is past its retention. */
function revokedSession(draft: Draft, device: Device | undefined, revokedAt: Instant): readonly PairingSession[] {
  const session = device && draft.sessionById(device.sessionId);
  return session ? [{ ...session, revokedAt }] : [];
}
