import type { AnswerOf } from "../../contract/operations.ts";

export type Device = AnswerOf<"listDevices">[number];

/** The same phone may be paired by two users: both parts make it one. */
export function keyOf(device: Device): string {
  return JSON.stringify([device.user_id, device.device_id]);
}

/** Tells each phone that is paired while the page looks; a phone that is paired anew counts. */
export function followDevices(paired: (device: Device) => void): (devices: readonly Device[]) => void {
  let known: ReadonlyMap<string, string> | undefined;
  return (devices) => {
    const before = known;
    known = new Map(devices.map((device) => [keyOf(device), device.paired_at]));
    if (!before) return;
    for (const device of devices) {
      if (device.status === "active" && before.get(keyOf(device)) !== device.paired_at) paired(device);
    }
  };
}
