import pg from "pg";
import { inject, vi } from "vitest";
import { MIGRATIONS, SCHEMA_VERSION } from "../src/adapters/stores/postgres/migrations.ts";
import { openPostgresStore, type PostgresStore } from "../src/adapters/stores/postgres/postgres-store.ts";
import type { Log, PairingStore } from "../src/core/index.ts";
import { afterEachTest } from "./after-each-test.ts";

/** Empty: PostgreSQL is not installed, and its tests are skipped. */
export const postgresUrl = inject("postgresUrl");
export const hasPostgres = postgresUrl !== "";

const open = new Set<PairingStore>();
let schema: string | undefined;
let pool: pg.Pool | undefined;
afterEachTest(async () => {
  await Promise.allSettled([...open].map(async (store) => store.close()));
  open.clear();
});

const TABLES = [...MIGRATIONS.join("\n").matchAll(/create table topdog\.(\w+)/g)].map(([, name]) => name ?? "");
const FILLED = MIGRATIONS.join("\n").match(/^insert into .*$/gm) ?? [];

/** Runs statements as the superuser, in the run's database. The first waits until the server is there. */
export async function sql(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
  pool ??= await vi.waitFor(connected, { timeout: 60_000, interval: 50 });
  return (await pool.query<Record<string, unknown>>(text, values && [...values])).rows;
}

async function connected(): Promise<pg.Pool> {
  const fresh = new pg.Pool({ connectionString: postgresUrl, max: 4, allowExitOnIdle: true });
  fresh.on("error", () => undefined);
  await fresh.query("select 1");
  return fresh;
}

/** An empty schema of the newest version. Each test of a file gets the same one, emptied: making one takes much longer. */
export async function emptySchema(): Promise<string> {
  if (schema !== undefined) {
    // Few rows are deleted in a moment; `truncate` makes every table and index a new file.
    await simple(`${TABLES.map((name) => `delete from topdog.${name}`).join("; ")}; ${FILLED.join("\n")}`);
    return schema;
  }
  schema = `test_${process.pid}_${Date.now()}`;
  await simple(
    `create schema ${schema}; create table topdog.version (version bigint not null); insert into topdog.version values (${SCHEMA_VERSION}); ${MIGRATIONS.join("\n")}`,
  );
  return schema;
}

async function simple(text: string): Promise<void> {
  await sql(text.replaceAll("topdog.", `${schema}.`));
}

/** Takes a backup of the tables. Returns a function that restores it, once. */
export async function backUpSchema(): Promise<() => Promise<void>> {
  await simple(TABLES.map((name) => `create table topdog.backup_of_${name} as table topdog.${name}`).join("; "));
  const restored = TABLES.map(
    (name) => `insert into topdog.${name} overriding system value table topdog.backup_of_${name}; drop table topdog.backup_of_${name}`,
  );
  return async () => simple([...TABLES.map((name) => `delete from topdog.${name}`), ...restored].join("; "));
}

export const KEEP = { sessions: 90, devices: 365, audit: 365 };

export async function openOn(inSchema: string, log: Log, retentionNow = Date.now, url = postgresUrl): Promise<PostgresStore> {
  const store = await openPostgresStore({ url, schema: inSchema, now: Date.now, retentionNow, keep: KEEP, log });
  open.add(store);
  return store;
}
