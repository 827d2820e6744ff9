import { type Device, deviceKey, type Instant } from "../../../core/index.ts";
import type { Decision, Submit } from "../../../core/store/index.ts";

type Phone = Pick<Device, "userId" | "deviceId">;

/** Phones that were seen since that was last written to a file. Memory has the time of each. */
export interface SeenPhones {
  add(phones: readonly Phone[]): void;
  /** Returns all of them, and none is left. */
  take(): readonly Phone[];
  isEmpty(): boolean;
}

const MAX_IN_ONE_CHANGE = 256;

export function createSeenPhones(): SeenPhones {
  const seen = new Map<string, Phone>();
  return {
    add(phones) {
      for (const { userId, deviceId } of phones) seen.set(deviceKey({ userId, deviceId }), { userId, deviceId });
    },
    take() {
      const phones = [...seen.values()];
      seen.clear();
      return phones;
    },
    isEmpty: () => seen.size === 0,
  };
}

const noteSeen: Decision<{ readonly at: Instant; readonly phones: readonly Phone[] }, void> = {
  rows: ({ phones }) => ({ devices: phones }),
  decide: (draft, { at, phones }) =>
    draft.commit({ at, audit: [], devices: phones.map(draft.device).filter((device) => device !== undefined) }),
};

/** Writes to the journal when these phones were last seen. */
export async function submitSeen(submit: Submit, phones: readonly Phone[], at: Instant): Promise<void> {
  for (let start = 0; start < phones.length; start += MAX_IN_ONE_CHANGE)
    await submit(noteSeen, { at, phones: phones.slice(start, start + MAX_IN_ONE_CHANGE) });
}
