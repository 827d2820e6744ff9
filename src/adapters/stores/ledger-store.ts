import { type Device, deliveredUpTo, type Instant, type PairingStore, type Session } from "../../core/index.ts";
import * as changes from "./changes.ts";
import type { Draft, Ledger } from "./ledger.ts";
import * as remote from "./remote-changes.ts";

/**
 * Runs a decision and answers it once what it committed is as durable as the store makes it. `urgent`: takes access away, which a
 * store does as long as it possibly can.
 */
export type Submit = <Answer>(decide: (draft: Draft) => Answer, urgency?: "urgent") => Promise<Answer>;

/** Sessions that expire in one step, so that a sweep over very many holds up nobody else. */
const EXPIRED_AT_ONCE = 256;

/** The port's reads and changes over a ledger; a store adds only how a decision is made durable. */
export function ledgerStore(ledger: Ledger, submit: Submit): Omit<PairingStore, "noteSeen" | "readAudit" | "checkWritable" | "close"> {
  const devicesOf = (keys: Iterable<string>): readonly Device[] =>
    Array.from(keys, (key) => ledger.devices.get(key)).filter((device): device is Device => device !== undefined);
  const activePhones = (userIds: Iterable<string>): readonly Device[] =>
    Array.from(userIds).flatMap((userId) => devicesOf(ledger.activeKeys.get(userId) ?? []));
  return {
    addInvite: async (change) => submit((draft) => changes.addInvite(draft, change)),
    findByCode: async (codeHash) => ledger.sessions.get(codeHash),
    findSession: async (sessionId) => ledger.sessions.get(ledger.codeHashes.get(sessionId) ?? ""),
    listSessions: async () => newestFirst(ledger.sessions.values(), (session) => session.createdAt),
    acceptInvite: async (change) => submit((draft) => changes.acceptInvite(draft, change)),
    tryOtp: async (change) => submit((draft) => changes.tryOtp(draft, change)),
    cancelInvite: async (change) => submit((draft) => changes.cancelInvite(draft, change)),
    renewInvite: async (change) => submit((draft) => changes.renewInvite(draft, change)),
    noteDelivery: async (change) => submit((draft) => changes.noteDelivery(draft, change)),
    noteOpened: async ({ codeHash, at }) => submit((draft) => changes.noteOpened(draft, codeHash, at)),
    async expireDue(at) {
      const due: string[] = [];
      for (const [codeHash, expiresAt] of ledger.pending) if (at >= expiresAt) due.push(codeHash);
      let expired = 0;
      for (let start = 0; start < due.length; start += EXPIRED_AT_ONCE) {
        const some = due.slice(start, start + EXPIRED_AT_ONCE);
        expired += await submit((draft) => changes.expireSessions(draft, some, at));
      }
      return expired;
    },

    listDevices: async () => newestFirst(ledger.devices.values(), (device) => device.pairedAt),
    async findDevices(deviceId) {
      return newestFirst(devicesOf(ledger.deviceKeys.get(deviceId) ?? []), (device) => device.pairedAt);
    },
    async findByTokenId(jti) {
      const key = ledger.keysByTokenId.get(jti);
      return { device: key === undefined ? undefined : ledger.devices.get(key), revoked: ledger.revoked.has(jti) };
    },
    updateDevice: async (change) =>
      submit((draft) => changes.updateDevice(draft, change), change.set.status === "suspended" ? "urgent" : undefined),
    revokeDevice: async (change) => submit((draft) => changes.revokeDevice(draft, change), "urgent"),
    keepSubscription: async (change) => submit((draft) => changes.keepSubscription(draft, ledger.devices.values(), change)),
    keepHandoff: async (change) => submit((draft) => changes.keepHandoff(draft, change)),
    takeHandoff: async (change) => submit((draft) => changes.takeHandoff(draft, ledger.keysByHandoff.get(change.codeHash), change)),
    listActiveDevices: async (userId) => activePhones(userId === undefined ? ledger.activeKeys.keys() : [userId]),

    sendMessage: async (change) => submit((draft) => remote.sendMessage(draft, change)),
    readInbox: async (question) => ledger.outbox.read(question),
    async noteReceipt(change) {
      // A phone that asks every few seconds says the same each time: that is no change, and need not wait for its turn.
      if (change.receipt.kind === "delivered" && change.receipt.seq <= deliveredUpTo(ledger.outbox.inbox(change))) return false;
      return submit((draft) => remote.noteReceipt(draft, ledger.outbox.find, change));
    },
    async listNotifications({ at, most }) {
      const kept = [...ledger.outbox.messages()].filter(({ content, expiresAt }) => content.type === "notification" && at < expiresAt);
      return kept.slice(-most).reverse().map(ledger.outbox.way);
    },
    async findMessage(messageId) {
      const message = ledger.outbox.find(messageId);
      return message && ledger.outbox.way(message);
    },
    addApproval: async (change) => submit((draft) => remote.addApproval(draft, change)),
    settleApproval: async (change) => submit((draft) => remote.settleApproval(draft, activePhones, change)),
    findApproval: async (approvalId) => ledger.approvals.get(approvalId),
    listApprovals: async () => [...ledger.approvals.values()].reverse(),
    async listDueApprovals(at) {
      return [...ledger.approvals.values()]
        .filter(({ status, expiresAt }) => status === "pending" && at >= expiresAt)
        .map(({ approvalId }) => approvalId);
    },

    appendAudit: async (at, entry) => submit((draft) => draft.commit({ at, audit: [entry] })),
  };
}

/** Of two of the same moment the one that came later is first. */
function newestFirst<Item extends Session | Device>(items: Iterable<Item>, time: (item: Item) => Instant): readonly Item[] {
  return [...items].reverse().sort((one, other) => time(other) - time(one));
}
