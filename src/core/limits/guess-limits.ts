import { type Instant, MINUTE, SECOND } from "../time.ts";
import { createBoundedStates } from "./bounded-states.ts";

interface Guesses {
  wrong: number;
  windowEnds: Instant;
  /** How often this caller was blocked. */
  waits: number;
  wait: number;
  blockedUntil: Instant;
}

const QUOTA = 5;
const WINDOW = MINUTE;
const MAX_WAIT = 60 * MINUTE;
const MAX_CALLERS = 10_000;

/**
 * Limits wrong guesses of a secret, by caller. Five wrong guesses a minute, then a wait of a minute that doubles with each further wrong guess, up to an hour. Only an hour
 * without a wrong guess resets it. A right guess does not, because attackers can share the address of somebody who knows the
 * secret.
 */
export function createGuessLimits() {
  const callers = createBoundedStates<Guesses>({
    most: MAX_CALLERS,
    isOver: ({ windowEnds, waits, blockedUntil }, now) => now >= (waits === 0 ? windowEnds : blockedUntil + MAX_WAIT),
    isRefusing: ({ waits }) => waits > 0,
  });

  return {
    /** Whole seconds until this caller's next guess is checked; `undefined`: it is checked now. */
    wait(caller: string, now: Instant): number | undefined {
      const known = callers.get(caller);
      if (!known || now >= known.blockedUntil) return undefined;
      // A clock set back never lengthens an announced wait.
      known.blockedUntil = Math.min(known.blockedUntil, now + known.wait);
      return Math.max(1, Math.ceil((known.blockedUntil - now) / SECOND));
    },
    /** Returns whether this caller has to wait now. */
    noteWrong(caller: string, now: Instant): boolean {
      let known = callers.get(caller);
      if (!known || (known.waits > 0 && now >= known.blockedUntil + MAX_WAIT))
        known = { wrong: 0, windowEnds: now + WINDOW, waits: 0, wait: 0, blockedUntil: 0 };
      if (known.waits === 0 && (now >= known.windowEnds || now < known.windowEnds - WINDOW)) {
        known.wrong = 0;
        known.windowEnds = now + WINDOW;
      }
      known.wrong += 1;
      if (known.waits > 0 || known.wrong >= QUOTA) {
        known.wait = Math.min(MAX_WAIT, WINDOW * 2 ** known.waits);
        known.waits += 1;
        known.blockedUntil = now + known.wait;
      }
      callers.delete(caller);
      callers.put(caller, known, now);
      return now < known.blockedUntil;
    },
  };
}
