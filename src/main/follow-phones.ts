import { messageOf } from "../base/message-of.ts";
import { type Device, deviceKey, type ListPage, type ListPosition, type Pairing } from "../core/index.ts";
import { say } from "../words/say.ts";
import { followNews } from "./follow-news.ts";

export interface PhoneEvents {
  readonly paired: (device: Device) => void;
  readonly revoked: (device: Device) => void;
  /** The list could not be read this time. */
  readonly failed: (cause: unknown) => void;
}

interface Known extends Pick<Device, "jti" | "status"> {
  readonly check: number;
}

const AT_ONCE = 200;

/** Calls back for each phone that is paired (or paired again) or revoked from now on. Returns a function that stops. */
export function followPhones(pairing: Pick<Pairing, "pageOfDevices" | "listen">, { paired, revoked, failed }: PhoneEvents): () => void {
  const known = new Map<string, Known>();
  let rounds = 0;
  let begun = false;
  const note = (device: Device): void => {
    const { jti, status } = device;
    const key = deviceKey(device);
    const was = known.get(key);
    known.set(key, { jti, status, check: rounds });
    if (!begun) return;
    const same = was?.jti === jti;
    if (status !== "revoked" && !same) paired(device);
    if (status === "revoked" && same && was.status !== "revoked") revoked(device);
  };
  const check = async (): Promise<void> => {
    rounds += 1;
    let count = 0;
    let after: ListPosition | undefined;
    do {
      // Very many phones are no reason to hold up anybody: the store lets others go on between pages.
      const { items, next }: ListPage<Device> = await pairing.pageOfDevices({ most: AT_ONCE, ...(after ? { after } : {}) });
      for (const device of items) note(device);
      count += items.length;
      after = next;
    } while (after);
    begun = true;
    if (known.size > count) for (const [key, { check: seen }] of known) if (seen !== rounds) known.delete(key);
  };
  return followNews(pairing, "devices", check, failed);
}

/** For a host's log: phones that were paired meanwhile are reported once the list can be read again. */
export function phonesNotRead(cause: unknown): string {
  return say("desktop.pairedUnnoticed", { why: messageOf(cause, say("desktop.listUnreadable")) });
}
