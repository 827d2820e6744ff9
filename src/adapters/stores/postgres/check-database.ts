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
export async function checkTables(query: Query, { url }: ConnectionOptions): Promise<void> {
  const { host, database } = addressOf(url);
  const found = await schemaVersion(query);
  if (found === 0) throw new DatabaseError(say("database.noTables", { host, database }));
  if (found < SCHEMA_VERSION) throw new DatabaseError(say("database.olderTables", { host, database, found, needed: SCHEMA_VERSION }));
}
