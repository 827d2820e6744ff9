import { DAY, type Instant } from "../../../core/index.ts";
import { columnText } from "./columns.ts";
import type { Query } from "./connection.ts";
import type { Pool } from "./loaded-counts.ts";

interface SendsAsked {
  readonly pool: Pool;
  readonly phoneNumbers: Iterable<string>;
  /** The budgets are judged at this moment, or after it. */
  readonly at: Instant;
  /** No budget lets more messages to all numbers through in a day. */
  readonly perDay: number;
  /** With fewer messages to all numbers none of them can be in the way: then they are not read. */
  readonly nearLimit: number;
}

/**
 * When text messages were sent, by phone number, and to all of them by `undefined`; in no order. It is what the budgets are judged by: see
 * `budgetWaitEnd`, which asks for the newest of them only, and for what is dated after them.
 */
export async function readSends(
  query: Query,
  { pool, phoneNumbers, at, perDay, nearLimit }: SendsAsked,
): Promise<ReadonlyMap<string | undefined, readonly Instant[]>> {
  const ofColumns = new Map([...phoneNumbers].map((phoneNumber) => [columnText(phoneNumber), phoneNumber]));
  const rows = await query(READ_SENDS, [pool, [...ofColumns.keys()], at + DAY, at - DAY, perDay, nearLimit]);
  const times = new Map<string | undefined, Instant[]>([undefined, ...ofColumns.values()].map((phoneNumber) => [phoneNumber, []]));
  for (const { phone_number, sent_at } of rows) times.get(ofColumns.get(phone_number as string))?.push(sent_at as Instant);
  return times;
}

/** A number gets few messages in two days; all numbers together may get very many. */
const READ_SENDS = `
select phone_number, sent_at from topdog.sends where pool = $1 and phone_number = any($2::text[]) and sent_at > $4
union all
select null, sent_at from (
  select sent_at from topdog.sends where pool = $1 and sent_at > $3
  union all
  (select sent_at from topdog.sends where pool = $1 and sent_at <= $3 and sent_at > $4 order by sent_at desc limit $5)
) as to_all
where (select count(*) from (select from topdog.sends where pool = $1 and sent_at > $4 limit greatest($6::bigint, 0)) as newest) >= $6::bigint`;
