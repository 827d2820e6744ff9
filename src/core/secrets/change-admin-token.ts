import type { Caller } from "../audit.ts";
import type { AdminTokenStatus, Ports } from "../ports.ts";

/** `token` opens the gated routes from now on; `undefined`: none does. */
export async function changeAdminToken(
  { clock, store, adminToken, changeEvents }: Pick<Ports, "clock" | "store" | "adminToken" | "changeEvents">,
  token: string | undefined,
  caller: Caller,
): Promise<AdminTokenStatus> {
  // The trail must be able to say so.
  await store.checkWritable();
  if (token === undefined) await adminToken.drop();
  else await adminToken.keep(token);
  await store.appendAudit(clock.now(), { event: "admin_token_changed", reason: token === undefined ? "removed" : "replaced", ...caller });
  changeEvents.emit("settings");
  return adminToken.status();
}
