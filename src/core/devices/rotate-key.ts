import type { Caller } from "../audit.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { DAY, MINUTE } from "../time.ts";

/** Longer than the leeway with which the end of a token is read. */
const MARGIN = 5 * MINUTE;

/** A new key signs; what the former one signed stays good until its last token has ended. */
export async function rotateKey(
  needs: Pick<Ports, "clock" | "store" | "tokens">,
  { tokenDays }: PairingSettings,
  caller: Caller,
): Promise<{ readonly kid: string }> {
  // The trail must be able to say so.
  await needs.store.checkWritable();
  const now = needs.clock.now();
  const { kid } = await needs.tokens.rotate(now + tokenDays * DAY + MARGIN);
  await needs.store.appendAudit(now, { event: "key_rotated", kid, ...caller });
  return { kid };
}
