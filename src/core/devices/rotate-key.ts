import type { Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import { localRejection } from "../pairing/ensure-signing.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import { DAY, MINUTE } from "../time.ts";

/** Longer than the leeway when a token's expiry is checked. */
const MARGIN = 5 * MINUTE;

/**
 * Rotates the signing key. Tokens of the previous key stay valid until the last one has expired. Rejects with
 * `storage_unavailable`: nothing was changed, unless the sentence says that only the audit line is missing.
 */
export async function rotateKey(
  deps: Pick<Ports, "clock" | "store" | "tokens">,
  { tokenDays }: PairingSettings,
  caller: Caller,
): Promise<{ readonly kid: string }> {
  // Nothing is changed unless the audit trail can be written.
  await deps.store.checkWritable();
  const now = deps.clock.now();
  const { kid } = await deps.tokens.rotate(now + tokenDays * DAY + MARGIN).catch((cause: unknown) => {
    throw localRejection(deps.tokens, "cannot_rotate", cause);
  });
  await deps.store.appendAudit(now, { event: "key_rotated", kid, ...caller }).catch((cause: unknown) => {
    throw new PairingError("storage_unavailable", {
      params: { reason: "audit_not_written", kid },
      cause,
    });
  });
  return { kid };
}
