import { present } from "../../base/present.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";

type Deps = Pick<Ports, "tokens">;

/**
 * Ensures that no link is created, sent or charged that no phone could accept. Rejects with `keys_unavailable` and the reason,
 * for the person at the computer.
 */
export async function ensureSigning({ tokens }: Deps): Promise<void> {
  try {
    await tokens.ensureSigning();
  } catch (cause) {
    throw localRejection(tokens, "cannot_pair", cause);
  }
}

/** The same error with the computer's reason instead of the phone's sentence. */
export function localRejection(tokens: Deps["tokens"], reason: "cannot_pair" | "cannot_rotate", cause: unknown): unknown {
  if (!(cause instanceof PairingError) || cause.code !== "keys_unavailable") return cause;
  const why = tokens.signingProblem()?.sentence;
  return new PairingError("keys_unavailable", {
    params: why === undefined ? { reason: `${reason}_key` } : { reason, why },
    ...present({ note: cause.note }),
    cause,
  });
}

/** The same error with the sentence for the phone, which says what the owner of the computer can do. */
export function phoneRejection(cause: unknown): unknown {
  if (!(cause instanceof PairingError) || cause.code !== "keys_unavailable") return cause;
  return new PairingError("keys_unavailable", { params: { reason: "cannot_finish" }, ...present({ note: cause.note }), cause });
}
