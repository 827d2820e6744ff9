import type { Device } from "../../../core/index.ts";
import type { RevokedToken } from "../../../core/store/index.ts";
import { readDevice, readSession } from "../file/records.ts";
import { StorageError } from "../file/storage-file.ts";
import { readText } from "../file/text-records.ts";
import type { TrailLine } from "../file/trail.ts";
import { type Exported, type ExportedSession, type ExportTarget, writeExport } from "../file/write-export.ts";
import { checkTables } from "./check-database.ts";
import { type ConnectionOptions, type Query, type Row, withClient } from "./connection.ts";
import { inFetches } from "./cursor.ts";
import { startError, type UrlSetting } from "./start-errors.ts";

export interface DatabaseExportOptions extends ConnectionOptions, ExportTarget {
  readonly setting: UrlSetting;
}

/**
 * Writes the registers and the audit trail of a database as they stand together at one moment, in the format in which a storage folder is
 * exported. The database is only read; servers may be at work on it. Rejects with one line, and with nothing left in `to`.
 */
export async function exportDatabase(options: DatabaseExportOptions): Promise<Exported> {
  const { url, schema, setting, ...target } = options;
  try {
    return await withClient(options, async (query) => {
      await checkTables(query, options);
      // One state for all statements. Nothing is written, so the end of the connection is a good end of it.
      await query("begin isolation level repeatable read read only");
      const [state] = await query("select change_seq, audit_seq from topdog.state");
      return writeExport(
        {
          seq: state?.["change_seq"] as number,
          auditSeq: state?.["audit_seq"] as number,
          sessions: each(query, READ_SESSIONS, sessionOf),
          devices: each(query, "select data from topdog.devices order by ord", ({ data }): Device => readDevice(data)),
          revoked: each(query, "select jti, exp from topdog.revoked order by ord", (row) => row as unknown as RevokedToken),
          trail: linesOf(query),
        },
        target,
      );
    });
  } catch (cause) {
    target.interrupted.throwIfAborted();
    throw cause instanceof StorageError ? cause : startError(cause, { url, ...(schema === undefined ? {} : { schema }) }, setting);
  }
}

const READ_SESSIONS = `
select s.data, t.data as text from topdog.sessions s left join topdog.texts t on t.text_id = s.text_id order by s.ord`;

function sessionOf({ data, text }: Row): ExportedSession | undefined {
  const session = readSession(data);
  return session && { session, text: text === null ? undefined : readText(text) };
}

async function* each<Item>(query: Query, text: string, read: (row: Row) => Item | undefined): AsyncGenerator<readonly Item[]> {
  for await (const rows of inFetches(query, text)) yield rows.flatMap((row) => read(row) ?? []);
}

async function* linesOf(query: Query): AsyncGenerator<TrailLine> {
  for await (const rows of inFetches(query, "select seq, line as text from topdog.audit order by seq")) {
    yield* rows as unknown as readonly TrailLine[];
  }
}
