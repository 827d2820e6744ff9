import type { AuditEvent, Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { ListPage, ListPosition } from "../lists.ts";
import { cleanName } from "../names.ts";
import type { Ports } from "../ports.ts";
import type { Device } from "./device.ts";

type Needs = Pick<Ports, "clock" | "store" | "news">;

/** Which phone is meant: an id alone is enough unless two users have one of the same id. */
export interface DeviceChoice {
  readonly deviceId: string;
  readonly userId?: string;
}

export async function renameDevice(needs: Needs, choice: DeviceChoice, typedName: string, caller: Caller): Promise<Device> {
  const deviceName = cleanName(typedName);
  if (deviceName === "")
    throw new PairingError("invalid_request", { sentence: "The name is empty. Give the phone a name of 1 to 40 characters." });
  return update(needs, choice, { deviceName }, "rename_device", caller);
}

export async function suspendDevice(needs: Needs, choice: DeviceChoice, caller: Caller): Promise<Device> {
  return update(needs, choice, { status: "suspended" }, "suspend_device", caller);
}

export async function reactivateDevice(needs: Needs, choice: DeviceChoice, caller: Caller): Promise<Device> {
  return update(needs, choice, { status: "active" }, "reactivate_device", caller);
}

/** From the next request on the phone's token is refused, here and after any restart. */
export async function revokeDevice(
  needs: Needs,
  choice: DeviceChoice,
  caller: Caller,
  event: AuditEvent = "revoke_device",
): Promise<Device> {
  const revoked = await revokeUntold(needs, choice, caller, event);
  tellPhone(needs.news);
  return revoked;
}

async function revokeUntold(needs: Needs, choice: DeviceChoice, caller: Caller, event: AuditEvent): Promise<Device> {
  const device = await chosen(needs, choice);
  const revoked = await needs.store.revokeDevice({
    userId: device.userId,
    deviceId: device.deviceId,
    at: needs.clock.now(),
    audit: [{ event, user_id: device.userId, device_id: device.deviceId, session_id: device.sessionId, ...caller }],
  });
  if (!revoked) throw new PairingError("device_not_found");
  return revoked;
}

/** What a phone is called, and what becomes of it, stands with its invite and with what was sent to it, too. */
export function tellPhone(news: Ports["news"]): void {
  for (const item of ["devices", "invites", "messages"] as const) news.tell(item);
}

export interface RevokeAll {
  readonly userId?: string;
  readonly exceptDeviceId?: string;
}

/** Few enough that a read and a change hold up nobody else. */
const AT_ONCE = 200;

/** Revokes every phone (of one user), but for one that stays. Answers how many. */
export async function revokeAllDevices(needs: Needs, { userId, exceptDeviceId }: RevokeAll, caller: Caller): Promise<number> {
  const filter = { statuses: ["active", "suspended"] as const, ...(userId === undefined ? {} : { userId }) };
  let count = 0;
  let after: ListPosition | undefined;
  do {
    const page: ListPage<Device> = await needs.store.pageOfDevices({
      filter,
      most: AT_ONCE,
      at: needs.clock.now(),
      ...(after ? { after } : {}),
    });
    after = page.next;
    const meant = page.items.filter(({ deviceId }) => deviceId !== exceptDeviceId);
    const revoked = await Promise.all(
      meant.map(async (device) =>
        revokeUntold(needs, device, caller, "revoke_device").catch((cause: unknown) => {
          // Another hand was faster: the phone is revoked, which is what was asked for.
          if (cause instanceof PairingError && cause.code === "device_not_found") return undefined;
          throw cause;
        }),
      ),
    );
    const some = revoked.filter((device) => device !== undefined).length;
    // Whoever listens reads all of it again each time.
    if (some > 0) tellPhone(needs.news);
    count += some;
  } while (after);
  return count;
}

async function update(
  needs: Needs,
  choice: DeviceChoice,
  set: { deviceName?: string; status?: "active" | "suspended" },
  event: AuditEvent,
  caller: Caller,
): Promise<Device> {
  const device = await chosen(needs, choice);
  const changed = await needs.store.updateDevice({
    userId: device.userId,
    deviceId: device.deviceId,
    set,
    at: needs.clock.now(),
    audit: [{ event, user_id: device.userId, device_id: device.deviceId, ...caller }],
  });
  if (!changed) throw new PairingError("device_not_found");
  tellPhone(needs.news);
  return changed;
}

async function chosen(needs: Needs, { deviceId, userId }: DeviceChoice): Promise<Device> {
  const same = (await needs.store.findDevices(deviceId)).filter(
    (device) => device.status !== "revoked" && (userId === undefined || device.userId === userId),
  );
  const [device, another] = same;
  if (!device) throw new PairingError("device_not_found");
  if (another) throw new PairingError("device_ambiguous");
  return device;
}
