import type { AnswerOf } from "../../contract/operations.ts";

type Devices = AnswerOf<"findDevices">;
export type Device = Devices["devices"][number];

/** Two users may have paired the same phone: these are two devices. */
export function keyOf(device: Pick<Device, "user_id" | "device_id">): string {
  return JSON.stringify([device.user_id, device.device_id]);
}

/** A phone may be paired and revoked more than once. */
export function pairingKeyOf(device: Device): string {
  return `${keyOf(device)}${device.paired_at}`;
}

/**
 * Calls `paired` for each phone that is paired while the page is open, also for one that is paired again. It is given the first page of
 * the list, the newest first: a device that moves up onto it when others leave is older than all that were there.
 */
export function followDevices(paired: (device: Device) => void): (page: Devices) => void {
  let known: ReadonlyMap<string, string> | undefined;
  let newest = "";
  return ({ devices, next }) => {
    const before = known;
    const newestBefore = newest;
    known = new Map(devices.map((device) => [keyOf(device), device.paired_at]));
    newest = next === undefined ? "" : (devices[0]?.paired_at ?? "");
    if (!before) return;
    for (const device of devices) {
      const isNew = before.get(keyOf(device)) !== device.paired_at && device.paired_at >= newestBefore;
      if (device.status === "active" && isNew) paired(device);
    }
  };
}
