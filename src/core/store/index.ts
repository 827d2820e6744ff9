import type { PairingStore } from "../ports.ts";
import * as claims from "./claims.ts";
import * as devices from "./devices.ts";
import * as invites from "./invites.ts";
import * as remote from "./remote.ts";
import type { Decision, Submit } from "./rows.ts";
import * as texts from "./texts.ts";

/** The changes of the port that are one decision each. */
const DECISIONS = {
  addInvite: invites.addInvite,
  acceptInvite: invites.acceptInvite,
  openClaim: claims.openClaim,
  confirmClaim: claims.confirmClaim,
  closeClaims: claims.closeClaims,
  tryOtp: invites.tryOtp,
  cancelInvite: invites.cancelInvite,
  renewInvite: invites.renewInvite,
  addText: texts.addText,
  noteDelivery: texts.noteDelivery,
  noteOpened: invites.noteOpened,
  updateDevice: devices.updateDevice,
  revokeDevice: devices.revokeDevice,
  forget: devices.forget,
  keepSubscription: devices.keepSubscription,
  keepHandoff: devices.keepHandoff,
  takeHandoff: devices.takeHandoff,
  sendMessage: remote.sendMessage,
  noteReceipt: remote.noteReceipt,
  addApproval: remote.addApproval,
  settleApproval: remote.settleApproval,
} satisfies { readonly [Name in keyof PairingStore]?: DecisionOf<PairingStore[Name]> };

type DecisionOf<Method> = Method extends (change: infer Change) => Promise<infer Answer> ? Decision<Change, Answer> : never;
type Decided = { readonly [Name in keyof typeof DECISIONS]: PairingStore[Name] };

/** What every adapter does alike: each of these methods of the port is its decision, run by the adapter's `submit`. */
export function decidedMethods(submit: Submit): Decided {
  const methods = Object.entries(DECISIONS).map(([name, decision]) => [
    name,
    async (change: never): Promise<unknown> => submit(decision as Decision<unknown, unknown>, change),
  ]);
  return Object.fromEntries(methods) as Decided;
}

export { endClaims } from "./claims.ts";
export { seenDevice } from "./devices.ts";
export { expireSessions } from "./invites.ts";
export * from "./outbox-limits.ts";
export { appendAudit } from "./remote.ts";
export * from "./retention.ts";
export type * from "./rows.ts";
export { budgetWaitEnd, firstAfter, firstIndex, type SendTimes } from "./sms-budget.ts";
