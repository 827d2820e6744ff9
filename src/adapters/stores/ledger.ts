import {
  type Approval,
  type AuditEntry,
  changeInbox,
  type Device,
  deviceKey,
  type Inbox,
  type InboxChange,
  type Instant,
  MINUTE,
  type OutboxMessage,
  type PairingSession,
  SECOND,
} from "../../core/index.ts";
import { auditLine } from "./one-line.ts";
import { createOutbox, inboxAfter, type Outbox } from "./outbox.ts";
import { createSmsSends, newSends, type SmsSends } from "./sms-sends.ts";
import { createTimeIndex, type TimeIndex } from "./time-index.ts";

/** The state, as reads see it: only what is as durable as the store makes it. Records are replaced, never changed in place. */
export interface Ledger {
  /** By code hash. */
  readonly sessions: Map<string, PairingSession>;
  /** Session id → code hash. */
  readonly codeHashes: Map<string, string>;
  /** Code hashes of pending sessions by when they expire: the sweep looks at nothing else. */
  readonly pendingByExpiry: TimeIndex;
  /** Code hashes by when the session expires or expired, but for text messages about approvals. */
  readonly sessionsByExpiry: TimeIndex;
  /** Start of a month, UTC → how many text messages a provider took in it. */
  readonly messageMonths: Map<Instant, number>;
  /** Code hashes by when the session was made. */
  readonly sessionsByAge: TimeIndex;
  /** By `deviceKey`. */
  readonly devices: Map<string, Device>;
  /** Device keys by when the phone was paired. */
  readonly devicesByAge: TimeIndex;
  readonly deviceCounts: Record<Device["status"], number>;
  /** Device id → the keys of all devices with it. */
  readonly deviceKeys: Map<string, readonly string[]>;
  /** Token id → device key, for the token that speaks for the device now. */
  readonly keysByTokenId: Map<string, string>;
  /** Hash of a hand-off's code → the key of the phone that it was made for. */
  readonly keysByHandoff: Map<string, string>;
  /** Address of a push service → the keys of the devices that are woken there: one, but for a moment. */
  readonly endpoints: Map<string, Set<string>>;
  /** Keys of devices that are woken by push, by when their token ends. */
  readonly subscriptionsByEnd: TimeIndex;
  /** User id → the keys of that user's active devices. */
  readonly activeKeys: Map<string, Set<string>>;
  /** Revoked token id → when the token ends, whole seconds. */
  readonly revoked: Map<string, number>;
  /** Of pairing links and tests. */
  readonly sends: SmsSends;
  /** Of approvals: they never use up what pairing may send, nor the other way round. */
  readonly approvalSends: SmsSends;
  readonly outbox: Outbox;
  /** By id, the oldest first. */
  readonly approvals: Map<string, Approval>;
  /** Id → the code hashes of the sessions that text messages about it are kept as, the oldest first. */
  readonly approvalTexts: Map<string, Set<string>>;
  /** Ids of pending ones by when they expire. */
  readonly pendingApprovals: TimeIndex;
  /** Ids by when it was asked. */
  readonly approvalsByAge: TimeIndex;
  auditSeq: number;
  /** Messages get higher numbers than this one: those up to it may be known to phones from a state that was lost. */
  usedSeq: number;
}

/** A token id that no longer counts. It is kept until the token would have ended anyway. */
export interface RevokedToken {
  readonly jti: string;
  /** Whole seconds since 1970, as in the token. */
  readonly exp: number;
}

/** Whole records to put in the place of those before them, and facts that only grow: applying a change twice is applying it once. */
export interface LedgerChange {
  readonly sessions?: readonly PairingSession[];
  readonly devices?: readonly Device[];
  readonly revoked?: readonly RevokedToken[];
  readonly messages?: readonly OutboxMessage[];
  readonly inboxes?: readonly InboxChange[];
  readonly approvals?: readonly Approval[];
  /** Finished lines, in order. */
  readonly audit: readonly string[];
  /** The number of the last audit line after this change. */
  readonly auditSeq: number;
}

/** What an operation decides. Audit entries get their time and number when it is committed. */
interface Decision extends Omit<LedgerChange, "audit" | "auditSeq"> {
  readonly at: Instant;
  readonly audit: readonly AuditEntry[];
}

/** Changes on top of a ledger that reads do not see yet. One at a time: the next is opened when this one is merged or dropped. */
export interface Draft {
  session(codeHash: string): PairingSession | undefined;
  sessionById(sessionId: string): PairingSession | undefined;
  /** How many invites can be accepted at that moment. */
  countPending(at: Instant): number;
  /** When the next of them expires. */
  nextExpiry(at: Instant): Instant;
  device(key: string): Device | undefined;
  devicesAt(endpoint: string): readonly Device[];
  inbox(phone: Pick<Device, "userId" | "deviceId">): Inbox;
  /** The number of the next message to this phone. */
  nextSeq(phone: Pick<Device, "userId" | "deviceId">): number;
  approval(approvalId: string): Approval | undefined;
  /** Whether or not their time is up. */
  pendingApprovals(): readonly Approval[];
  /** What the budget of a session's text messages is counted from. */
  sendsOf(session: PairingSession): SmsSends;
  /** All of the decision or, when it throws, none of it. */
  commit(decision: Decision): void;
  merge(): void;
  drop(): void;
}

export function createLedger(): Ledger {
  const approvals = new Map<string, Approval>();
  return {
    sessions: new Map(),
    codeHashes: new Map(),
    pendingByExpiry: createTimeIndex(),
    sessionsByExpiry: createTimeIndex(),
    messageMonths: new Map(),
    sessionsByAge: createTimeIndex(),
    devices: new Map(),
    devicesByAge: createTimeIndex(),
    deviceCounts: { active: 0, suspended: 0, revoked: 0 },
    deviceKeys: new Map(),
    keysByTokenId: new Map(),
    keysByHandoff: new Map(),
    endpoints: new Map(),
    subscriptionsByEnd: createTimeIndex(),
    activeKeys: new Map(),
    revoked: new Map(),
    sends: createSmsSends(),
    approvalSends: createSmsSends(),
    outbox: createOutbox((approvalId) => approvals.get(approvalId)?.status === "pending"),
    approvals,
    approvalTexts: new Map(),
    pendingApprovals: createTimeIndex(),
    approvalsByAge: createTimeIndex(),
    auditSeq: 0,
    usedSeq: 0,
  };
}

/** `note` hears each change before it counts; when it throws, the change is not made. */
export function openDraft(ledger: Ledger, note: (change: LedgerChange) => void): Draft {
  const changes: LedgerChange[] = [];
  const sessions = new Map<string, PairingSession>();
  const codeHashes = new Map<string, string>();
  const devices = new Map<string, Device>();
  const inboxes = new Map<string, Inbox>();
  const approvals = new Map<string, Approval>();
  const counted: { readonly session: PairingSession; readonly at: Instant }[] = [];
  let { auditSeq } = ledger;
  const session = (codeHash: string): PairingSession | undefined => known(sessions.get(codeHash) ?? ledger.sessions.get(codeHash));
  const inbox = (phone: Pick<Device, "userId" | "deviceId">): Inbox => inboxes.get(deviceKey(phone)) ?? ledger.outbox.inbox(phone);
  return {
    session,
    inbox,
    nextSeq: (phone) => Math.max(inbox(phone).lastSeq, ledger.usedSeq) + 1,
    approval: (approvalId) => approvals.get(approvalId) ?? ledger.approvals.get(approvalId),
    pendingApprovals: () => [
      ...Array.from(ledger.pendingApprovals.oldestFirst(), ({ key }) => ledger.approvals.get(key)).filter(
        (approval): approval is Approval => approval !== undefined && !approvals.has(approval.approvalId),
      ),
      ...[...approvals.values()].filter(({ status }) => status === "pending"),
    ],
    sessionById(sessionId) {
      const codeHash = codeHashes.get(sessionId) ?? ledger.codeHashes.get(sessionId);
      return codeHash === undefined ? undefined : session(codeHash);
    },
    countPending(at) {
      let count = ledger.pendingByExpiry.countAfter(at);
      for (const [codeHash, changed] of sessions)
        count += Number(isPending(changed, at)) - Number(isPending(ledger.sessions.get(codeHash), at));
      return count;
    },
    nextExpiry(at) {
      for (const { at: expiresAt } of ledger.pendingByExpiry.oldestFirst()) if (expiresAt > at) return expiresAt;
      return at;
    },
    device: (key) => known(devices.get(key) ?? ledger.devices.get(key)),
    devicesAt(endpoint) {
      const keys = new Set([...(ledger.endpoints.get(endpoint) ?? []), ...devices.keys()]);
      const found = Array.from(keys, (key) => devices.get(key) ?? ledger.devices.get(key));
      return found.filter((device): device is Device => device?.push?.endpoint === endpoint);
    },
    sendsOf: (record) => sendsOf(ledger, record),
    commit({ at, audit, ...records }) {
      const change = {
        ...records,
        audit: audit.map((entry, index) => auditLine(auditSeq + 1 + index, at, entry)),
        auditSeq: auditSeq + audit.length,
      };
      note(change);
      changes.push(change);
      auditSeq = change.auditSeq;
      for (const record of change.sessions ?? []) {
        // Nobody reads the counts but drafts, so they are kept in one place and taken back when the draft is dropped.
        for (const sent of newSends(record, session(record.codeHash))) {
          sendsOf(ledger, record).add(record.phoneNumber, sent);
          counted.push({ session: record, at: sent });
        }
        sessions.set(record.codeHash, record);
        codeHashes.set(record.sessionId, record.codeHash);
      }
      for (const record of change.devices ?? []) devices.set(deviceKey(record), record);
      for (const { to } of change.messages ?? [])
        for (const recipient of to) inboxes.set(deviceKey(recipient), inboxAfter(inbox(recipient), recipient));
      for (const fact of change.inboxes ?? []) inboxes.set(deviceKey(fact), changeInbox(inbox(fact), fact));
      for (const record of change.approvals ?? []) approvals.set(record.approvalId, record);
    },
    merge() {
      for (const change of changes) putChange(ledger, change);
    },
    drop() {
      for (const { session: record, at } of counted) sendsOf(ledger, record).remove(record.phoneNumber, at);
    },
  };
}

function known<Kept extends PairingSession | Device>(record: Kept | undefined): Kept | undefined {
  return record?.forgotten ? undefined : record;
}

/** Puts one record kind at a time, for a start that finds files and journal at different points. Counts text messages, too. */
export function restoreSession(ledger: Ledger, session: PairingSession): void {
  const before = ledger.sessions.get(session.codeHash);
  for (const sent of newSends(session, before)) sendsOf(ledger, session).add(session.phoneNumber, sent);
  putSession(ledger, session, before);
}

export function sendsOf(ledger: Ledger, session: PairingSession): SmsSends {
  return session.approvalId === undefined ? ledger.sends : ledger.approvalSends;
}

function putChange(ledger: Ledger, change: LedgerChange): void {
  for (const session of change.sessions ?? []) putSession(ledger, session, ledger.sessions.get(session.codeHash));
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

function putSession(ledger: Ledger, session: PairingSession, before: PairingSession | undefined): void {
  if (session.forgotten) {
    if (before) forgetSession(ledger, before);
    return;
  }
  if (before) leaveIndexes(ledger, before);
  else ledger.sessionsByAge.add(session.codeHash, session.createdAt);
  if (session.status === "pending") ledger.pendingByExpiry.add(session.codeHash, session.expiresAt);
  if (session.approvalId === undefined) ledger.sessionsByExpiry.add(session.codeHash, session.expiresAt);
  countMessages(ledger, session, 1);
  ledger.sessions.set(session.codeHash, session);
  if (before?.sessionId !== session.sessionId) ledger.codeHashes.set(session.sessionId, session.codeHash);
  if (session.approvalId === undefined) return;
  const texts = ledger.approvalTexts.get(session.approvalId) ?? new Set();
  ledger.approvalTexts.set(session.approvalId, texts.add(session.codeHash));
}

export function forgetSession(ledger: Ledger, session: PairingSession): void {
  if (!ledger.sessions.delete(session.codeHash)) return;
  ledger.sessionsByAge.remove(session.codeHash, session.createdAt);
  leaveIndexes(ledger, session);
  ledger.codeHashes.delete(session.sessionId);
  const texts = session.approvalId === undefined ? undefined : ledger.approvalTexts.get(session.approvalId);
  if (texts?.delete(session.codeHash) && texts.size === 0) ledger.approvalTexts.delete(session.approvalId ?? "");
}

/** What is found by something that changes. */
function leaveIndexes(ledger: Ledger, session: PairingSession): void {
  if (session.status === "pending") ledger.pendingByExpiry.remove(session.codeHash, session.expiresAt);
  if (session.approvalId === undefined) ledger.sessionsByExpiry.remove(session.codeHash, session.expiresAt);
  countMessages(ledger, session, -1);
}

/** In mock mode no delivery is noted: nothing was taken. */
function countMessages({ messageMonths }: Ledger, { delivery, sentAt }: PairingSession, by: 1 | -1): void {
  if (delivery === undefined) return;
  const count = (at: Instant, change: number): void => {
    messageMonths.set(monthOf(at), (messageMonths.get(monthOf(at)) ?? 0) + change);
  };
  for (const at of sentAt) count(at, by);
  if (delivery.state === "failed") count(delivery.at, -by);
}

/** When the calendar month of a moment began, UTC. */
export function monthOf(at: Instant): Instant {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
}

function isPending(session: PairingSession | undefined, at: Instant): boolean {
  return session?.status === "pending" && session.expiresAt > at;
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
  // A phone may have been heard while this change was on its way to the disk.
  const heard = before?.jti === device.jti && before.lastSeen > device.lastSeen;
  ledger.devices.set(key, heard ? { ...device, lastSeen: before.lastSeen } : device);
  ledger.keysByTokenId.set(device.jti, key);
  if (before?.handoff && before.handoff.codeHash !== device.handoff?.codeHash) ledger.keysByHandoff.delete(before.handoff.codeHash);
  if (device.handoff) ledger.keysByHandoff.set(device.handoff.codeHash, key);
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

/** Notes that a phone was heard, on the row as it stands now and only if that row still speaks for the same token. */
export function markSeen(ledger: Ledger, device: Device, at: Instant): boolean {
  const key = deviceKey(device);
  const row = ledger.devices.get(key);
  if (row?.jti !== device.jti || row.status === "revoked") return false;
  // Long before it was last heard: the clock was set back.
  if (at <= row.lastSeen && at > row.lastSeen - MINUTE) return false;
  ledger.devices.set(key, { ...row, lastSeen: at });
  return true;
}

export function revokedToken(device: Device): RevokedToken {
  return { jti: device.jti, exp: Math.ceil(device.expiresAt / SECOND) };
}
