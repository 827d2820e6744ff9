import { DAY, type Pairing, type PairingSession } from "../core/index.ts";
import { deliveryProblem } from "../words/delivery-problem.ts";
import { followNews } from "./follow-news.ts";

const LOST: ReadonlySet<string> = new Set(["undelivered", "failed"]);

/** Networks give up on a message sooner than this. */
const REPORTED_WITHIN = 3 * DAY;
const MAX_CHECKED = 1000;

/**
 * Tells each invite whose text message turned out to be lost after it had been taken, with why. What was lost before this began to
 * look is old news. Answers how to stop.
 */
export function followMessages(
  pairing: Pick<Pairing, "listRecentSessions" | "listen" | "now">,
  lost: (session: PairingSession, problem: string | undefined) => void,
  failed: (cause: unknown) => void,
): () => void {
  let known: ReadonlySet<string> | undefined;
  const check = async (): Promise<void> => {
    const recent = await pairing.listRecentSessions(pairing.now() - REPORTED_WITHIN, MAX_CHECKED);
    const sessions = recent.filter(({ delivery }) => delivery !== undefined && LOST.has(delivery.state));
    const before = known;
    // A message that is sent again may be lost again.
    const nameOf = ({ sessionId, sentAt }: PairingSession): string => `${sessionId} ${sentAt.length}`;
    known = new Set(sessions.map(nameOf));
    if (!before) return;
    for (const session of sessions) if (!before.has(nameOf(session)) && session.delivery) lost(session, deliveryProblem(session.delivery));
  };
  return followNews(pairing, "invites", check, failed);
}
