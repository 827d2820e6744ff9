import type { Device, Instant, PairingStore, Session } from "../../core/index.ts";
import * as changes from "./changes.ts";
import type { Draft, Ledger } from "./ledger.ts";

/** Runs a decision and answers it once what it committed is as durable as the store makes it. */
export type Submit = <Answer>(decide: (draft: Draft) => Answer) => Promise<Answer>;

/** Sessions that expire in one step, so that a sweep over very many holds up nobody else. */
const EXPIRED_AT_ONCE = 256;

/** The port's reads and changes over a ledger; a store adds only how a decision is made durable. */
export function ledgerStore(ledger: Ledger, submit: Submit): Omit<PairingStore, "noteSeen" | "readAudit" | "checkWritable" | "close"> {
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
      const found = (ledger.deviceKeys.get(deviceId) ?? []).map((key) => ledger.devices.get(key));
      return newestFirst(
        found.filter((device): device is Device => device !== undefined),
        (device) => device.pairedAt,
      );
    },
    async findByTokenId(jti) {
      const key = ledger.keysByTokenId.get(jti);
      return { device: key === undefined ? undefined : ledger.devices.get(key), revoked: ledger.revoked.has(jti) };
    },
    updateDevice: async (change) => submit((draft) => changes.updateDevice(draft, change)),
    revokeDevice: async (change) => submit((draft) => changes.revokeDevice(draft, change)),
    appendAudit: async (at, entry) => submit((draft) => draft.commit({ at, audit: [entry] })),
  };
}

/** Of two of the same moment the one that came later is first. */
function newestFirst<Item extends Session | Device>(items: Iterable<Item>, time: (item: Item) => Instant): readonly Item[] {
  return [...items].reverse().sort((one, other) => time(other) - time(one));
}
