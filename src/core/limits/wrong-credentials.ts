import type { Alerts } from "../alerts.ts";
import type { Denial } from "../audit-denials.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { createGuessLimits } from "./guess-limits.ts";

type Guesser = Pick<Denial, "caller" | "key">;

const MAX_REMEMBERED = 1000;

/** Wrong admin tokens, keys and links, counted together by the caller's address. */
export function createWrongCredentials(
  { clock, digest }: Pick<Ports, "clock" | "digest">,
  noteDenied: (denial: Denial) => Promise<void>,
  alerts: Pick<Alerts, "wrongAdminTokens">,
) {
  const guesses = createGuessLimits();
  /** By address, the digest of the last wrong key. */
  const lastWrong = new Map<string, string>();

  const attempt = async (guesser: Guesser, reason: "wrong_admin_tokens" | "wrong_keys", isRight: boolean): Promise<void> => {
    const now = clock.now();
    const retryAfter = guesses.wait(guesser.key, now);
    if (retryAfter !== undefined) {
      await noteDenied({ ...guesser, reason: "rate_limited" });
      throw new PairingError("rate_limited", { params: { reason, seconds: retryAfter }, retryAfter });
    }
    // Nothing is awaited between the check and the count, so that simultaneous guesses are counted one by one.
    if (isRight) return;
    const mustWait = guesses.noteWrong(guesser.key, now);
    if (mustWait && reason === "wrong_admin_tokens") await alerts.wrongAdminTokens(guesser.caller);
  };

  return {
    /** Compares digests, so that the duration of the comparison reveals nothing about the expected text. */
    isSameSecret: (given: string, expected: string): boolean => digest.sha256(given) === digest.sha256(expected),
    /** Counts a wrong admin token. Rejects with `rate_limited` while the caller has to wait, even with the right one. */
    tryAdminToken: async (guesser: Guesser, isRight: boolean): Promise<void> => attempt(guesser, "wrong_admin_tokens", isRight),
    /**
     * Counts a wrong key or link. Rejects with `rate_limited` while the caller has to wait. The same wrong one again is not counted: a page
     * that goes on with a key from before a restart does not guess.
     */
    async noteWrongKey(guesser: Guesser, wrong: string): Promise<void> {
      const digested = digest.sha256(wrong);
      if (lastWrong.get(guesser.key) === digested) return;
      if (lastWrong.size >= MAX_REMEMBERED) lastWrong.clear();
      await attempt(guesser, "wrong_keys", false);
      lastWrong.set(guesser.key, digested);
    },
  };
}
