import { deliveryProblem, type Pairing, type Session } from "../core/index.ts";
import { followNews } from "./follow-news.ts";

const LOST: ReadonlySet<string> = new Set(["undelivered", "failed"]);

/**
 * Tells each invite whose text message turned out to be lost after it had been taken, with why. What was lost before this began to
 * look is old news. Answers how to stop.
 */
export function followMessages(
  pairing: Pick<Pairing, "listSessions" | "listen">,
  lost: (session: Session, problem: string | undefined) => void,
): () => void {
  let known: ReadonlySet<string> | undefined;
  const look = async (): Promise<void> => {
    const sessions = (await pairing.listSessions()).filter(({ delivery }) => delivery !== undefined && LOST.has(delivery.state));
    const before = known;
    // A message that is sent again may be lost again.
    const nameOf = ({ sessionId, sentAt }: Session): string => `${sessionId} ${sentAt.length}`;
    known = new Set(sessions.map(nameOf));
    if (!before) return;
    for (const session of sessions) if (!before.has(nameOf(session)) && session.delivery) lost(session, deliveryProblem(session.delivery));
  };
  return followNews(pairing, "invites", look);
}
