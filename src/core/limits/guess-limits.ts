import type { Guesses } from "../ports.ts";
import { type Instant, MINUTE, SECOND } from "../time.ts";

const QUOTA = 5;
const WINDOW = MINUTE;
const MAX_WAIT = 60 * MINUTE;

export interface Judged {
  /** Whole seconds until this caller's next guess is checked; `undefined`: it is checked now. */
  readonly retryAfter?: number;
  /** The caller has to wait from now on. */
  readonly mustWait?: true;
  /** What is known of the caller from now on; absent: as before. */
  readonly keep?: Guesses;
}

/**
 * Limits wrong guesses of a secret, by caller. Five wrong guesses a minute, then a wait of a minute that doubles with each further wrong guess, up to an hour. Only an hour
 * without a wrong guess resets it. A right guess does not, because attackers can share the address of somebody who knows the
 * secret.
 */
export function judgeGuess(known: Guesses | undefined, isRight: boolean, now: Instant): Judged {
  if (known && now < known.blockedUntil) {
    // A clock set back never lengthens an announced wait.
    const blockedUntil = Math.min(known.blockedUntil, now + known.wait);
    return {
      retryAfter: Math.max(1, Math.ceil((blockedUntil - now) / SECOND)),
      ...(blockedUntil < known.blockedUntil ? { keep: { ...known, blockedUntil } } : {}),
    };
  }
  if (isRight) return {};
  const { wrong, windowEnds, waits } = startOf(known, now);
  if (waits === 0 && wrong + 1 < QUOTA) return { keep: { wrong: wrong + 1, windowEnds, waits, wait: 0, blockedUntil: 0 } };
  const wait = Math.min(MAX_WAIT, WINDOW * 2 ** waits);
  return { mustWait: true, keep: { wrong: wrong + 1, windowEnds, waits: waits + 1, wait, blockedUntil: now + wait } };
}

function startOf(known: Guesses | undefined, now: Instant): Pick<Guesses, "wrong" | "windowEnds" | "waits"> {
  const fresh = { wrong: 0, windowEnds: now + WINDOW, waits: 0 };
  if (!known || now >= guessesEnd(known)) return fresh;
  return known.waits === 0 && now < known.windowEnds - WINDOW ? fresh : known;
}

/** When what is known of a caller has no effect any more. */
export function guessesEnd({ windowEnds, waits, blockedUntil }: Guesses): Instant {
  return waits === 0 ? windowEnds : blockedUntil + MAX_WAIT;
}
