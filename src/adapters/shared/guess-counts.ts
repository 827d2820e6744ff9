import { type Clock, createBoundedStates, type GuessCounts, type Guesses, guessesEnd } from "../../core/index.ts";

const MAX_CALLERS = 10_000;

/** In memory: a restart forgets them. */
export function createOwnGuessCounts({ now }: Pick<Clock, "now">): GuessCounts {
  const callers = createBoundedStates<Guesses>({
    most: MAX_CALLERS,
    isOver: (guesses, at) => at >= guessesEnd(guesses),
    isRefusing: ({ waits }) => waits > 0,
  });
  return {
    // Nothing is awaited, so that simultaneous guesses are counted one by one.
    async judge(caller, judge) {
      const at = now();
      const judged = judge(callers.get(caller), at);
      if (judged.keep) {
        callers.delete(caller);
        callers.put(caller, judged.keep, at);
      }
      return judged;
    },
  };
}
