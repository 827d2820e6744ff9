import {
  type Approval,
  type Device,
  deviceKey,
  type Instant,
  isUnconfirmed,
  type PairingSession,
  type TextMessage,
} from "../../core/index.ts";
import { seenDevice } from "../../core/store/index.ts";
import { claimsEnd, type Ledger, type LedgerChange, monthOf, newSends, sendsOf, type UnknownRecord } from "./ledger.ts";

/** For a start, which finds files and journal at different points. Counts the sends, too. */
export function restoreText(ledger: Ledger, text: TextMessage): void {
  for (const sent of newSends(text, ledger.texts.get(text.id))) sendsOf(ledger, text).add(text.to, sent);
  putText(ledger, text);
}

/** Each record in its place and in every index, the counts of text messages aside: a draft has counted those. */
export function putChange(ledger: Ledger, change: LedgerChange): void {
  for (const session of change.sessions ?? []) putSession(ledger, session);
  for (const text of change.texts ?? []) putText(ledger, text);
  for (const device of change.devices ?? []) putDevice(ledger, device);
  for (const { jti, exp } of change.revoked ?? []) ledger.revoked.set(jti, exp);
  putRemote(ledger, change);
  ledger.auditSeq = change.auditSeq;
}

/** What a change says of messages and approvals. */
export function putRemote(ledger: Ledger, change: Pick<LedgerChange, "messages" | "inboxes" | "approvals">): void {
  // First: a full inbox keeps the message that asks for one that is pending.
  for (const approval of change.approvals ?? []) putApproval(ledger, approval);
  for (const message of change.messages ?? []) ledger.outbox.put(message);
  for (const fact of change.inboxes ?? []) ledger.outbox.note(fact);
}

function putApproval(ledger: Ledger, approval: Approval): void {
  const before = ledger.approvals.get(approval.approvalId);
  if (!before) ledger.approvalsByAge.add(approval.approvalId, approval.requestedAt);
  if (before?.status === "pending") ledger.pendingApprovals.remove(before.approvalId, before.expiresAt);
  if (approval.status === "pending") ledger.pendingApprovals.add(approval.approvalId, approval.expiresAt);
  ledger.approvals.set(approval.approvalId, approval);
}

export function forgetApproval(ledger: Ledger, approvalId: string): void {
  const approval = ledger.approvals.get(approvalId);
  if (!approval) return;
  ledger.approvals.delete(approvalId);
  if (approval.status === "pending") ledger.pendingApprovals.remove(approvalId, approval.expiresAt);
  ledger.approvalsByAge.remove(approvalId, approval.requestedAt);
}

export function putSession(ledger: Ledger, session: PairingSession): void {
  const before = ledger.sessions.get(session.codeHash);
  if (session.forgotten) {
    if (before) forgetSession(ledger, before);
    return;
  }
  if (before) leaveIndexes(ledger, before);
  else ledger.sessionsByAge.add(session.codeHash, session.createdAt);
  if (session.status === "pending") ledger.pendingByExpiry.add(session.codeHash, session.expiresAt);
  ledger.sessionsByExpiry.add(session.codeHash, session.expiresAt);
  const claimed = claimsEnd(session);
  if (claimed !== undefined) ledger.claimedByEnd.add(session.codeHash, claimed);
  ledger.sessions.set(session.codeHash, session);
  if (before?.sessionId !== session.sessionId) ledger.codeHashes.set(session.sessionId, session.codeHash);
}

export function forgetSession(ledger: Ledger, session: PairingSession): void {
  if (!ledger.sessions.delete(session.codeHash)) return;
  ledger.sessionsByAge.remove(session.codeHash, session.createdAt);
  leaveIndexes(ledger, session);
  ledger.codeHashes.delete(session.sessionId);
}

/** What is found by something that changes. */
function leaveIndexes(ledger: Ledger, session: PairingSession): void {
  if (session.status === "pending") ledger.pendingByExpiry.remove(session.codeHash, session.expiresAt);
  ledger.sessionsByExpiry.remove(session.codeHash, session.expiresAt);
  const claimed = claimsEnd(session);
  if (claimed !== undefined) ledger.claimedByEnd.remove(session.codeHash, claimed);
}

function putText(ledger: Ledger, text: TextMessage): void {
  const before = ledger.texts.get(text.id);
  if (text.forgotten) {
    if (before) forgetText(ledger, before);
    return;
  }
  if (before) countMessages(ledger, before, -1);
  else if (text.purpose === "test") ledger.testsByAge.add(text.id, firstSend(text));
  countMessages(ledger, text, 1);
  ledger.texts.set(text.id, text);
  if (text.approvalId === undefined) return;
  const texts = ledger.approvalTexts.get(text.approvalId) ?? new Set();
  ledger.approvalTexts.set(text.approvalId, texts.add(text.id));
}

export function forgetText(ledger: Ledger, text: TextMessage): void {
  if (!ledger.texts.delete(text.id)) return;
  countMessages(ledger, text, -1);
  if (text.purpose === "test") ledger.testsByAge.remove(text.id, firstSend(text));
  const texts = ledger.approvalTexts.get(text.approvalId ?? "");
  if (texts?.delete(text.id) && texts.size === 0) ledger.approvalTexts.delete(text.approvalId ?? "");
}

function firstSend({ sends }: TextMessage): Instant {
  return sends[0] ?? 0;
}

/** In mock mode no delivery is noted: no provider took anything. */
function countMessages({ messageMonths }: Ledger, { delivery, sends }: TextMessage, by: 1 | -1): void {
  if (delivery === undefined) return;
  const count = (at: Instant, change: number): void => {
    messageMonths.set(monthOf(at), (messageMonths.get(monthOf(at)) ?? 0) + change);
  };
  for (const at of sends) count(at, by);
  if (delivery.state === "failed") count(delivery.at, -by);
}

export function putDevice(ledger: Ledger, device: Device): void {
  const key = deviceKey(device);
  const before = ledger.devices.get(key);
  if (device.forgotten) {
    if (before) forgetDevice(ledger, before);
    return;
  }
  if (before) ledger.deviceCounts[before.status] -= 1;
  ledger.deviceCounts[device.status] += 1;
  if (!before) ledger.deviceKeys.set(device.deviceId, [...(ledger.deviceKeys.get(device.deviceId) ?? []), key]);
  if (before && before.jti !== device.jti) {
    ledger.keysByTokenId.delete(before.jti);
    // A phone that paired anew is the newest again, also among those of the same second.
    ledger.devices.delete(key);
    ledger.devicesByAge.remove(key, before.pairedAt);
  }
  if (!ledger.devices.has(key)) ledger.devicesByAge.add(key, device.pairedAt);
  leavePush(ledger, key, before);
  if (device.push) {
    ledger.subscriptionsByEnd.add(key, device.expiresAt);
    const { endpoint } = device.push;
    ledger.endpoints.set(endpoint, (ledger.endpoints.get(endpoint) ?? new Set()).add(key));
  }
  // A phone may have been seen while this change was on its way to the disk.
  const seenSince = before?.jti === device.jti && before.lastSeen > device.lastSeen;
  ledger.devices.set(key, seenSince ? { ...device, lastSeen: before.lastSeen } : device);
  ledger.keysByTokenId.set(device.jti, key);
  if (before?.handoff && before.handoff.codeHash !== device.handoff?.codeHash) ledger.keysByHandoff.delete(before.handoff.codeHash);
  if (device.handoff) ledger.keysByHandoff.set(device.handoff.codeHash, key);
  if (isUnconfirmed(device)) ledger.unconfirmedKeys.add(key);
  else ledger.unconfirmedKeys.delete(key);
  const active = ledger.activeKeys.get(device.userId) ?? new Set();
  if (device.status === "active") ledger.activeKeys.set(device.userId, active.add(key));
  else if (active.delete(key) && active.size === 0) ledger.activeKeys.delete(device.userId);
}

function leavePush(ledger: Ledger, key: string, device: Device | undefined): void {
  if (!device?.push) return;
  ledger.subscriptionsByEnd.remove(key, device.expiresAt);
  const keys = ledger.endpoints.get(device.push.endpoint);
  if (keys?.delete(key) && keys.size === 0) ledger.endpoints.delete(device.push.endpoint);
}

/** Nothing is known of it any more but, for as long as its token would last, that this token was revoked. */
export function forgetDevice(ledger: Ledger, device: Device): void {
  const key = deviceKey(device);
  if (!ledger.devices.delete(key)) return;
  ledger.deviceCounts[device.status] -= 1;
  ledger.devicesByAge.remove(key, device.pairedAt);
  ledger.keysByTokenId.delete(device.jti);
  if (device.handoff) ledger.keysByHandoff.delete(device.handoff.codeHash);
  leavePush(ledger, key, device);
  const keys = (ledger.deviceKeys.get(device.deviceId) ?? []).filter((other) => other !== key);
  if (keys.length > 0) ledger.deviceKeys.set(device.deviceId, keys);
  else ledger.deviceKeys.delete(device.deviceId);
}

/** In the place of the one of the same kind and key. */
export function putUnknownRecord({ unknownRecords }: Ledger, record: UnknownRecord): void {
  const key = JSON.stringify([record.kind, record.key]);
  if (record.value === null) unknownRecords.delete(key);
  else unknownRecords.set(key, record);
}

/** Notes when a phone was seen. Returns whether that is new. */
export function markSeen(ledger: Ledger, device: Device, at: Instant): boolean {
  const key = deviceKey(device);
  const seen = seenDevice(ledger.devices.get(key), device, at);
  if (seen) ledger.devices.set(key, seen);
  return seen !== undefined;
}
