import path from "node:path";
import { importStorage } from "../adapters/stores/postgres/index.ts";
import { whyNotRelative } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import { migrationSetting } from "../host/store-factory.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { padCells, widestOf } from "./columns.ts";
import { defaultFolder } from "./default-folder.ts";
import { Interrupted, interruptions } from "./interruptions.ts";

/**
 * Copies a storage folder into the database of this environment. Prints what was copied to standard output, errors to standard error.
 * Resolves with the exit code: 0 done, 1 nothing was imported, 128 + n ended by signal n.
 */
export async function importIntoDatabase(env: NodeJS.ProcessEnv, given: string, json: boolean): Promise<number> {
  const print = (line: string): void => void process.stderr.write(`${line}\n`);
  const interruption = interruptions(() => print(say("commandLine.cleaningUp")));
  try {
    const settings = readSettings(env, { storageFolder: defaultFolder() ?? "." });
    const url = settings.databaseMigrationUrl ?? settings.databaseUrl;
    if (url === undefined) throw new Error(say("commandLine.noDatabase"));
    const nowhere = whyNotRelative(given);
    if (nowhere !== undefined) throw new Error(say("commandLine.badFolder", { folder: JSON.stringify(given), why: nowhere }));
    const from = path.resolve(given);
    const setting = migrationSetting(settings);
    const { seq, tables, warnings } = await importStorage({ url, setting, from, at: Date.now(), interrupted: interruption.signal });
    if (json) {
      process.stdout.write(`${JSON.stringify({ from, seq, tables, warnings })}\n`);
      return 0;
    }
    const width = widestOf(tables.map(({ name }) => name));
    const lines = [
      ...warnings.map((line) => `⚠ ${line}`),
      say("commandLine.imported", { from }),
      ...tables.map(({ name, rows }) => `  ${padCells(name, width)}  ${say("commandLine.importedRows", { count: rows })}`),
      say("commandLine.importedNext", { seq }),
    ];
    process.stdout.write(`${lines.join("\n")}\n`);
    return 0;
  } catch (cause) {
    print(messageOf(cause));
    return cause instanceof Interrupted ? cause.exitCode : 1;
  } finally {
    interruption.stop();
  }
}
