import { say } from "../../../words/say.ts";
import { addressOf, type ConnectionOptions, type Query } from "./connection.ts";
import { DatabaseError } from "./database-error.ts";
import { schemaVersion } from "./migrate.ts";
import { SCHEMA_VERSION } from "./migrations.ts";
import type { UrlSetting } from "./start-errors.ts";

/** Rejects with a DatabaseError when the server cannot be written, or its tables are none, or older than this build needs. Newer ones are fine. */
export async function checkDatabase(query: Query, options: ConnectionOptions, setting: UrlSetting): Promise<void> {
  const { host } = addressOf(options.url);
  const [server] = await query("select pg_is_in_recovery() or current_setting('default_transaction_read_only')::boolean as reads_only");
  if (server?.["reads_only"] === true) throw new DatabaseError(say("database.readOnly", { host, setting }));
  await checkTables(query, options);
}

/** The same for what only reads: a standby is fine. */
export async function checkTables(query: Query, options: ConnectionOptions): Promise<void> {
  const { fault } = await inspectTables(query, options);
  if (fault !== undefined) throw new DatabaseError(fault);
}

export interface TablesStatus {
  /** The version of the tables; 0: there are none. */
  readonly found: number;
  readonly needed: number;
  /** Why this build cannot use them, and what to do. */
  readonly fault?: string;
}

export async function inspectTables(query: Query, { url }: ConnectionOptions): Promise<TablesStatus> {
  const { host, database } = addressOf(url);
  const versions = { found: await schemaVersion(query), needed: SCHEMA_VERSION };
  if (versions.found === 0) return { ...versions, fault: say("database.noTables", { host, database }) };
  if (versions.found < SCHEMA_VERSION) return { ...versions, fault: say("database.olderTables", { host, database, ...versions }) };
  return versions;
}
