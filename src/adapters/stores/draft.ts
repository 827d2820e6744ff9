import {
  type Approval,
  type AuditEntry,
  changeInbox,
  type Device,
  deviceKey,
  type Inbox,
  type Instant,
  type OutboxMessage,
  openClaims,
  type PairingSession,
  type TextMessage,
} from "../../core/index.ts";
import type { Commit, Draft } from "../../core/store/index.ts";
import { inboxAfter } from "./inbox-queues.ts";
import { type Ledger, type LedgerChange, newSends, sendsOf } from "./ledger.ts";
import { putChange } from "./ledger-put.ts";
import { auditLine } from "./one-line.ts";

/** Changes on top of a ledger that reads do not see yet. One at a time: the next is opened when this one is merged or dropped. */
export interface LedgerDraft extends Draft {
  merge(): void;
  drop(): void;
}

/** The records that were committed to the draft, each in the place of the ledger's. */
interface Overlay {
  readonly sessions: Map<string, PairingSession>;
  readonly codeHashes: Map<string, string>;
  readonly texts: Map<string, TextMessage>;
  readonly devices: Map<string, Device>;
  readonly inboxes: Map<string, Inbox>;
  readonly messages: Map<string, OutboxMessage>;
  readonly approvals: Map<string, Approval>;
}

/** `note` gets each change before it counts, with what it was made from; when it throws, the change is not made. */
export function openDraft(ledger: Ledger, note: (change: LedgerChange, commit: Commit) => void): LedgerDraft {
  const overlay: Overlay = {
    sessions: new Map(),
    codeHashes: new Map(),
    texts: new Map(),
    devices: new Map(),
    inboxes: new Map(),
    messages: new Map(),
    approvals: new Map(),
  };
  const rows = rowsOf(ledger, overlay);
  const changes: LedgerChange[] = [];
  const counted: { readonly text: TextMessage; readonly at: Instant }[] = [];
  let { auditSeq } = ledger;
  return {
    ...rows,
    commit(commit) {
      const change = finished(commit, auditSeq);
      note(change, commit);
      changes.push(change);
      auditSeq = change.auditSeq;
      // Only drafts read the counts, so they are in one place and are taken back when the draft is dropped.
      for (const text of change.texts ?? [])
        for (const at of newSends(text, rows.text(text.id))) {
          sendsOf(ledger, text).add(text.to, at);
          counted.push({ text, at });
        }
      putInOverlay(overlay, change, rows.inbox);
    },
    merge() {
      for (const change of changes) putChange(ledger, change);
    },
    drop() {
      for (const { text, at } of counted) sendsOf(ledger, text).remove(text.to, at);
    },
  };
}

function rowsOf(ledger: Ledger, { sessions, codeHashes, texts, devices, inboxes, messages, approvals }: Overlay): Omit<Draft, "commit"> {
  const session = (codeHash: string): PairingSession | undefined =>
    unlessForgotten(sessions.get(codeHash) ?? ledger.sessions.get(codeHash));
  const deviceOf = (key: string): Device | undefined => unlessForgotten(devices.get(key) ?? ledger.devices.get(key));
  const inbox: Draft["inbox"] = (phone) => inboxes.get(deviceKey(phone)) ?? ledger.outbox.inbox(phone);
  return {
    session,
    sessionById: (sessionId) => session(codeHashes.get(sessionId) ?? ledger.codeHashes.get(sessionId) ?? ""),
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
    claimDigits(at) {
      const claimed = new Set(sessions.keys());
      for (const { key, at: end } of ledger.claimedByEnd.newestFirst()) {
        if (end <= at) break;
        claimed.add(key);
      }
      return new Set([...claimed].map(session).flatMap((found) => (found ? openClaims(found, at).map(({ digits }) => digits) : [])));
    },
    text: (id) => unlessForgotten(texts.get(id) ?? ledger.texts.get(id)),
    sendTimes: (text) => sendsOf(ledger, text).times(text.to),
    device: (phone) => deviceOf(deviceKey(phone)),
    devicesAt(endpoint) {
      const keys = new Set([...(ledger.endpoints.get(endpoint) ?? []), ...devices.keys()]);
      return Array.from(keys, deviceOf).filter((device): device is Device => device?.push?.endpoint === endpoint);
    },
    deviceByHandoff(codeHash) {
      const device = deviceOf(ledger.keysByHandoff.get(codeHash) ?? "");
      return device?.handoff?.codeHash === codeHash ? device : undefined;
    },
    activeDevices: (userId) =>
      Array.from(ledger.activeKeys.get(userId) ?? [], deviceOf).filter((device): device is Device => device?.status === "active"),
    inbox,
    nextSeq: (phone) => Math.max(inbox(phone).lastSeq, ledger.usedSeq) + 1,
    message: (messageId) => messages.get(messageId) ?? ledger.outbox.find(messageId),
    approval: (approvalId) => approvals.get(approvalId) ?? ledger.approvals.get(approvalId),
    pendingApprovals: () => [
      ...Array.from(ledger.pendingApprovals.oldestFirst(), ({ key }) => ledger.approvals.get(key)).filter(
        (approval): approval is Approval => approval !== undefined && !approvals.has(approval.approvalId),
      ),
      ...[...approvals.values()].filter(({ status }) => status === "pending"),
    ],
  };
}

function finished({ at, audit, ...records }: Commit, auditSeq: number): LedgerChange {
  return {
    ...records,
    audit: audit.map((entry: AuditEntry, index) => auditLine(auditSeq + 1 + index, at, entry)),
    auditSeq: auditSeq + audit.length,
  };
}

function putInOverlay(overlay: Overlay, change: LedgerChange, inbox: Draft["inbox"]): void {
  for (const record of change.sessions ?? []) {
    overlay.sessions.set(record.codeHash, record);
    overlay.codeHashes.set(record.sessionId, record.codeHash);
  }
  for (const record of change.texts ?? []) overlay.texts.set(record.id, record);
  for (const record of change.devices ?? []) overlay.devices.set(deviceKey(record), record);
  for (const message of change.messages ?? []) {
    overlay.messages.set(message.messageId, message);
    for (const recipient of message.to) overlay.inboxes.set(deviceKey(recipient), inboxAfter(inbox(recipient), recipient));
  }
  for (const fact of change.inboxes ?? []) overlay.inboxes.set(deviceKey(fact), changeInbox(inbox(fact), fact));
  for (const record of change.approvals ?? []) overlay.approvals.set(record.approvalId, record);
}

function unlessForgotten<Row extends PairingSession | TextMessage | Device>(record: Row | undefined): Row | undefined {
  return record?.forgotten ? undefined : record;
}

function isPending(session: PairingSession | undefined, at: Instant): boolean {
  return session?.status === "pending" && session.expiresAt > at;
}
