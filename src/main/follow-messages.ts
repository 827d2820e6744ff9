import { DAY, type Pairing, type PairingSession } from "../core/index.ts";
import { deliveryProblem } from "../words/delivery-problem.ts";
import { followNews } from "./follow-news.ts";

const LOST: ReadonlySet<string> = new Set(["undelivered", "failed"]);

/** Networks give up on a message sooner than this. */
const REPORTED_WITHIN = 3 * DAY;
const MAX_CHECKED = 1000;

/**
 * Calls back for each invite whose text message was lost after the provider took it, with the reason. Messages that were lost before
 * the call are skipped. Returns a function that stops.
 */
export function followMessages(
  pairing: Pick<Pairing, "listRecentSessions" | "findText" | "listen" | "now">,
  lost: (session: PairingSession, problem: string | undefined) => void,
  failed: (cause: unknown) => void,
): () => void {
  let known: ReadonlySet<string> | undefined;
  const check = async (): Promise<void> => {
    const recent = await pairing.listRecentSessions(pairing.now() - REPORTED_WITHIN, MAX_CHECKED);
    const texts = await Promise.all(recent.map(async (session) => ({ session, text: await pairing.findText(session.textId) })));
    const before = known;
    const now = new Set<string>();
    for (const { session, text } of texts) {
      if (text?.delivery === undefined || !LOST.has(text.delivery.state)) continue;
      // A message that is sent again may be lost again.
      const name = `${text.id} ${text.sends.length}`;
      now.add(name);
      if (before && !before.has(name)) lost(session, deliveryProblem(text.delivery));
    }
    known = now;
  };
  return followNews(pairing, "invites", check, failed);
}
