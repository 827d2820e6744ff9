import { expect, it } from "vitest";
import type { GuessCounts, Guesses } from "../../src/core/index.ts";
import { judgeGuess } from "../../src/core/limits/guess-limits.ts";

/** The counts of two servers that share a storage; of one server they are the same. */
export interface MadeGuessCounts {
  readonly first: GuessCounts;
  readonly second: GuessCounts;
}

/** What every adapter promises. */
export function guessCountsContract(make: () => Promise<MadeGuessCounts>): void {
  const guess = async (counts: GuessCounts, caller: string, isRight = false) =>
    counts.judge(caller, (known, now) => judgeGuess(known, isRight, now));

  it("count wrong guesses once over all servers: after five a caller waits everywhere, and nobody else", async () => {
    const { first, second } = await make();
    const caller = "192.0.2.1 \u0000 \ud800";
    const judged = await Promise.all(Array.from({ length: 40 }, async (_, index) => guess(index % 2 === 0 ? first : second, caller)));
    expect(judged.filter(({ retryAfter }) => retryAfter === undefined)).toHaveLength(5);
    expect(judged.filter(({ mustWait }) => mustWait)).toHaveLength(1);
    for (const counts of [first, second]) {
      expect((await guess(counts, caller, true)).retryAfter).toBeGreaterThan(0);
      expect(await guess(counts, "192.0.2.2", true)).toEqual({});
    }
  });

  it("judge a right guess after the wrong ones that came before it, however many come at once", async () => {
    const { first } = await make();
    const judged = await Promise.all(Array.from({ length: 60 }, async (_, index) => guess(first, "192.0.2.3", index === 59)));
    expect(judged.at(-1)?.retryAfter).toBeGreaterThan(0);
  });

  it("remember what was stored, and nothing of a guess that keeps nothing", async () => {
    const { first, second } = await make();
    const guesses: Guesses = { wrong: 3, windowEnds: Date.now() + 60_000, waits: 0, wait: 0, blockedUntil: 0 };
    expect(await first.judge("a", () => ({ keep: guesses, more: 1 }))).toEqual({ keep: guesses, more: 1 });
    const seen: (Guesses | undefined)[] = [];
    await second.judge("a", (known) => {
      seen.push(known);
      return {};
    });
    await second.judge("b", (known) => {
      seen.push(known);
      return {};
    });
    expect(seen).toEqual([guesses, undefined]);
  });
}
