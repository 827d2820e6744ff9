import { unlessUnwritable } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { findInvite } from "./find-invite.ts";
import type { Standing } from "./session.ts";

type Needs = Pick<Ports, "clock" | "digest" | "store" | "news">;

/** A person has touched the page of a pending invite. Asked again, or too late, it changes nothing. */
export async function noteOpened(needs: Needs, code: string): Promise<Standing> {
  const session = await findInvite(needs, code);
  const at = needs.clock.now();
  const { status } = session;
  if (status === "pending" && session.openedAt === undefined) {
    const { codeHash } = session;
    if (await unlessUnwritable(needs.store.noteOpened({ codeHash, at }))) needs.news.tell("invites");
  }
  return status;
}
