import { type Device, deliveredUpTo, type PairingStore, type TextMessage } from "../../core/index.ts";
import { appendAudit, budgetWaitEnd, decidedMethods, type Submit } from "../../core/store/index.ts";
import { expireDueOf } from "./expire-due.ts";
import { type Ledger, monthOf, sendsOf } from "./ledger.ts";
import { listMethods } from "./ledger-lists.ts";
import { type DeviceMethods, ENDED_AT_ONCE, type SessionMethods, type TextMethods } from "./port-parts.ts";
import { createSlices, eachInSlices, type NextTurn, type Slices } from "./slices.ts";
import type { TimeIndex } from "./time-index.ts";

type OfTheAdapter = "noteSeen" | "readAudit" | "checkWritable" | "close";

/** The port's reads and changes over a ledger; a store adds only how a decision is made durable. */
export function ledgerStore(ledger: Ledger, submit: Submit, nextTurn?: NextTurn): Omit<PairingStore, OfTheAdapter> {
  const slices = createSlices(nextTurn);
  const decided = decidedMethods(submit);
  return {
    ...decided,
    ...listMethods(ledger, slices),
    ...sessionMethods(ledger, submit),
    ...textMethods(ledger, slices),
    ...deviceMethods(ledger, slices),
    readInbox: async (question) => ledger.outbox.read(question),
    async noteReceipt(change) {
      // A phone that reads every few seconds reports the same each time: that is no change, and need not wait for its turn.
      if (change.receipt.kind === "delivered" && change.receipt.seq <= deliveredUpTo(ledger.outbox.inbox(change))) return false;
      return decided.noteReceipt(change);
    },
    async findMessage(messageId) {
      const message = ledger.outbox.find(messageId);
      return message && ledger.outbox.way(message);
    },
    findApproval: async (approvalId) => ledger.approvals.get(approvalId),
    listDueApprovals: async (at) => dueKeys(ledger.pendingApprovals, at),
    appendAudit: async (at, entry) => submit(appendAudit, { at, entry }),
  };
}

function sessionMethods(ledger: Ledger, submit: Submit): SessionMethods {
  return {
    findByCode: async (codeHash) => ledger.sessions.get(codeHash),
    findSession: async (sessionId) => ledger.sessions.get(ledger.codeHashes.get(sessionId) ?? ""),
    async listClaimed(at) {
      const claimed = [];
      for (const { key, at: end } of ledger.claimedByEnd.newestFirst()) {
        const session = ledger.sessions.get(key);
        if (end <= at) break;
        if (session) claimed.push(session);
      }
      return claimed;
    },
    async listRecentSessions({ since, most }) {
      const recent = [];
      for (const { key, at } of ledger.sessionsByExpiry.newestFirst()) {
        const session = ledger.sessions.get(key);
        if (at <= since || recent.length === most) break;
        if (session) recent.push(session);
      }
      return recent.sort((one, other) => other.createdAt - one.createdAt);
    },
    countPendingInvites: async (at) => ledger.pendingByExpiry.countAfter(at),
    expireDue: expireDueOf(
      {
        pending: async (at) => dueKeys(ledger.pendingByExpiry, at),
        claimed: async (at) => dueKeys(ledger.claimedByEnd, at),
      },
      submit,
    ),
  };
}

function textMethods(ledger: Ledger, slices: Slices): TextMethods {
  return {
    findText: async (textId) => ledger.texts.get(textId),
    async lastTestText(since) {
      for (const { key, at } of ledger.testsByAge.newestFirst()) return at < since ? undefined : ledger.texts.get(key);
      return undefined;
    },
    async listApprovalTexts(question) {
      const found: TextMessage[] = [];
      const take = (text: TextMessage | undefined): void => {
        if (text?.approvalId !== undefined && (!("userId" in question) || text.userId === question.userId)) found.push(text);
      };
      if ("userId" in question) await eachInSlices(ledger.texts.values(), take, slices);
      else for (const id of ledger.approvalTexts.get(question.approvalId) ?? []) take(ledger.texts.get(id));
      return found.reverse();
    },
    countMessages: async (at) => Math.max(0, ledger.messageMonths.get(monthOf(at)) ?? 0),
    nextText: async ({ text, budget, at }) => budgetWaitEnd(sendsOf(ledger, text).times(text.to), at, budget),
  };
}

function deviceMethods(ledger: Ledger, slices: Slices): DeviceMethods {
  const devicesOf = (keys: Iterable<string>): readonly Device[] =>
    Array.from(keys, (key) => ledger.devices.get(key)).filter((device): device is Device => device !== undefined);
  return {
    countDevices: async () => ({ ...ledger.deviceCounts }),
    async findDevices(deviceId) {
      const found = devicesOf(ledger.deviceKeys.get(deviceId) ?? []);
      return found.toReversed().toSorted((one, other) => other.pairedAt - one.pairedAt);
    },
    async findByTokenId(jti) {
      const key = ledger.keysByTokenId.get(jti);
      return { device: key === undefined ? undefined : ledger.devices.get(key), revoked: ledger.revoked.has(jti) };
    },
    listEndedSubscriptions: async (at) => devicesOf(dueKeys(ledger.subscriptionsByEnd, at, ENDED_AT_ONCE)),
    listUnconfirmedDevices: async () => devicesOf(ledger.unconfirmedKeys),
    async listActiveDevices(userId) {
      const active: Device[] = [];
      const take = (key: string): void => {
        const device = ledger.devices.get(key);
        if (device?.status === "active") active.push(device);
      };
      for (const keys of userId === undefined ? ledger.activeKeys.values() : [ledger.activeKeys.get(userId) ?? []])
        await eachInSlices(keys, take, slices);
      return active;
    },
  };
}

/** The keys whose time has come, the oldest first. */
function dueKeys(index: TimeIndex, at: number, most = Number.POSITIVE_INFINITY): readonly string[] {
  const due: string[] = [];
  for (const entry of index.oldestFirst()) {
    if (at < entry.at || due.length === most) break;
    due.push(entry.key);
  }
  return due;
}
