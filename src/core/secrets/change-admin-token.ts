import type { Caller } from "../audit.ts";
import type { AdminTokenStatus, Ports } from "../ports.ts";

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
