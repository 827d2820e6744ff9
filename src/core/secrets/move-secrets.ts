import type { Caller } from "../audit.ts";
import type { Ports } from "../ports.ts";
import { type SecretsStatus, trySigning } from "./read-secrets.ts";
import type { SecretHome } from "./standing.ts";

/** A person's choice of where secrets are kept from now on. It is never made for them. */
export async function moveSecrets(
  { clock, store, secretPlace, tokens }: Pick<Ports, "clock" | "store" | "secretPlace" | "tokens">,
  home: SecretHome,
  caller: Caller,
): Promise<SecretsStatus> {
  // The trail must be able to say so.
  await store.checkWritable();
  const before = secretPlace.standing().kind;
  const standing = await secretPlace.moveTo(home);
  if (standing.kind !== before) await store.appendAudit(clock.now(), { event: "secrets_moved", reason: standing.kind, ...caller });
  return trySigning({ secretPlace, tokens });
}
