import type { AuditEvent, Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { Ended, Ports } from "../ports.ts";
import { noLongerPending } from "./find-invite.ts";
import type { CancelReason, PairingSession } from "./session.ts";

type Deps = Pick<Ports, "clock" | "digest" | "store" | "changeEvents">;

/**
 * The person at the computer cancels the invite. Repeating it, or cancelling an expired invite, succeeds; an accepted one stays
 * accepted.
 */
export async function cancelInvite(deps: Deps, code: string, caller: Caller): Promise<PairingSession> {
  return takeBack(deps, await deps.store.findByCode(deps.digest.sha256(code)), caller);
}

/** The same for an invite whose code is not known, as after a restart. */
export async function cancelSession(deps: Deps, sessionId: string, caller: Caller): Promise<PairingSession> {
  return takeBack(deps, await deps.store.findSession(sessionId), caller);
}

/** The phone declines the invite, only while it could still be accepted. */
export async function declineInvite(deps: Deps, code: string, caller: Caller): Promise<PairingSession> {
  const found = await deps.store.findByCode(deps.digest.sha256(code));
  if (found?.status !== "pending") throw noLongerPending(found);
  const { session, changed } = await end(deps, found, { event: "decline_invite", reason: "declined", onlyInTime: true }, caller);
  if (!session || !changed) throw noLongerPending(session);
  return session;
}

async function takeBack(deps: Deps, found: PairingSession | undefined, caller: Caller): Promise<PairingSession> {
  if (!found) throw new PairingError("invite_not_found");
  const { session } = await end(deps, found, { event: "cancel_invite", reason: "cancelled" }, caller);
  if (!session) throw new PairingError("invite_not_found");
  if (session.status === "accepted") throw new PairingError("invite_already_used");
  return session;
}

interface EndCondition {
  readonly event: AuditEvent;
  readonly reason: CancelReason;
  readonly onlyInTime?: true;
}

async function end(deps: Deps, found: PairingSession, { event, ...condition }: EndCondition, caller: Caller): Promise<Ended> {
  const ended = await deps.store.cancelInvite({
    codeHash: found.codeHash,
    ...condition,
    at: deps.clock.now,
    audit: [{ event, session_id: found.sessionId, user_id: found.userId, ...caller }],
  });
  if (ended.changed) deps.changeEvents.emit("invites");
  return ended;
}
