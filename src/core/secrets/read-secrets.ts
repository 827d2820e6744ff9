import type { Ports } from "../ports.ts";
import type { SecretPlaceStatus } from "./status.ts";

/** The place of the secrets together with the key in it, as a person sees them. */
export interface SecretsStatus extends SecretPlaceStatus {
  /** Whether a phone that accepts now can be paired, as far as anybody has tried. */
  readonly canPair: boolean;
}

type Deps = Pick<Ports, "secretPlace" | "tokens">;

/** What is known without asking anything. */
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

/** Asks the place and for the key again, now. Never rejects: what is wrong is in the status. */
export async function retrySecrets(deps: Deps): Promise<SecretsStatus> {
  await deps.secretPlace.retry();
  return trySigning(deps);
}

/** The status after the key was asked for where it was not read yet. */
export async function trySigning(deps: Deps): Promise<SecretsStatus> {
  await deps.tokens.ensureSigning().catch(() => undefined);
  return readSecrets(deps);
}
