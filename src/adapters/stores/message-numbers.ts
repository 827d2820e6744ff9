import type { Instant } from "../../core/index.ts";

/** Numbers of messages follow the clock up to here, the year 2112: a clock that is far ahead must not use up all numbers. */
const MAX_CLOCK_SEQ = 2 ** 52;
const MICROSECONDS = 1000;

/**
 * What messages are numbered above after a start on a state that may have been restored from a backup, which cannot be seen: former starts
 * may have sent messages, to phones that know their numbers, of which this state knows nothing.
 */
export function usedSeqAt(at: Instant): number {
  return Math.min(Math.floor(at * MICROSECONDS), MAX_CLOCK_SEQ);
}
