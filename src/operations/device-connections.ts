import type { Device, Pairing } from "../core/index.ts";

/** What paired phones hold open, of whatever kind. A connection ends when the token it was opened with no longer counts. */
export interface DeviceConnections {
  /** Calls `end`, once, as soon as this device's token does not count any more. Answers how to let go of it before. */
  hold(device: Pick<Device, "jti">, end: () => void): () => void;
  close(): void;
}

/** Milliseconds from one look to the next: a burst of pairings costs a few looks, not one each. */
const BETWEEN_LOOKS = 25;

/**
 * Every revoked, suspended, unpaired or replaced phone is news of "devices", whichever way it came about and, with a store that
 * several servers share, at whichever server. News carries no data: what is held is looked up again.
 */
export function createDeviceConnections(pairing: Pick<Pairing, "listen" | "endedTokens">): DeviceConnections {
  /** By token id. */
  const held = new Map<string, Set<() => void>>();
  let pause: NodeJS.Timeout | undefined;
  let looking = false;
  let again = false;

  const check = async (jtis: readonly string[]): Promise<void> => {
    for (const jti of await pairing.endedTokens(jtis)) {
      const ends = held.get(jti) ?? [];
      held.delete(jti);
      for (const end of ends) end();
    }
  };

  const checkAll = (): void => {
    if (looking || pause) {
      again = true;
      return;
    }
    again = false;
    looking = true;
    check([...held.keys()])
      // What could not be read now is read after the pause.
      .catch(() => (again = true))
      .finally(() => {
        looking = false;
        pause = setTimeout(() => {
          pause = undefined;
          if (again) checkAll();
        }, BETWEEN_LOOKS).unref();
      });
  };

  const stop = pairing.listen((item) => {
    if (item === "devices" && held.size > 0) checkAll();
  });

  return {
    hold({ jti }, end) {
      const ends = held.get(jti) ?? new Set();
      held.set(jti, ends.add(end));
      // It may have ended between the look at the token and this line.
      check([jti]).catch(checkAll);
      return () => {
        ends.delete(end);
        if (ends.size === 0 && held.get(jti) === ends) held.delete(jti);
      };
    },
    close() {
      stop();
      clearTimeout(pause);
      held.clear();
    },
  };
}
