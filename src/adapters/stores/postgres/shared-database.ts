import { randomUUID } from "node:crypto";
import type { Log } from "../../../core/index.ts";
import { SILENT } from "../../system/silent-log.ts";
import { checkDatabase } from "./check-database.ts";
import { addressOf, type ConnectionOptions, openDatabase, type Query } from "./connection.ts";
import { SCHEMA } from "./migrations.ts";
import { startError } from "./start-errors.ts";
import { inTransaction } from "./transaction.ts";

/** What the servers of a database have in common beside the records, by what has to be read again when it changed. */
export const SHARED_KINDS = ["secrets", "saved"] as const;
export type SharedKind = (typeof SHARED_KINDS)[number];

/** Beside the ten of the records: deploy/README.md counts them. */
const MAX_CONNECTIONS = 2;

/** One transaction. What it changed is reported to the other servers once it is committed. */
export interface SharedTransaction {
  readonly query: Query;
  report(kind: SharedKind): Promise<void>;
}

/** The tables of a database that hold what its servers have in common beside the records. */
export interface SharedDatabase {
  readonly query: Query;
  /** Where it is, without the password. */
  readonly address: { readonly host: string; readonly database: string };
  /**
   * Of any number of these one is under way at a time, and no change of the records commits meanwhile: all of them take the same locks in
   * the same order. `work` may be called again. Rejects with nothing changed, or with `OutcomeUnknown`.
   */
  transaction<Answer>(work: (transaction: SharedTransaction) => Promise<Answer>): Promise<Answer>;
  close(): Promise<void>;
}

/** Rejects with a DatabaseError: one line that says what is wrong with the database and what to do. */
export async function openSharedDatabase(options: ConnectionOptions, log: Log): Promise<SharedDatabase> {
  const database = openDatabase({ ...options, connections: MAX_CONNECTIONS }, log);
  const { schema = SCHEMA } = options;
  try {
    await checkDatabase(database.query, options, "PAIRING_DATABASE_URL");
  } catch (cause) {
    await database.close();
    throw startError(cause, options, "PAIRING_DATABASE_URL");
  }
  return {
    query: database.query,
    address: addressOf(options.url),
    transaction: async (work) =>
      inTransaction(database, async (query) => {
        await query("select from topdog.state for update");
        return work({ query, report: async (kind) => report(query, kind, schema) });
      }),
    close: database.close,
  };
}

/** For one piece of work, without a log. Rejects as {@link openSharedDatabase} does, or with what `work` rejects with. */
export async function withSharedDatabase<Answer>(
  options: ConnectionOptions,
  work: (database: SharedDatabase) => Promise<Answer>,
): Promise<Answer> {
  const database = await openSharedDatabase(options, SILENT);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Numbered among the changes of the records, so that those who follow them read it in its turn. */
async function report(query: Query, kind: SharedKind, channel: string): Promise<void> {
  await query(
    `with numbered as (update topdog.state set change_seq = change_seq + 1 returning change_seq)
insert into topdog.changes (seq, change_id, at, kind, key) select change_seq, $1, $2, $3, '[]' from numbered`,
    [randomUUID(), Date.now(), kind],
  );
  await query("select pg_notify($1, '')", [channel]);
}
