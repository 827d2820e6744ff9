import type { Instant } from "../../../core/index.ts";
import { inspectTables, type TablesStatus } from "./check-database.ts";
import { addressOf, type ConnectionOptions, createClient, type Query, withClient } from "./connection.ts";
import { measureOffset } from "./database-clock.ts";
import { receivesProbe } from "./listener.ts";
import { startError } from "./start-errors.ts";

/** A database as it is found at one moment. It is read and not changed. */
export interface DatabaseStatus {
  readonly host: string;
  readonly database: string;
  readonly user: string;
  /** Milliseconds until the connection stood, and from a question to its answer. */
  readonly connected: number;
  readonly answered: number;
  /** As the server says it: `15.8 (Debian …)`. */
  readonly version: string;
  readonly major: number;
  readonly readsOnly: boolean;
  readonly schema: TablesStatus;
  /** Notifications arrive: no pooler swallows them. */
  readonly notified: boolean;
  /** How far the database's clock is ahead of this computer's, in milliseconds; 0 where it is less than can be measured well. */
  readonly clockAhead: number;
  /** Absent where the tables are none, or older than this build needs. */
  readonly records?: DatabaseRecords;
}

export interface DatabaseRecords {
  readonly bytes: number;
  readonly sessions: number;
  readonly devices: number;
  readonly active: number;
  /** When the oldest change of the list that servers follow was made: what is older than an hour is deleted. Absent: the list is empty. */
  readonly oldestChange?: Instant;
}

const TRIES = 3;

/** Rejects with a DatabaseError when the database cannot be asked at all. */
export async function inspectDatabase(options: ConnectionOptions, now: () => Instant): Promise<DatabaseStatus> {
  const from = performance.now();
  try {
    return await withClient(options, async (query) => {
      const connected = Math.round(performance.now() - from);
      const answered = await answerTime(query);
      const [server] = await query(READ_SERVER);
      const { version, number, reads_only } = server as { readonly version: string; readonly number: number; readonly reads_only: boolean };
      const schema = await inspectTables(query, options);
      return {
        ...addressOf(options.url),
        ...{ connected, answered, version, schema },
        major: Math.floor(number / 10_000),
        readsOnly: reads_only,
        notified: await isNotified(query, options),
        clockAhead: await measureOffset(query, now),
        ...(schema.fault === undefined ? { records: await readRecords(query) } : {}),
      };
    });
  } catch (cause) {
    throw startError(cause, options, "PAIRING_DATABASE_URL");
  }
}

const READ_SERVER = `
select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
  pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as reads_only`;

/** The shortest of some: what a question costs when nothing else is in the way. */
async function answerTime(query: Query): Promise<number> {
  let shortest = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const from = performance.now();
    await query("select 1");
    shortest = Math.min(shortest, performance.now() - from);
  }
  return Math.round(shortest * 10) / 10;
}

/** A standby takes no LISTEN, and an account may have no connection to spare: both mean that nothing arrives. */
async function isNotified(query: Query, options: ConnectionOptions): Promise<boolean> {
  const client = createClient(options);
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await receivesProbe(client, query);
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

const READ_RECORDS = `
select (select sum(pg_total_relation_size(oid))::bigint from pg_class where relkind = 'r' and relnamespace =
    (select relnamespace from pg_class where oid = 'topdog.state'::regclass)) as bytes,
  (select count(*) from topdog.sessions) as sessions, active + suspended + revoked as devices, active,
  (select min(at) from topdog.changes) as oldest
from topdog.state`;

async function readRecords(query: Query): Promise<DatabaseRecords> {
  const [{ oldest, ...records } = {}] = await query(READ_RECORDS);
  return { ...(records as unknown as DatabaseRecords), ...(oldest === null ? {} : { oldestChange: oldest as Instant }) };
}
