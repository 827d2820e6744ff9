import type { Caller } from "../audit.ts";
import type { Ports } from "../ports.ts";
import { type SecretsStatus, trySigning } from "./read-secrets.ts";
import type { SecretHome } from "./status.ts";

/** A person's choice of where secrets are kept from now on. It is never made for them. */
export async function moveSecrets(
  { clock, store, secretPlace, tokens, changeEvents }: Pick<Ports, "clock" | "store" | "secretPlace" | "tokens" | "changeEvents">,
  home: SecretHome,
  caller: Caller,
): Promise<SecretsStatus> {
  // The trail must be able to say so.
  await store.checkWritable();
  const before = secretPlace.status().kind;
  const moved = await secretPlace.moveTo(home);
  if (moved.kind !== before) await store.appendAudit(clock.now(), { event: "secrets_moved", reason: moved.kind, ...caller });
  const status = await trySigning({ secretPlace, tokens });
  // Each of these says where its secrets are.
  for (const item of ["invites", "sms", "settings", "reachability"] as const) changeEvents.emit(item);
  return status;
}
