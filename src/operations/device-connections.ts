import { setTimeout as pause } from "node:timers/promises";
import { type Device, type Level, levelOf, type Pairing } from "../core/index.ts";
import { createCoalescedRun } from "./coalesced-run.ts";

/** Everything that paired phones hold open. A connection ends when its token is no longer valid, or gives another level than before. */
export interface DeviceConnections {
  /** Calls `end` once, as soon as this device's token or level has ended. Returns the function that releases it before. */
  hold(device: Pick<Device, "jti" | "level">, end: () => void): () => void;
  close(): void;
}

/** A burst of pairings costs a few checks, not one each. */
const BETWEEN_CHECKS_MS = 25;

interface Held {
  readonly level: Level;
  readonly end: () => void;
}

/**
 * Every changed, revoked, suspended, unpaired or replaced phone causes a change event "devices", whichever way it happened and, with a store that
 * several servers share, at whichever server. The event carries no data, so every token that is held is checked again.
 */
export function createDeviceConnections(pairing: Pick<Pairing, "listen" | "levelsOfTokens">): DeviceConnections {
  /** By token id. */
  const held = new Map<string, Set<Held>>();

  const release = (jti: string, one: Held): boolean => {
    const all = held.get(jti);
    const wasHeld = all?.delete(one) === true;
    if (all?.size === 0) held.delete(jti);
    return wasHeld;
  };

  const check = async (jtis: readonly string[]): Promise<void> => {
    // What is opened while the levels are read may be of a later one.
    const before = jtis.flatMap((jti) => [...(held.get(jti) ?? [])].map((one) => [jti, one] as const));
    const levels = await pairing.levelsOfTokens(jtis);
    for (const [jti, one] of before) if (levels.get(jti) !== one.level && release(jti, one)) one.end();
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
    hold(device, end) {
      const { jti } = device;
      const one = { level: levelOf(device), end };
      held.set(jti, (held.get(jti) ?? new Set()).add(one));
      // It may have ended after it was authenticated and before this line.
      check([jti]).catch(checkAll);
      return () => void release(jti, one);
    },
    close() {
      stop();
      held.clear();
    },
  };
}
