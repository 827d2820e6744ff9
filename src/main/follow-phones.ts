import { type Device, deviceKey, type Pairing } from "../core/index.ts";
import { followNews } from "./follow-news.ts";

export interface PhoneEvents {
  readonly paired: (device: Device) => void;
  readonly revoked: (device: Device) => void;
  /** They could not be read this time. */
  readonly failed: (cause: unknown) => void;
}

/** Tells each phone that is paired (or paired anew) and each that is revoked from now on. Answers how to stop. */
export function followPhones(pairing: Pick<Pairing, "listDevices" | "listen">, { paired, revoked, failed }: PhoneEvents): () => void {
  let known: ReadonlyMap<string, Device> | undefined;
  const look = async (): Promise<void> => {
    const devices = await pairing.listDevices();
    const before = known;
    known = new Map(devices.map((device) => [deviceKey(device), device]));
    if (!before) return;
    for (const [key, device] of known) {
      const was = before.get(key);
      const same = was?.jti === device.jti;
      if (device.status !== "revoked" && !same) paired(device);
      if (device.status === "revoked" && same && was.status !== "revoked") revoked(device);
    }
  };
  return followNews(pairing, "devices", look, failed);
}
