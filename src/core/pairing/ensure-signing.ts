import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";

/** The sentence for the phone. It omits details that only the computer's user may see. */
export const CANNOT_FINISH = "Your computer can't finish pairing right now. Unlock its keychain, then tap Accept again.";

type Deps = Pick<Ports, "tokens">;

/**
 * Ensures that no link is created, sent or charged that no phone could accept. Rejects with `keys_unavailable` and the reason,
 * for the person at the computer.
 */
export async function ensureSigning({ tokens }: Deps): Promise<void> {
  try {
    await tokens.ensureSigning();
  } catch (cause) {
    throw localRejection(tokens, "No phone can be paired right now.", cause);
  }
}

/** The same error with the computer's reason instead of the phone's sentence. */
export function localRejection(tokens: Deps["tokens"], consequence: string, cause: unknown): unknown {
  if (!(cause instanceof PairingError) || cause.code !== "keys_unavailable") return cause;
  return new PairingError("keys_unavailable", {
    sentence: `${consequence} ${tokens.signingProblem()?.sentence ?? "The signing key cannot be used. Try again."}`,
    ...(cause.note === undefined ? {} : { note: cause.note }),
    cause,
  });
}
