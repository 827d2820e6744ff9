import type { AnswerOf } from "../../contract/operations.ts";

type Devices = AnswerOf<"findDevices">;
export type Device = Devices["devices"][number];

/** The same phone may be paired by two users: both parts make it one. */
export function keyOf(device: Pick<Device, "user_id" | "device_id">): string {
  return JSON.stringify([device.user_id, device.device_id]);
}

/**
 * Tells each phone that is paired while the page looks; a phone that is paired anew counts. It is given the first page of the list,
 * the newest first: what moves up onto it when others leave is older than all that were there.
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
