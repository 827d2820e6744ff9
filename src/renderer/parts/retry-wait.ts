import { useServerTime } from "../data/page-state.ts";
import { rejectionOf } from "../data/rejection.ts";

const SECOND = 1000;

/** How long what was refused still has to wait, in milliseconds: `undefined` where it has not to, 0 when the wait is over. */
export function useRetryWait(thrown: unknown): number | undefined {
  const now = useServerTime(0);
  if (!thrown) return undefined;
  const { problem, retryAt } = rejectionOf(thrown);
  if (retryAt === undefined || problem.retry_after === undefined) return undefined;
  const whole = problem.retry_after * SECOND;
  const left = retryAt - now;
  // The clock of this computer was set back: nobody waits for longer than was said. Its last tick may be a second ago.
  return left > whole + 2 * SECOND ? 0 : Math.max(0, Math.min(left, whole));
}
