import { askDoor } from "./ask-door.ts";
import { withReported, withSeen } from "./inbox-state.ts";
import type { Visit } from "./visit.ts";

const DELAY_MS = 500;
/** As many as the operation takes. */
const MAX_SEEN = 100;

let timer: ReturnType<typeof setTimeout> | undefined;

/** Notes that a person has seen a message. Saved messages count too: they are reported when the computer answers again. */
export function noteSeen(visit: Visit, messageId: string): void {
  if (!visit.inbox || visit.inbox.seen.includes(messageId)) return;
  visit.change(withSeen(visit.inbox, messageId));
  reportSeen(visit);
}

/** Reports what was seen, several messages at a time. */
export function reportSeen(visit: Visit): void {
  clearTimeout(timer);
  if (visit.inbox?.untold.length) timer = setTimeout(() => void report(visit), DELAY_MS);
}

async function report(visit: Visit): Promise<void> {
  const read = visit.inbox?.untold.slice(0, MAX_SEEN) ?? [];
  if (read.length === 0 || visit.isOver) return;
  const { kind } = await askDoor("POST", "/phone/inbox/acknowledge", { body: { read } });
  if (kind !== "done" || !visit.inbox) return;
  visit.change(withReported(visit.inbox, read));
  reportSeen(visit);
}
