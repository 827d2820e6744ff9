import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";
import { revokeDevice } from "./change-device.ts";
import type { Device } from "./device.ts";

/** A phone that nobody has confirmed by then is not paired any more. */
const CONFIRM_WITHIN_MS = 60 * MINUTE;
/** How many phones of one user may wait. */
export const MAX_PER_USER = 5;
const MAX_PER_SERVER = 20;

type Deps = Pick<Ports, "clock" | "store" | "changeEvents">;

/** When an unconfirmed phone ends; `undefined` for one that is confirmed. */
export function unconfirmedUntil({ confirmed, pairedAt }: Pick<Device, "confirmed" | "pairedAt">): Instant | undefined {
  return confirmed === false ? pairedAt + CONFIRM_WITHIN_MS : undefined;
}

/** Revokes the phones whose confirmation did not come in time. */
export async function endUnconfirmed(deps: Deps): Promise<void> {
  const now = deps.clock.now();
  for (const device of await deps.store.listUnconfirmedDevices()) {
    if (now < (unconfirmedUntil(device) ?? Infinity)) continue;
    await revokeDevice(deps, device, {}, "revoke_device").catch((cause: unknown) => {
      // Removed, or confirmed and removed, meanwhile.
      if (!(cause instanceof PairingError && cause.code === "device_not_found")) throw cause;
    });
  }
}

/** Rejects with `rate_limited` while too many phones wait for their confirmation, of this user or of all. */
export async function checkUnconfirmedRoom({ store }: Pick<Ports, "store">, userId: string, now: Instant): Promise<void> {
  const waiting = (await store.listUnconfirmedDevices()).filter((device) => now < (unconfirmedUntil(device) ?? 0));
  const ofUser = waiting.filter((device) => device.userId === userId);
  if (ofUser.length < MAX_PER_USER && waiting.length < MAX_PER_SERVER) return;
  const ends = (ofUser.length < MAX_PER_USER ? waiting : ofUser).map((device) => unconfirmedUntil(device) ?? now);
  const retryAfter = Math.max(1, Math.ceil((Math.min(...ends) - now) / SECOND));
  throw new PairingError("rate_limited", { params: { reason: "unconfirmed_phones" }, retryAfter });
}
