import { type Device, hasAccess } from "../devices/device.ts";
import { checkLevel, hasLevel, type Level } from "../devices/level.ts";
import { MAX_PER_USER } from "../devices/unconfirmed.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";
import type { Recipient } from "./outbox.ts";

/** Addresses phones: one, all of a user's, or everybody's. With nothing named, those of one user. */
export interface PhoneChoice {
  readonly deviceId?: string | undefined;
  readonly userId?: string | undefined;
  /** Everybody's, where neither is named. */
  readonly all?: boolean | undefined;
}

/** The addressed active phones that are confirmed and have this level. A named phone must exist and be all of that; a user may have none. */
export async function chosenPhones(
  deps: Pick<Ports, "clock" | "store">,
  settings: Pick<PairingSettings, "userId">,
  choice: PhoneChoice,
  least: Level,
): Promise<readonly Device[]> {
  if (choice.deviceId !== undefined) return [await namedPhone(deps, choice.deviceId, choice.userId, least)];
  return (await addressedPhones(deps, settings, choice)).filter((device) => hasLevel(device, least));
}

/** An unconfirmed phone is nobody's yet: any program may have paired it. */
const isConfirmed = ({ confirmed }: Pick<Device, "confirmed">): boolean => confirmed !== false;

/** Of any level: a user whose phones are suspended or may not answer still has phones, and nobody else is asked instead. */
async function addressedPhones(
  { clock, store }: Pick<Ports, "clock" | "store">,
  { userId: defaultUser }: Pick<PairingSettings, "userId">,
  { userId, all = false }: PhoneChoice,
): Promise<readonly Device[]> {
  const phonesOf = async (user?: string): Promise<readonly Device[]> => (await store.listActiveDevices(user)).filter(isConfirmed);
  if (userId !== undefined || all) return phonesOf(userId);
  const own = await phonesOf(defaultUser);
  if (own.length > 0) return own;
  const suspended = await store.pageOfDevices({
    filter: { statuses: ["suspended"], userId: defaultUser },
    most: MAX_PER_USER + 1,
    at: clock.now(),
  });
  if (suspended.items.some(isConfirmed)) return [];
  const others = await phonesOf();
  if (new Set(others.map((device) => device.userId)).size > 1) throw new PairingError("user_required");
  return others;
}

async function namedPhone({ store }: Pick<Ports, "store">, deviceId: string, userId: string | undefined, least: Level): Promise<Device> {
  const [device, another] = (await store.findDevices(deviceId)).filter(
    (found) => found.status !== "revoked" && (userId === undefined || found.userId === userId),
  );
  if (!device) throw new PairingError("device_not_found");
  if (another) throw new PairingError("device_ambiguous", { params: { reason: "body" } });
  if (device.status === "suspended") throw new PairingError("device_suspended");
  if (device.confirmed === false) throw new PairingError("device_unconfirmed");
  checkLevel(device, least);
  return device;
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
