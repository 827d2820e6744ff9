import { useServerTime } from "../data/page-state.ts";
import { rejectionOf } from "../data/rejection.ts";

const SECOND_MS = 1000;

/** The milliseconds until a rejected request may be repeated: 0 when the wait is over, `undefined` where there is none. */
export function useRetryWait(thrown: unknown): number | undefined {
  const now = useServerTime(0);
  if (!thrown) return undefined;
  const { problem, retryAt } = rejectionOf(thrown);
  if (retryAt === undefined || problem.retry_after === undefined) return undefined;
  const whole = problem.retry_after * SECOND_MS;
  const left = retryAt - now;
  // Where this computer's clock was set back, the wait is over. The page's last tick may be a second ago.
  return left > whole + 2 * SECOND_MS ? 0 : Math.max(0, Math.min(left, whole));
}
