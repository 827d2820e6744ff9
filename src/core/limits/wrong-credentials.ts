import type { Alerts } from "../alerts.ts";
import type { Denial } from "../audit-denials.ts";
import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import { judgeGuess } from "./guess-limits.ts";

type Guesser = Pick<Denial, "caller" | "key">;

const MAX_REMEMBERED = 1000;

/** Wrong admin tokens, keys and links, counted together by the caller's address, over all servers that share the storage. */
export function createWrongCredentials(
  { digest, guessCounts }: Pick<Ports, "digest" | "guessCounts">,
  noteDenied: (denial: Denial) => Promise<void>,
  alerts: Pick<Alerts, "wrongAdminTokens">,
) {
  /** By address, the digest of the last wrong key, and its judgement: a page sends several requests at once. */
  const lastWrong = new Map<string, { readonly digested: string; readonly judged: Promise<void> }>();

  const attempt = async (guesser: Guesser, reason: "wrong_admin_tokens" | "wrong_keys", isRight: boolean): Promise<void> => {
    const { retryAfter, mustWait } = await guessCounts.judge(guesser.key, (known, now) => judgeGuess(known, isRight, now));
    if (retryAfter !== undefined) {
      await noteDenied({ ...guesser, reason: "rate_limited" });
      throw new PairingError("rate_limited", { params: { reason, seconds: retryAfter }, retryAfter });
    }
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
      const last = lastWrong.get(guesser.key);
      if (last?.digested === digested) {
        await last.judged;
        return;
      }
      if (lastWrong.size >= MAX_REMEMBERED) lastWrong.clear();
      const noted = { digested, judged: attempt(guesser, "wrong_keys", false) };
      lastWrong.set(guesser.key, noted);
      try {
        await noted.judged;
      } catch (cause) {
        // It was not counted.
        if (lastWrong.get(guesser.key) === noted) lastWrong.delete(guesser.key);
        throw cause;
      }
    },
  };
}
