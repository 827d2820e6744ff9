import { PairingError, unlessUnwritable } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSession, Status } from "./session.ts";

/** The session of a code. Rejects with `invite_not_found`. Changes nothing. */
export async function findInvite(deps: Pick<Ports, "digest" | "store">, code: string): Promise<PairingSession> {
  const session = await deps.store.findByCode(deps.digest.sha256(code));
  if (!session) throw new PairingError("invite_not_found");
  return session;
}

/** The error for an invite that can no longer be accepted or declined. */
export function noLongerPending(session: PairingSession | undefined): PairingError {
  if (!session) return new PairingError("invite_not_found");
  if (session.status === "accepted") return new PairingError("invite_already_used");
  return new PairingError(session.status === "cancelled" ? "invite_cancelled" : "invite_expired");
}

type Deps = Pick<Ports, "clock" | "digest" | "store" | "changeEvents">;

/** A person touched the page of a pending invite. Repeated or late calls change nothing. */
export async function noteOpened(deps: Deps, code: string): Promise<Status> {
  const session = await findInvite(deps, code);
  const at = deps.clock.now();
  const { status } = session;
  if (status === "pending" && session.openedAt === undefined) {
    const { codeHash } = session;
    if (await unlessUnwritable(deps.store.noteOpened({ codeHash, at }))) deps.changeEvents.emit("invites");
  }
  return status;
}
