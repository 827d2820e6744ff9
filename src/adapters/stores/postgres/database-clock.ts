import { type Instant, type Log, MINUTE, SECOND } from "../../../core/index.ts";
import type { Query } from "./connection.ts";
import { reasonOf } from "./errors.ts";

/** How far the database's clock is from this computer's. */
export interface DatabaseClock {
  /** To be added to this computer's time. Small differences are 0: that is how well the network lets it be measured. */
  offset(): number;
  measure(): Promise<void>;
  stop(): void;
}

/** The time of the database in milliseconds, at which this part of a statement runs. */
export const DATABASE_NOW = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

const MIN_OFFSET_MS = SECOND;

/** By how many milliseconds the database's clock is ahead of `now`; 0 where it is less than can be measured well. */
export async function measureOffset(query: Query, now: () => Instant): Promise<number> {
  const before = now();
  const [row] = await query(`select ${DATABASE_NOW} as at`);
  const difference = (row?.["at"] as number) - Math.round((before + now()) / 2);
  return Math.abs(difference) < MIN_OFFSET_MS ? 0 : difference;
}

/** Measured at the start and once a minute. What is decided in between uses the last measurement. */
export function createDatabaseClock(query: Query, now: () => Instant, log: Log): DatabaseClock {
  let offset = 0;
  const measure = async (): Promise<void> => {
    const measured = await measureOffset(query, now);
    if ((measured === 0) !== (offset === 0)) log.warn("the database's clock differs from this computer's", { milliseconds: measured });
    offset = measured;
  };
  const timer = setInterval(() => {
    measure().catch((cause: unknown) => log.warn("the database's clock could not be read", { reason: reasonOf(cause) }));
  }, MINUTE);
  timer.unref();
  return { offset: () => offset, measure, stop: () => clearInterval(timer) };
}
