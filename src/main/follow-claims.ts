import type { Pairing, WaitingPhone } from "../core/index.ts";
import { followNews } from "./follow-news.ts";

/**
 * Calls back once for each phone that begins to wait for its digits. Those that waited before the call are skipped. Returns a function
 * that stops.
 */
export function followClaims(
  pairing: Pick<Pairing, "listClaims" | "listen">,
  waits: (phone: WaitingPhone) => void,
  failed: (cause: unknown) => void,
): () => void {
  let known: ReadonlySet<string> | undefined;
  const check = async (): Promise<void> => {
    const open = await pairing.listClaims();
    const before = known;
    known = new Set(open.map(({ claim }) => claim.claimId));
    if (before) for (const phone of open) if (!before.has(phone.claim.claimId)) waits(phone);
  };
  return followNews(pairing, "invites", check, failed);
}
