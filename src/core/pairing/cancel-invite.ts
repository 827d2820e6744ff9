import type { AuditEvent, Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { Ended, Ports } from "../ports.ts";
import { noLongerPending } from "./find-invite.ts";
import type { CancelReason, Session } from "./session.ts";

type Needs = Pick<Ports, "clock" | "digest" | "store" | "news">;

/** The person at the desk takes the invite back. Asking twice, or after it expired, is fine; a used one stays used. */
export async function cancelInvite(needs: Needs, code: string, caller: Caller): Promise<Session> {
  return takeBack(needs, await needs.store.findByCode(needs.digest.sha256(code)), caller);
}

/** The same for an invite whose code nobody remembers, as after a restart. */
export async function cancelSession(needs: Needs, sessionId: string, caller: Caller): Promise<Session> {
  return takeBack(needs, await needs.store.findSession(sessionId), caller);
}

/** The person with the phone says no. Only while the invite could still be accepted. */
export async function declineInvite(needs: Needs, code: string, caller: Caller): Promise<Session> {
  const found = await needs.store.findByCode(needs.digest.sha256(code));
  if (found?.status !== "pending") throw noLongerPending(found);
  const { session, changed } = await end(needs, found, { event: "decline_invite", reason: "declined", onlyInTime: true }, caller);
  if (!session || !changed) throw noLongerPending(session);
  return session;
}

async function takeBack(needs: Needs, found: Session | undefined, caller: Caller): Promise<Session> {
  if (!found) throw new PairingError("invite_not_found");
  const { session } = await end(needs, found, { event: "cancel_invite", reason: "cancelled" }, caller);
  if (!session) throw new PairingError("invite_not_found");
  if (session.status === "accepted") throw new PairingError("invite_already_used");
  return session;
}

interface Ending {
  readonly event: AuditEvent;
  readonly reason: CancelReason;
  readonly onlyInTime?: true;
}

async function end(needs: Needs, found: Session, { event, ...condition }: Ending, caller: Caller): Promise<Ended> {
  const ended = await needs.store.cancelInvite({
    codeHash: found.codeHash,
    ...condition,
    at: needs.clock.now,
    audit: [{ event, session_id: found.sessionId, user_id: found.userId, ...caller }],
  });
  if (ended.changed) needs.news.tell("invites");
  return ended;
}
