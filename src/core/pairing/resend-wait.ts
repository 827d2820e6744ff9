import type { TextMessage } from "../messages/text-message.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { type Instant, SECOND } from "../time.ts";
import type { PairingSession } from "./session.ts";

/** How long to wait after a link's first, second and further messages before it can be sent again. */
const WAITS = [30 * SECOND, 60 * SECOND, 120 * SECOND] as const;

/** `scale` is that of the request limits. It only shortens the wait. */
export function resendWaits(scale: number): readonly number[] {
  return WAITS.map((wait) => wait / Math.max(1, scale)).map((wait) => (wait < SECOND ? 0 : wait));
}

/**
 * When the last send of a message has had its time to arrive, in whole seconds; `undefined`: at once. A message that is known not to
 * have arrived needs no time.
 */
export function resendWaitEnd({ sends, delivery }: TextMessage, waits: readonly number[], at: Instant): Instant | undefined {
  const last = sends.at(-1);
  const wait = waits[Math.min(sends.length, waits.length) - 1] ?? 0;
  if (last === undefined || wait === 0 || delivery?.state === "failed" || delivery?.state === "undelivered") return undefined;
  // Dated in the future: the clock was set back by an unknown amount. A wait counted from then might never end.
  if (at < last) return undefined;
  const end = Math.ceil((last + wait) / SECOND) * SECOND;
  return at < end ? end : undefined;
}

/** The first moment at which a pending link can be sent again: its wait is over, and the budget has room. */
export async function resendAfter(
  deps: Pick<Ports, "clock" | "store">,
  settings: PairingSettings,
  session: PairingSession,
): Promise<Instant | undefined> {
  const text = session.status === "pending" && session.textId !== undefined ? await deps.store.findText(session.textId) : undefined;
  if (!text) return undefined;
  const at = deps.clock.now();
  const room = await deps.store.nextText({ text, budget: settings.smsBudget, at });
  const end = Math.max(resendWaitEnd(text, settings.resendWaits ?? [], at) ?? 0, room ?? 0);
  // Rounded up: times are shown in whole seconds and must not be too early.
  return end === 0 ? text.sends.at(-1) : Math.ceil(end / SECOND) * SECOND;
}
