import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";

/** For the phone. It names nothing that only the person at the computer can see. */
export const CANNOT_FINISH = "Your computer can't finish pairing right now. Unlock its keychain, then tap Accept again.";

type Deps = Pick<Ports, "tokens">;

/**
 * A link that no phone could accept is never made, sent or charged. Rejects with `keys_unavailable` and the reason, for the person at
 * the computer.
 */
export async function ensureSigning({ tokens }: Deps): Promise<void> {
  try {
    await tokens.ensureSigning();
  } catch (cause) {
    throw localRejection(tokens, "No phone can be paired right now.", cause);
  }
}

/** The same refusal with the reason that the computer knows, in place of the phone's sentence. */
export function localRejection(tokens: Deps["tokens"], consequence: string, cause: unknown): unknown {
  if (!(cause instanceof PairingError) || cause.code !== "keys_unavailable") return cause;
  return new PairingError("keys_unavailable", {
    sentence: `${consequence} ${tokens.signingProblem()?.sentence ?? "The signing key cannot be used. Try again."}`,
    ...(cause.note === undefined ? {} : { note: cause.note }),
    cause,
  });
}
