import {
  type Approval,
  approvalMatcher,
  type Device,
  deliveredUpTo,
  deviceKey,
  deviceMatcher,
  notificationMatcher,
  type OutboxMessage,
  type PairingSession,
  type PairingStore,
  sessionMatcher,
} from "../../core/index.ts";
import * as changes from "./changes.ts";
import { type Draft, type Ledger, monthOf, sendsOf } from "./ledger.ts";
import { type ListSource, readList, readWhole } from "./lists.ts";
import * as remote from "./remote-changes.ts";
import { createSlices, eachInSlices, type NextTurn } from "./slices.ts";

/**
 * Runs a decision and answers it once what it committed is as durable as the store makes it. `urgent`: takes access away, which a
 * store does as long as it possibly can.
 */
export type Submit = <Answer>(decide: (draft: Draft) => Answer, urgency?: "urgent") => Promise<Answer>;

/** Sessions that expire in one step, so that a sweep over very many holds up nobody else. */
const EXPIRED_AT_ONCE = 256;
/** Subscriptions that one sweep takes away: the next one goes on. */
const ENDED_AT_ONCE = 1024;

/** The port's reads and changes over a ledger; a store adds only how a decision is made durable. */
export function ledgerStore(
  ledger: Ledger,
  submit: Submit,
  nextTurn?: NextTurn,
): Omit<PairingStore, "noteSeen" | "readAudit" | "checkWritable" | "close"> {
  const slices = createSlices(nextTurn);
  const devicesOf = (keys: Iterable<string>): readonly Device[] =>
    Array.from(keys, (key) => ledger.devices.get(key)).filter((device): device is Device => device !== undefined);
  const activePhones = (userIds: Iterable<string>): readonly Device[] =>
    Array.from(userIds).flatMap((userId) => devicesOf(ledger.activeKeys.get(userId) ?? []));
  const sessions: ListSource<PairingSession> = {
    index: ledger.sessionsByAge,
    get: (codeHash) => ledger.sessions.get(codeHash),
    idOf: ({ sessionId }) => sessionId,
    placeOf(id) {
      const session = ledger.sessions.get(ledger.codeHashes.get(id) ?? "");
      return session && ledger.sessionsByAge.find(session.codeHash, session.createdAt);
    },
  };
  const devices: ListSource<Device> = {
    index: ledger.devicesByAge,
    get: (key) => ledger.devices.get(key),
    idOf: deviceKey,
    placeOf(key) {
      const device = ledger.devices.get(key);
      return device && ledger.devicesByAge.find(key, device.pairedAt);
    },
  };
  const approvals: ListSource<Approval> = {
    index: ledger.approvalsByAge,
    get: (id) => ledger.approvals.get(id),
    idOf: ({ approvalId }) => approvalId,
    placeOf(id) {
      const approval = ledger.approvals.get(id);
      return approval && ledger.approvalsByAge.find(id, approval.requestedAt);
    },
  };
  const { notifications } = ledger.outbox;
  const messages: ListSource<OutboxMessage> = {
    index: notifications,
    get: ledger.outbox.find,
    idOf: ({ messageId }) => messageId,
    placeOf(id) {
      const message = ledger.outbox.find(id);
      return message && notifications.find(id, message.sentAt);
    },
  };
  const phoneNumberOf = ({ sessionId }: Device): string => ledger.sessions.get(ledger.codeHashes.get(sessionId) ?? "")?.phoneNumber ?? "";
  return {
    addInvite: async (change) => submit((draft) => changes.addInvite(draft, change)),
    findByCode: async (codeHash) => ledger.sessions.get(codeHash),
    findSession: async (sessionId) => ledger.sessions.get(ledger.codeHashes.get(sessionId) ?? ""),
    listSessions: async () => readWhole(sessions, slices),
    pageOfSessions: async ({ filter = {}, ...question }) => readList(sessions, question, sessionMatcher(filter, question.at), slices),
    async listRecentSessions({ since, most }) {
      const recent: PairingSession[] = [];
      for (const { key, at } of ledger.sessionsByExpiry.newestFirst()) {
        const session = ledger.sessions.get(key);
        if (at <= since || recent.length === most) break;
        if (session) recent.push(session);
      }
      return recent.sort((one, other) => other.createdAt - one.createdAt);
    },
    countPendingInvites: async (at) => ledger.pendingByExpiry.countAfter(at),
    countMessages: async (at) => Math.max(0, ledger.messageMonths.get(monthOf(at)) ?? 0),
    acceptInvite: async (change) => submit((draft) => changes.acceptInvite(draft, change)),
    tryOtp: async (change) => submit((draft) => changes.tryOtp(draft, change)),
    cancelInvite: async (change) => submit((draft) => changes.cancelInvite(draft, change)),
    renewInvite: async (change) => submit((draft) => changes.renewInvite(draft, change)),
    nextText: async ({ session, budget, at }) => sendsOf(ledger, session).blockedUntil(session.phoneNumber, at, budget),
    noteDelivery: async (change) => submit((draft) => changes.noteDelivery(draft, change)),
    noteOpened: async ({ codeHash, at }) => submit((draft) => changes.noteOpened(draft, codeHash, at)),
    async expireDue(at, only) {
      const due: string[] = only === undefined ? [] : [only];
      for (const { key, at: expiresAt } of only === undefined ? ledger.pendingByExpiry.oldestFirst() : []) {
        if (at < expiresAt) break;
        due.push(key);
      }
      let expired = 0;
      for (let start = 0; start < due.length; start += EXPIRED_AT_ONCE) {
        const some = due.slice(start, start + EXPIRED_AT_ONCE);
        expired += await submit((draft) => changes.expireSessions(draft, some, at));
      }
      return expired;
    },

    listDevices: async () => readWhole(devices, slices),
    pageOfDevices: async ({ filter = {}, ...question }) => readList(devices, question, deviceMatcher(filter, phoneNumberOf), slices),
    countDevices: async () => ({ ...ledger.deviceCounts }),
    async findDevices(deviceId) {
      const found = devicesOf(ledger.deviceKeys.get(deviceId) ?? []);
      return found.toReversed().toSorted((one, other) => other.pairedAt - one.pairedAt);
    },
    async findByTokenId(jti) {
      const key = ledger.keysByTokenId.get(jti);
      return { device: key === undefined ? undefined : ledger.devices.get(key), revoked: ledger.revoked.has(jti) };
    },
    updateDevice: async (change) =>
      submit((draft) => changes.updateDevice(draft, change), change.set.status === "suspended" ? "urgent" : undefined),
    revokeDevice: async (change) => submit((draft) => changes.revokeDevice(draft, change), "urgent"),
    forget: async (change) => submit((draft) => changes.forget(draft, change)),
    keepHandoff: async (change) => submit((draft) => changes.keepHandoff(draft, change)),
    takeHandoff: async (change) => submit((draft) => changes.takeHandoff(draft, ledger.keysByHandoff.get(change.codeHash), change)),
    keepSubscription: async (change) => submit((draft) => changes.keepSubscription(draft, change)),
    async listEndedSubscriptions(at) {
      const ended: string[] = [];
      for (const { key, at: endsAt } of ledger.subscriptionsByEnd.oldestFirst()) {
        if (at < endsAt || ended.length === ENDED_AT_ONCE) break;
        ended.push(key);
      }
      return devicesOf(ended);
    },
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

    sendMessage: async (change) => submit((draft) => remote.sendMessage(draft, change)),
    readInbox: async (question) => ledger.outbox.read(question),
    async noteReceipt(change) {
      // A phone that asks every few seconds says the same each time: that is no change, and need not wait for its turn.
      if (change.receipt.kind === "delivered" && change.receipt.seq <= deliveredUpTo(ledger.outbox.inbox(change))) return false;
      return submit((draft) => remote.noteReceipt(draft, ledger.outbox.find, change));
    },
    async pageOfNotifications({ filter = {}, ...question }) {
      const { items, ...rest } = await readList(messages, question, notificationMatcher(filter, question.at), slices);
      return { items: items.map(ledger.outbox.way), ...rest };
    },
    async findMessage(messageId) {
      const message = ledger.outbox.find(messageId);
      return message && ledger.outbox.way(message);
    },
    addApproval: async (change) => submit((draft) => remote.addApproval(draft, change)),
    settleApproval: async (change) => submit((draft) => remote.settleApproval(draft, activePhones, change)),
    findApproval: async (approvalId) => ledger.approvals.get(approvalId),
    listApprovals: async () => readWhole(approvals, slices),
    pageOfApprovals: async ({ filter = {}, ...question }) => readList(approvals, question, approvalMatcher(filter, question.at), slices),
    async listApprovalTexts(approvalId) {
      const texts = Array.from(ledger.approvalTexts.get(approvalId) ?? [], (codeHash) => ledger.sessions.get(codeHash));
      return texts.filter((session) => session !== undefined).reverse();
    },
    async listDueApprovals(at) {
      const due: string[] = [];
      for (const { key, at: expiresAt } of ledger.pendingApprovals.oldestFirst()) {
        if (at < expiresAt) break;
        due.push(key);
      }
      return due;
    },

    appendAudit: async (at, entry) => submit((draft) => draft.commit({ at, audit: [entry] })),
  };
}
