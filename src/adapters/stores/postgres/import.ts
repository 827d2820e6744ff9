import type { Instant } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { inBatches } from "../batches.ts";
import { pathsIn, type StoragePaths } from "../file/folder.ts";
import { readLockStatus } from "../file/lock-holder.ts";
import { type MissingChanges, missingChanges } from "../file/missing-changes.ts";
import { readStorageStatus } from "../file/read-only.ts";
import { StorageError } from "../file/storage-file.ts";
import { lastTrailSeq, type TrailLine, trailLines } from "../file/trail.ts";
import type { Ledger } from "../ledger.ts";
import { usedSeqAt } from "../message-numbers.ts";
import { auditLine } from "../one-line.ts";
import { checkDatabase } from "./check-database.ts";
import { addressOf, type ConnectionOptions, type Query, withClient } from "./connection.ts";
import { inFetches } from "./cursor.ts";
import { DatabaseError } from "./database-error.ts";
import { type BesideRecords, besideFillings, type Filling, fillingsOf } from "./import-tables.ts";
import { createRowDigest } from "./row-digest.ts";
import { startError, type UrlSetting } from "./start-errors.ts";
import { insertStatement } from "./write-rows.ts";

export interface ImportOptions extends ConnectionOptions {
  /** The storage folder of a server that was stopped. It is only read. */
  readonly from: string;
  readonly setting: UrlSetting;
  /** What the folder holds beside the records. */
  readonly beside: BesideRecords;
  readonly at: Instant;
  /** Ends the work in order: the database is as it was. */
  readonly interrupted: AbortSignal;
}

export interface Imported {
  /** The number of the last change. */
  readonly seq: number;
  readonly tables: readonly ImportedTable[];
  /** What a person should know, a sentence each. */
  readonly warnings: readonly string[];
}

export interface ImportedTable {
  readonly name: string;
  readonly rows: number;
  /** Over the rows, of what was written and of what the database has. */
  readonly sha256: string;
}

/**
 * Copies a storage folder into a database without any records, in one transaction, which reads back all of it before it commits. The state
 * is in memory as it is in a server on that folder; rows go in batches. Rejects with one line, and the database is as it was.
 */
export async function importStorage(options: ImportOptions): Promise<Imported> {
  const { from, at, setting, beside, interrupted } = options;
  const paths = pathsIn(from);
  await refuseHeld(paths);
  const before = await lastTrailSeq(paths);
  const found = await readStorageStatus(paths);
  if (!found || found.seq === 0) throw new StorageError(say("storage.nothingToImport", { folder: from }));
  const { ledger, seq, auditLines } = found;
  if (ledger.unknownRecords.size > 0) throw new StorageError(say("storage.newerRecords", { folder: from }));
  const missing = missingChanges(ledger.auditSeq, before);
  const last = Math.max(ledger.auditSeq, before);
  const trail = withRollback(trailLines(paths, auditLines, last), last, at, missing);
  ledger.auditSeq = missing ? last + 1 : last;
  try {
    const tables = await withClient(options, async (query) => {
      await checkDatabase(query, options, setting);
      await query("begin; set local lock_timeout = '5s'");
      await refuseFilled(query, options);
      const fillings = [...fillingsOf(ledger, trail), ...besideFillings(beside)];
      const filled: ImportedTable[] = [];
      for (const filling of fillings) filled.push(await fill(query, filling, interrupted));
      await writeState(query, ledger, seq, at);
      await query("update topdog.state set server_id = $1 where $1::text is not null", [beside.serverId ?? null]);
      for (const [index, filling] of fillings.entries()) await verify(query, filling, filled[index], interrupted);
      await refuseHeld(paths);
      await query("commit");
      return filled;
    });
    return { seq, tables, warnings: missing ? [missing.sentence] : [] };
  } catch (cause) {
    interrupted.throwIfAborted();
    throw startError(cause, options, setting);
  }
}

async function refuseHeld({ lock, folder }: StoragePaths): Promise<void> {
  const status = await readLockStatus(lock);
  if (status.kind === "held") throw new StorageError(say("storage.importOfHeld", { folder, pid: status.pid }));
}

/** Its row is what every change needs, so none is made while this is under way. */
async function refuseFilled(query: Query, { url }: ConnectionOptions): Promise<void> {
  const [state] = await query("select audit_seq, change_seq from topdog.state for update");
  const [found] = await query(HAS_RECORDS);
  if (state?.["audit_seq"] === 0 && state["change_seq"] === 0 && found?.["any"] === false) return;
  const { host, database } = addressOf(url);
  throw new DatabaseError(say("database.notEmpty", { host, database }));
}

const HAS_RECORDS = `select exists (select from topdog.sessions) or exists (select from topdog.devices)
or exists (select from topdog.secrets) or exists (select from topdog.saved) as any`;

async function* withRollback(
  lines: AsyncIterable<TrailLine>,
  last: number,
  at: Instant,
  missing: MissingChanges | undefined,
): AsyncGenerator<TrailLine> {
  yield* lines;
  if (missing) yield { seq: last + 1, text: auditLine(last + 1, at, { event: "state_rolled_back", reason: missing.reason }) };
}

async function fill(query: Query, { table, items, order }: Filling, interrupted: AbortSignal): Promise<ImportedTable> {
  const digest = createRowDigest(order !== undefined);
  for await (const batch of inBatches(items)) {
    interrupted.throwIfAborted();
    const { text, values } = insertStatement(table, batch);
    await query(text, values);
    for (const item of batch) digest.add(table.valuesOf(item).filter((_, index) => table.columns[index]?.[1] !== "text[]"));
  }
  return { name: table.name, ...digest.end() };
}

/** Reads back what the database has now, in the order in which it numbered it. The items were read when they were written. */
async function verify(
  query: Query,
  { table, order }: Filling,
  written: ImportedTable | undefined,
  interrupted: AbortSignal,
): Promise<void> {
  const digest = createRowDigest(order !== undefined);
  // The record itself holds the list that such a column repeats.
  const columns = table.columns.filter(([, type]) => type !== "text[]").map(([name], index) => `${name}::text as c${index}`);
  const text = `select ${columns.join(", ")} from topdog.${table.name}${order ? ` order by ${order}` : ""}`;
  for await (const rows of inFetches(query, text)) {
    interrupted.throwIfAborted();
    for (const row of rows) digest.add(Object.values(row));
  }
  const { rows, sha256 } = digest.end();
  if (rows !== written?.rows || sha256 !== written.sha256) throw new DatabaseError(say("database.importDiffers", { table: table.name }));
}

async function writeState(query: Query, { auditSeq, deviceCounts }: Ledger, seq: number, at: Instant): Promise<void> {
  await query("update topdog.state set audit_seq = $1, change_seq = $2, used_seq = $3, active = $4, suspended = $5, revoked = $6", [
    ...[auditSeq, seq, usedSeqAt(at)],
    ...[deviceCounts.active, deviceCounts.suspended, deviceCounts.revoked],
  ]);
}
