import { type Device, hasAccess } from "../devices/device.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Recipient } from "./outbox.ts";

/** Addresses phones: one, all of a user's, or all. */
export interface PhoneChoice {
  readonly deviceId?: string | undefined;
  readonly userId?: string | undefined;
}

/** The addressed active phones. A named phone must exist and be active; a user may have none. */
export async function chosenPhones({ store }: Pick<Ports, "store">, { deviceId, userId }: PhoneChoice): Promise<readonly Device[]> {
  if (deviceId === undefined) return (await store.listActiveDevices(userId)).filter(({ confirmed }) => confirmed !== false);
  const named = (await store.findDevices(deviceId)).filter(
    (device) => device.status !== "revoked" && (userId === undefined || device.userId === userId),
  );
  const [device, another] = named;
  if (!device) throw new PairingError("device_not_found");
  if (another) {
    throw new PairingError("device_ambiguous", { params: { reason: "body" } });
  }
  if (device.status === "suspended") throw new PairingError("device_suspended");
  if (device.confirmed === false) throw new PairingError("device_unconfirmed");
  return [device];
}

/** The current row, if the phone may still receive messages. */
export async function activePhone(
  { clock, store }: Pick<Ports, "clock" | "store">,
  { userId, deviceId }: Pick<Recipient, "userId" | "deviceId">,
): Promise<Device | undefined> {
  const phone = (await store.findDevices(deviceId)).find((device) => device.userId === userId);
  return phone && hasAccess(phone, clock.now()) ? phone : undefined;
}
