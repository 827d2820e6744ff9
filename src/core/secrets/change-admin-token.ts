import type { Caller } from "../audit.ts";
import type { AdminTokenStanding, Ports } from "../ports.ts";

/** `token` opens the gated routes from now on; `undefined`: none does. */
export async function changeAdminToken(
  { clock, store, adminToken, news }: Pick<Ports, "clock" | "store" | "adminToken" | "news">,
  token: string | undefined,
  caller: Caller,
): Promise<AdminTokenStanding> {
  // The trail must be able to say so.
  await store.checkWritable();
  if (token === undefined) await adminToken.drop();
  else await adminToken.keep(token);
  await store.appendAudit(clock.now(), { event: "admin_token_changed", reason: token === undefined ? "removed" : "replaced", ...caller });
  news.tell("settings");
  return adminToken.standing();
}
