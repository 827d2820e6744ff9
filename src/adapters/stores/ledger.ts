import { type AuditEntry, type Device, deviceKey, type Instant, SECOND, type Session } from "../../core/index.ts";
import { auditLine } from "./one-line.ts";
import { createSmsSends, newSends, type SmsSends } from "./sms-sends.ts";

/** The state, as reads see it: only what is as durable as the store makes it. Records are replaced, never changed in place. */
export interface Ledger {
  /** By code hash. */
  readonly sessions: Map<string, Session>;
  /** Session id → code hash. */
  readonly codeHashes: Map<string, string>;
  /** Code hash → when it expires, of pending sessions only: the sweep looks at nothing else. */
  readonly pending: Map<string, Instant>;
  /** By `deviceKey`. */
  readonly devices: Map<string, Device>;
  /** Device id → the keys of all devices with it. */
  readonly deviceKeys: Map<string, readonly string[]>;
  /** Token id → device key, for the token that speaks for the device now. */
  readonly keysByTokenId: Map<string, string>;
  /** Revoked token id → when the token ends, whole seconds. */
  readonly revoked: Map<string, number>;
  readonly sends: SmsSends;
  auditSeq: number;
}

/** A token id that no longer counts. It is kept until the token would have ended anyway. */
export interface RevokedToken {
  readonly jti: string;
  /** Whole seconds since 1970, as in the token. */
  readonly exp: number;
}

/** Whole records to put in the place of those before them, so that applying a change twice is applying it once. */
export interface LedgerChange {
  readonly sessions?: readonly Session[];
  readonly devices?: readonly Device[];
  readonly revoked?: readonly RevokedToken[];
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
  session(codeHash: string): Session | undefined;
  sessionById(sessionId: string): Session | undefined;
  device(key: string): Device | undefined;
  readonly sends: SmsSends;
  /** All of the decision or, when it throws, none of it. */
  commit(decision: Decision): void;
  merge(): void;
  drop(): void;
}

export function createLedger(): Ledger {
  return {
    sessions: new Map(),
    codeHashes: new Map(),
    pending: new Map(),
    devices: new Map(),
    deviceKeys: new Map(),
    keysByTokenId: new Map(),
    revoked: new Map(),
    sends: createSmsSends(),
    auditSeq: 0,
  };
}

/** `note` hears each change before it counts; when it throws, the change is not made. */
export function openDraft(ledger: Ledger, note: (change: LedgerChange) => void): Draft {
  const changes: LedgerChange[] = [];
  const sessions = new Map<string, Session>();
  const codeHashes = new Map<string, string>();
  const devices = new Map<string, Device>();
  const counted: { readonly phoneNumber: string; readonly at: Instant }[] = [];
  let { auditSeq } = ledger;
  const session = (codeHash: string): Session | undefined => sessions.get(codeHash) ?? ledger.sessions.get(codeHash);
  return {
    session,
    sessionById(sessionId) {
      const codeHash = codeHashes.get(sessionId) ?? ledger.codeHashes.get(sessionId);
      return codeHash === undefined ? undefined : session(codeHash);
    },
    device: (key) => devices.get(key) ?? ledger.devices.get(key),
    sends: ledger.sends,
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
          ledger.sends.add(record.phoneNumber, sent);
          counted.push({ phoneNumber: record.phoneNumber, at: sent });
        }
        sessions.set(record.codeHash, record);
        codeHashes.set(record.sessionId, record.codeHash);
      }
      for (const record of change.devices ?? []) devices.set(deviceKey(record), record);
    },
    merge() {
      for (const change of changes) putChange(ledger, change);
    },
    drop() {
      for (const { phoneNumber, at } of counted) ledger.sends.remove(phoneNumber, at);
    },
  };
}

/** Puts one record kind at a time, for a start that finds files and journal at different points. Counts text messages, too. */
export function restoreSession(ledger: Ledger, session: Session): void {
  for (const sent of newSends(session, ledger.sessions.get(session.codeHash))) ledger.sends.add(session.phoneNumber, sent);
  putSession(ledger, session);
}

function putChange(ledger: Ledger, change: LedgerChange): void {
  for (const session of change.sessions ?? []) putSession(ledger, session);
  for (const device of change.devices ?? []) putDevice(ledger, device);
  for (const { jti, exp } of change.revoked ?? []) ledger.revoked.set(jti, exp);
  ledger.auditSeq = change.auditSeq;
}

function putSession(ledger: Ledger, session: Session): void {
  ledger.sessions.set(session.codeHash, session);
  ledger.codeHashes.set(session.sessionId, session.codeHash);
  if (session.status === "pending") ledger.pending.set(session.codeHash, session.expiresAt);
  else ledger.pending.delete(session.codeHash);
}

export function forgetSession(ledger: Ledger, session: Session): void {
  ledger.sessions.delete(session.codeHash);
  ledger.codeHashes.delete(session.sessionId);
  ledger.pending.delete(session.codeHash);
}

export function putDevice(ledger: Ledger, device: Device): void {
  const key = deviceKey(device);
  const before = ledger.devices.get(key);
  if (!before) ledger.deviceKeys.set(device.deviceId, [...(ledger.deviceKeys.get(device.deviceId) ?? []), key]);
  if (before && before.jti !== device.jti) {
    ledger.keysByTokenId.delete(before.jti);
    // A phone that paired anew is the newest again, also among those of the same second.
    ledger.devices.delete(key);
  }
  // A phone may have been heard while this change was on its way to the disk.
  const heard = before?.jti === device.jti && before.lastSeen > device.lastSeen;
  ledger.devices.set(key, heard ? { ...device, lastSeen: before.lastSeen } : device);
  ledger.keysByTokenId.set(device.jti, key);
}

/** Notes that a phone was heard, on the row as it stands now and only if that row still speaks for the same token. */
export function markSeen(ledger: Ledger, device: Device, at: Instant): boolean {
  const key = deviceKey(device);
  const row = ledger.devices.get(key);
  if (row?.jti !== device.jti || row.status === "revoked" || at <= row.lastSeen) return false;
  ledger.devices.set(key, { ...row, lastSeen: at });
  return true;
}

export function revokedToken(device: Device): RevokedToken {
  return { jti: device.jti, exp: Math.ceil(device.expiresAt / SECOND) };
}
