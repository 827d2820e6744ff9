import { importStorage } from "../adapters/stores/postgres/index.ts";
import { readFolderBeside } from "../host/folder-beside.ts";
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
    const { url, setting, secretsKeys } = migrationDatabase(env);
    const from = givenFolder(given);
    const { beside, left } = await readFolderBeside(from, secretsKeys);
    const { seq, tables, warnings: found } = await importStorage({ url, setting, from, beside, at: Date.now(), interrupted });
    const warnings = [...found, ...left];
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
