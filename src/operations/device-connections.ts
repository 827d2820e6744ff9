import { setTimeout as pause } from "node:timers/promises";
import type { Device, Pairing } from "../core/index.ts";
import { createCoalescedRun } from "./coalesced-run.ts";

/** Everything that paired phones hold open. A connection ends when the token it was opened with is no longer valid. */
export interface DeviceConnections {
  /** Calls `end` once, as soon as this device's token is no longer valid. Returns the function that releases it before. */
  hold(device: Pick<Device, "jti">, end: () => void): () => void;
  close(): void;
}

/** A burst of pairings costs a few checks, not one each. */
const BETWEEN_CHECKS_MS = 25;

/**
 * Every revoked, suspended, unpaired or replaced phone causes a change event "devices", whichever way it happened and, with a store that
 * several servers share, at whichever server. The event carries no data, so every token that is held is checked again.
 */
export function createDeviceConnections(pairing: Pick<Pairing, "listen" | "endedTokens">): DeviceConnections {
  /** By token id. */
  const held = new Map<string, Set<() => void>>();

  const check = async (jtis: readonly string[]): Promise<void> => {
    for (const jti of await pairing.endedTokens(jtis)) {
      const ends = held.get(jti) ?? [];
      held.delete(jti);
      for (const end of ends) end();
    }
  };

  const checkAll = createCoalescedRun(
    async () => {
      if (held.size === 0) return;
      // After the pause everything is checked again that could not be checked now.
      await check([...held.keys()]).catch(() => checkAll());
      await pause(BETWEEN_CHECKS_MS, undefined, { ref: false });
    },
    () => undefined,
  );

  const stop = pairing.listen((item) => {
    if (item === "devices") checkAll();
  });

  return {
    hold({ jti }, end) {
      const ends = held.get(jti) ?? new Set();
      held.set(jti, ends.add(end));
      // It may have become invalid after it was authenticated and before this line.
      check([jti]).catch(checkAll);
      return () => {
        ends.delete(end);
        if (ends.size === 0 && held.get(jti) === ends) held.delete(jti);
      };
    },
    close() {
      stop();
      held.clear();
    },
  };
}
