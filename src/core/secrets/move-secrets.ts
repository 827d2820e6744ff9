import type { Caller } from "../audit.ts";
import type { AdminTokenStatus, Ports } from "../ports.ts";
import { type SecretsStatus, trySigning } from "./read-secrets.ts";
import type { SecretHome } from "./status.ts";

/** Moves secrets to the place that a person chose. Never done automatically. */
export async function moveSecrets(
  { clock, store, secretPlace, tokens, changeEvents }: Pick<Ports, "clock" | "store" | "secretPlace" | "tokens" | "changeEvents">,
  home: SecretHome,
  caller: Caller,
): Promise<SecretsStatus> {
  // Nothing is changed unless the audit trail can be written.
  await store.checkWritable();
  const before = secretPlace.status().kind;
  const moved = await secretPlace.moveTo(home);
  if (moved.kind !== before) await store.appendAudit(clock.now(), { event: "secrets_moved", reason: moved.kind, ...caller });
  const status = await trySigning({ secretPlace, tokens });
  // These screens show the place of secrets.
  for (const item of ["invites", "sms", "settings", "reachability"] as const) changeEvents.emit(item);
  return status;
}

/** Saves the token for gated operations; `undefined` removes it. */
export async function changeAdminToken(
  { clock, store, adminToken, changeEvents }: Pick<Ports, "clock" | "store" | "adminToken" | "changeEvents">,
  token: string | undefined,
  caller: Caller,
): Promise<AdminTokenStatus> {
  // Nothing is changed unless the audit trail can be written.
  await store.checkWritable();
  if (token === undefined) await adminToken.drop();
  else await adminToken.keep(token);
  await store.appendAudit(clock.now(), { event: "admin_token_changed", reason: token === undefined ? "removed" : "replaced", ...caller });
  changeEvents.emit("settings");
  return adminToken.status();
}
