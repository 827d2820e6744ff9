import { isNewer } from "../messages/delivery.ts";
import type { PairingSession } from "../pairing/session.ts";
import type { Added, AddText, NoteDelivery } from "../ports.ts";
import type { Decision } from "./rows.ts";
import { budgetWaitEnd } from "./sms-budget.ts";

export const addText: Decision<AddText, Added> = {
  rows: ({ text, budget, at }) => ({ sends: { text, budget, at } }),
  decide(draft, { text, budget, at, audit }) {
    const retryAt = budgetWaitEnd(draft.sendTimes(text), at, budget);
    if (retryAt !== undefined) return { kind: "over-budget", retryAt };
    draft.commit({ at, audit, texts: [text] });
    return { kind: "added" };
  },
};

export const noteDelivery: Decision<NoteDelivery, boolean> = {
  rows: ({ textId }) => ({ texts: [textId] }),
  decide(draft, { textId, send, delivery, outcome, at, audit }) {
    const text = draft.text(textId);
    if (!text) return false;
    const isLast = text.sends.length === send;
    const isNew = isLast && isNewer(delivery, text.delivery);
    const session = outcome && text.sessionId !== undefined ? draft.sessionById(text.sessionId) : undefined;
    const changed = session && outcome && afterSending(session, outcome, isLast);
    if (!isNew && !outcome) return false;
    draft.commit({
      at,
      audit,
      ...(isNew ? { texts: [{ ...text, delivery }] } : {}),
      ...(changed ? { sessions: [changed] } : {}),
    });
    return isNew;
  },
};

/** An invite that was accepted, cancelled or sent again in the meantime is left as it is. */
function afterSending(session: PairingSession, outcome: NonNullable<NoteDelivery["outcome"]>, isLast: boolean): PairingSession | undefined {
  if (session.status !== "pending") return undefined;
  if (outcome.kind === "cancel") return { ...session, status: "cancelled", cancelReason: "send_failed" };
  const { status, expiresAt, baseUrl } = outcome.before;
  return isLast ? { ...session, status, expiresAt, baseUrl } : undefined;
}
