import type { PairingStore } from "../../core/index.ts";

/** The port's reads, by what they are about: each store has a function per part. */

export type SessionMethods = Pick<
  PairingStore,
  "findByCode" | "findSession" | "listClaimed" | "listRecentSessions" | "countPendingInvites" | "expireDue"
>;

export type TextMethods = Pick<PairingStore, "findText" | "lastTestText" | "listApprovalTexts" | "countMessages" | "nextText">;

export type DeviceMethods = Pick<
  PairingStore,
  "countDevices" | "findDevices" | "findByTokenId" | "listEndedSubscriptions" | "listUnconfirmedDevices" | "listActiveDevices"
>;

export type ListMethods = Pick<
  PairingStore,
  "listSessions" | "pageOfSessions" | "listDevices" | "pageOfDevices" | "listApprovals" | "pageOfApprovals" | "pageOfNotifications"
>;

/** Subscriptions that one sweep takes away: the next one goes on. */
export const ENDED_AT_ONCE = 1024;
