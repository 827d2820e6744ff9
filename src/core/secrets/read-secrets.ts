import type { Ports } from "../ports.ts";
import type { SecretsStanding } from "./standing.ts";

/** The place of the secrets together with the key in it, as a person sees them. */
export interface SecretsStatus extends SecretsStanding {
  /** Whether a phone that accepts now can be paired, as far as anybody has tried. */
  readonly canPair: boolean;
}

type Needs = Pick<Ports, "secretPlace" | "tokens">;

/** What is known without asking anything. */
export function readSecrets({ secretPlace, tokens }: Needs): SecretsStatus {
  const standing = secretPlace.standing();
  const problem = tokens.signingProblem();
  const canPair = problem === undefined;
  const placeIsFine = standing.state === "ready" || standing.state === "opening";
  if (problem?.kind !== "damaged" || !placeIsFine) return { ...standing, canPair };
  return {
    ...standing,
    state: "key_damaged",
    sentence: problem.sentence,
    ways: [...new Set([...standing.ways, "retry" as const])],
    canPair,
  };
}

/** Asks the place and for the key again, now. Never rejects: what is wrong is in the status. */
export async function retrySecrets(needs: Needs): Promise<SecretsStatus> {
  await needs.secretPlace.retry();
  return trySigning(needs);
}

/** The status after the key was asked for where it was not read yet. */
export async function trySigning(needs: Needs): Promise<SecretsStatus> {
  await needs.tokens.ensureSigning().catch(() => undefined);
  return readSecrets(needs);
}
