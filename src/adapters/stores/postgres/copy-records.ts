import type { PairingStore } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { readDevice, readSession } from "../file/records.ts";
import { StorageError } from "../file/storage-file.ts";
import { readText } from "../file/text-records.ts";
import { createLedger, type Ledger } from "../ledger.ts";
import { putDevice, putSession, restoreText } from "../ledger-put.ts";
import { createMemoryStore } from "../memory/memory-store.ts";
import { checkTables } from "./check-database.ts";
import { type ConnectionOptions, type Query, type Row, withClient } from "./connection.ts";
import { inFetches } from "./cursor.ts";
import { startError } from "./start-errors.ts";

/** In memory a record takes some times as much. */
const MAX_BYTES = 48 * 1024 * 1024;

/**
 * A store in memory with the sessions, text messages, phones and revoked tokens that a database has at one moment. The database is only
 * read, and learns nothing of what becomes of the copy. Rejects with one line.
 */
export async function copyRecords(options: ConnectionOptions): Promise<PairingStore> {
  const ledger = createLedger();
  try {
    await withClient(options, async (query) => {
      await checkTables(query, options);
      // One state for all statements. Nothing is written, so the end of the connection is a good end of it.
      await query("begin isolation level repeatable read read only");
      const [size] = await query(READ_SIZE);
      if ((size?.["bytes"] as number) > MAX_BYTES) throw new StorageError(say("database.tooLargeToCopy"));
      await readInto(ledger, query);
    });
  } catch (cause) {
    throw cause instanceof StorageError ? cause : startError(cause, options, "PAIRING_DATABASE_URL");
  }
  return createMemoryStore(undefined, ledger);
}

const READ_SIZE = `
select pg_table_size('topdog.sessions') + pg_table_size('topdog.texts') + pg_table_size('topdog.devices') + pg_table_size('topdog.revoked')
  as bytes`;

async function readInto(ledger: Ledger, query: Query): Promise<void> {
  const each = async (text: string, put: (row: Row) => void): Promise<void> => {
    for await (const rows of inFetches(query, text)) for (const row of rows) put(row);
  };
  await each("select data from topdog.sessions order by ord", ({ data }) => {
    const session = readSession(data);
    if (session) putSession(ledger, session);
  });
  await each("select data from topdog.texts order by ord", ({ data }) => restoreText(ledger, readText(data)));
  await each("select data from topdog.devices order by ord", ({ data }) => putDevice(ledger, readDevice(data)));
  await each("select jti, exp from topdog.revoked", ({ jti, exp }) => void ledger.revoked.set(jti as string, exp as number));
  const [state] = await query("select audit_seq from topdog.state");
  ledger.auditSeq = state?.["audit_seq"] as number;
}
