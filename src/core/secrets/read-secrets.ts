import type { Ports } from "../ports.ts";
import type { SecretPlaceStatus } from "./status.ts";

/** The place of secrets and the state of the signing key, as a person sees them. */
export interface SecretsStatus extends SecretPlaceStatus {
  /** Whether a phone can be paired now, as far as known. */
  readonly canPair: boolean;
}

type Deps = Pick<Ports, "secretPlace" | "tokens">;

/** The known status, without reading anything. */
export function readSecrets({ secretPlace, tokens }: Deps): SecretsStatus {
  const status = secretPlace.status();
  const problem = tokens.signingProblem();
  const canPair = problem === undefined;
  const placeIsFine = status.state === "ready" || status.state === "opening";
  if (problem?.kind !== "damaged" || !placeIsFine) return { ...status, canPair };
  return {
    ...status,
    state: "key_damaged",
    sentence: problem.sentence,
    ways: [...new Set([...status.ways, "retry" as const])],
    canPair,
  };
}

/** Reads the place and the key again. Never rejects: the status contains the failure. */
export async function retrySecrets(deps: Deps): Promise<SecretsStatus> {
  await deps.secretPlace.retry();
  return trySigning(deps);
}

/** The status, after reading the key if necessary. */
export async function trySigning(deps: Deps): Promise<SecretsStatus> {
  await deps.tokens.ensureSigning().catch(() => undefined);
  return readSecrets(deps);
}
