import { present } from "../../base/present.ts";
import type { Language } from "../../words/languages.ts";
import type { AuditEntry, AuditEvent, Caller } from "../audit.ts";
import { PairingError } from "../errors.ts";
import type { ListPage, ListPosition } from "../lists.ts";
import { cleanName } from "../names.ts";
import type { Ports, UpdateDevice } from "../ports.ts";
import type { Device } from "./device.ts";
import { isHigher, type Level, levelOf } from "./level.ts";

type Deps = Pick<Ports, "clock" | "store" | "changeEvents">;

/** Identifies a phone. The user is needed only if two users have a phone with this id. */
export interface DeviceChoice {
  readonly deviceId: string;
  readonly userId?: string;
}

/** What is absent stays as it is. */
export interface DeviceChange {
  /** As typed. */
  readonly deviceName?: string | undefined;
  readonly level?: Level | undefined;
  readonly language?: Language | undefined;
}

/** Changes a phone's name, its level, its language, or several of them. `mayRaise`: whether the caller may let a phone do more than before. */
export async function changeDevice(
  deps: Deps,
  choice: DeviceChoice,
  { deviceName: typedName, level, language }: DeviceChange,
  { mayRaise }: { readonly mayRaise: boolean },
  caller: Caller,
): Promise<Device> {
  const deviceName = typedName === undefined ? undefined : cleanName(typedName);
  if (deviceName === "") throw new PairingError("invalid_request", { params: { reason: "empty_name" } });
  if (deviceName === undefined && level === undefined && language === undefined)
    throw new PairingError("invalid_request", { params: { reason: "nothing_changed" } });
  const device = await chosen(deps, choice);
  if (level !== undefined && !mayRaise && isHigher(level, levelOf(device)))
    throw new PairingError("forbidden_level", { params: { reason: "raise" } });
  const events: AuditLine[] = [
    ...(deviceName === undefined ? [] : [{ event: "rename_device" } as const]),
    ...(level === undefined ? [] : [{ event: "change_device", reason: `level: ${level}` } as const]),
  ];
  return update(deps, device, { set: { deviceName, level, language }, ...(mayRaise ? {} : { neverRaise: true }) }, events, caller);
}

export async function suspendDevice(deps: Deps, choice: DeviceChoice, caller: Caller): Promise<Device> {
  return update(deps, await chosen(deps, choice), { set: { status: "suspended" } }, [{ event: "suspend_device" }], caller);
}

export async function reactivateDevice(deps: Deps, choice: DeviceChoice, caller: Caller): Promise<Device> {
  return update(deps, await chosen(deps, choice), { set: { status: "active" } }, [{ event: "reactivate_device" }], caller);
}

/** A person at the computer says that this phone is the one they meant. It may do what its level allows from then on. */
export async function confirmDevice(
  deps: Deps,
  choice: DeviceChoice,
  { level }: Pick<DeviceChange, "level">,
  caller: Caller,
): Promise<Device> {
  const reason = level === undefined ? {} : { reason: `level: ${level}` };
  const device = await chosen(deps, choice);
  return update(deps, device, { set: { confirmed: true, level } }, [{ event: "confirm_device", ...reason }], caller);
}

/** From the next request on, the phone's token is rejected, also after a restart. */
export async function revokeDevice(deps: Deps, choice: DeviceChoice, caller: Caller, event: AuditEvent = "revoke_device"): Promise<Device> {
  const revoked = await revokeWithoutEvents(deps, choice, caller, event);
  emitPhoneChange(deps.changeEvents);
  return revoked;
}

async function revokeWithoutEvents(deps: Deps, choice: DeviceChoice, caller: Caller, event: AuditEvent): Promise<Device> {
  const device = await chosen(deps, choice);
  const revoked = await deps.store.revokeDevice({
    userId: device.userId,
    deviceId: device.deviceId,
    at: deps.clock.now(),
    audit: [{ event, user_id: device.userId, device_id: device.deviceId, session_id: device.sessionId, ...caller }],
  });
  if (!revoked) throw new PairingError("device_not_found");
  return revoked;
}

/** Invites and sent messages show the phone's name and status, so they change too. */
export function emitPhoneChange(changeEvents: Ports["changeEvents"]): void {
  for (const item of ["devices", "invites", "messages"] as const) changeEvents.emit(item);
}

export interface RevokeAll {
  readonly userId?: string;
  readonly exceptDeviceId?: string;
}

/** Small enough that one batch does not delay other requests. */
const AT_ONCE = 200;

/** Revokes every phone (of one user) except one. Returns the count. */
export async function revokeAllDevices(deps: Deps, { userId, exceptDeviceId }: RevokeAll, caller: Caller): Promise<number> {
  const filter = { statuses: ["active", "suspended"] as const, ...present({ userId }) };
  let count = 0;
  let after: ListPosition | undefined;
  do {
    const page: ListPage<Device> = await deps.store.pageOfDevices({
      filter,
      most: AT_ONCE,
      at: deps.clock.now(),
      ...(after ? { after } : {}),
    });
    after = page.next;
    const meant = page.items.filter(({ deviceId }) => deviceId !== exceptDeviceId);
    const revoked = await Promise.all(
      meant.map(async (device) =>
        revokeWithoutEvents(deps, device, caller, "revoke_device").catch((cause: unknown) => {
          // Another request revoked the phone first, which is the wanted result.
          if (cause instanceof PairingError && cause.code === "device_not_found") return undefined;
          throw cause;
        }),
      ),
    );
    const some = revoked.filter((device) => device !== undefined).length;
    // One event for all: listeners read everything again for each.
    if (some > 0) emitPhoneChange(deps.changeEvents);
    count += some;
  } while (after);
  return count;
}

type AuditLine = Pick<AuditEntry, "event" | "reason">;

async function update(
  deps: Deps,
  { userId, deviceId }: Device,
  change: Pick<UpdateDevice, "set" | "neverRaise">,
  events: readonly AuditLine[],
  caller: Caller,
): Promise<Device> {
  const changed = await deps.store.updateDevice({
    userId,
    deviceId,
    ...change,
    at: deps.clock.now(),
    audit: events.map((line) => ({ ...line, user_id: userId, device_id: deviceId, ...caller })),
  });
  if (!changed) throw new PairingError("device_not_found");
  emitPhoneChange(deps.changeEvents);
  return changed;
}

async function chosen(deps: Deps, { deviceId, userId }: DeviceChoice): Promise<Device> {
  const same = (await deps.store.findDevices(deviceId)).filter(
    (device) => device.status !== "revoked" && (userId === undefined || device.userId === userId),
  );
  const [device, another] = same;
  if (!device) throw new PairingError("device_not_found");
  if (another) throw new PairingError("device_ambiguous");
  return device;
}
