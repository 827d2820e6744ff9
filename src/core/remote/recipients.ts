import { type Device, hasAccess } from "../devices/device.ts";
import { checkLevel, hasLevel, type Level } from "../devices/level.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { Recipient } from "./outbox.ts";

/** Addresses phones: one, all of a user's, or all. */
export interface PhoneChoice {
  readonly deviceId?: string | undefined;
  readonly userId?: string | undefined;
}

/** The addressed active phones that are confirmed and have this level. A named phone must exist and be all of that; a user may have none. */
export async function chosenPhones(
  { store }: Pick<Ports, "store">,
  { deviceId, userId }: PhoneChoice,
  least: Level,
): Promise<readonly Device[]> {
  if (deviceId === undefined)
    return (await store.listActiveDevices(userId)).filter((device) => device.confirmed !== false && hasLevel(device, least));
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
  checkLevel(device, least);
  return [device];
}

/** The current row, if the phone may still receive messages of this level. */
export async function activePhone(
  { clock, store }: Pick<Ports, "clock" | "store">,
  { userId, deviceId }: Pick<Recipient, "userId" | "deviceId">,
  least: Level,
): Promise<Device | undefined> {
  const phone = (await store.findDevices(deviceId)).find((device) => device.userId === userId);
  return phone && hasAccess(phone, clock.now()) && hasLevel(phone, least) ? phone : undefined;
}
