import { importStorage } from "../adapters/stores/postgres/index.ts";
import { say } from "../words/say.ts";
import { padCells, widestOf } from "./columns.ts";
import { givenFolder } from "./given-folder.ts";
import { runInterruptible } from "./interruptions.ts";
import { migrationDatabase } from "./migration-database.ts";

/**
 * Copies a storage folder into the database of this environment. Prints what was copied to standard output, errors to standard error.
 * Resolves with the exit code: 0 done, 1 nothing was imported, 128 + n ended by signal n.
 */
export async function importIntoDatabase(env: NodeJS.ProcessEnv, given: string, json: boolean): Promise<number> {
  return runInterruptible(async (interrupted) => {
    const database = migrationDatabase(env);
    const from = givenFolder(given);
    const { seq, tables, warnings } = await importStorage({ ...database, from, at: Date.now(), interrupted });
    if (json) return JSON.stringify({ from, seq, tables, warnings });
    const width = widestOf(tables.map(({ name }) => name));
    const lines = [
      ...warnings.map((line) => `⚠ ${line}`),
      say("commandLine.imported", { from }),
      ...tables.map(({ name, rows }) => `  ${padCells(name, width)}  ${say("commandLine.importedRows", { count: rows })}`),
      say("commandLine.importedNext", { seq }),
    ];
    return lines.join("\n");
  });
}
