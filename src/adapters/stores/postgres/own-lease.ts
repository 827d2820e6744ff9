import { setTimeout as delay } from "node:timers/promises";
import type { Leases } from "../../../core/index.ts";

/** This run's own lease: while it lasts, other servers take what this one has for alive. */
export interface OwnLease {
  /** The name of this run of this server. */
  readonly holder: string;
  /** Resolves once it is held, or to false when that does not happen soon. */
  held(): Promise<boolean>;
  /** Calls the listener each time it is lost. */
  onLost(listener: () => void): () => void;
  /** Calls the listener each time it is taken. */
  onTaken(listener: () => void): () => void;
  giveBack(): Promise<void>;
}

const SOON_MS = 5000;

export function createOwnLease(leases: Leases, holder: string): OwnLease {
  const lost = new Set<() => void>();
  const taken = new Set<() => void>();
  let isHeld = (): boolean => false;
  const giveBack = leases.take(`server ${holder}`, {
    taken(lease) {
      isHeld = lease.isHeld;
      for (const call of [...taken]) call();
    },
    lost() {
      for (const call of [...lost]) call();
    },
  });
  const on = (listeners: Set<() => void>) => (listener: () => void) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  };
  const onTaken = on(taken);
  return {
    holder,
    async held() {
      if (isHeld()) return true;
      let stop = (): void => undefined;
      const soon = new Promise<void>((resolve) => {
        stop = onTaken(resolve);
      });
      await Promise.race([soon, delay(SOON_MS, undefined, { ref: false })]);
      stop();
      return isHeld();
    },
    onLost: on(lost),
    onTaken,
    giveBack,
  };
}
