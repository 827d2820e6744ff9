import { unlessUnwritable } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { findInvite } from "./find-invite.ts";
import type { Status } from "./session.ts";

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
