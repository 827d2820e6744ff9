import { setTimeout as delay } from "node:timers/promises";
import { type ConnectionOptions, escapeIdentifier, type Query, withClient } from "./connection.ts";
import { codeOfError } from "./errors.ts";
import { MIGRATIONS, SCHEMA, SCHEMA_VERSION } from "./migrations.ts";
import { startError, type UrlSetting } from "./start-errors.ts";

/** `to` is above this build's version where a newer one has been here: nothing is done then. */
export interface Migrated {
  readonly from: number;
  readonly to: number;
}

const MAX_TRIES = 10;
const RETRY_MS = 1000;
/** Somebody else's statement holds a table, or another migration is under way. */
const LOCKED: ReadonlySet<string> = new Set(["55P03", "40P01"]);

/**
 * Brings the schema to this build's version, in one transaction. Of several at once, one does it and the others find it done. Rejects
 * with a DatabaseError.
 */
export async function migrate(options: ConnectionOptions, setting: UrlSetting, retryMs = RETRY_MS): Promise<Migrated> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await withClient(options, async (query) => migrateOnce(query, options.schema ?? SCHEMA));
    } catch (cause) {
      if (tries >= MAX_TRIES || !LOCKED.has(codeOfError(cause) ?? "")) throw startError(cause, options, setting);
      await delay(retryMs);
    }
  }
}

async function migrateOnce(query: Query, schema: string): Promise<Migrated> {
  await query("begin; set local lock_timeout = '3s'");
  await query("select pg_advisory_xact_lock(hashtextextended('topdog. migration', 0))");
  const from = await schemaVersion(query);
  if (from === 0) {
    // An account that may not make schemas finds the one that was made for it.
    const [found] = await query("select 1 from pg_namespace where nspname = $1", [schema]);
    if (!found) await query(`create schema ${escapeIdentifier(schema)}`);
    await query("create table topdog.version (version bigint not null)");
  }
  for (const text of MIGRATIONS.slice(from)) await query(text);
  if (from < SCHEMA_VERSION) {
    await query("delete from topdog.version");
    await query("insert into topdog.version values ($1)", [SCHEMA_VERSION]);
  }
  await query("commit");
  return { from, to: Math.max(from, SCHEMA_VERSION) };
}

/** The version of the schema in the database; 0: there is none. */
export async function schemaVersion(query: Query): Promise<number> {
  const [table] = await query("select to_regclass('topdog.version') is not null as exists");
  if (table?.["exists"] !== true) return 0;
  const [row] = await query("select version from topdog.version");
  return (row?.["version"] as number | undefined) ?? 0;
}
