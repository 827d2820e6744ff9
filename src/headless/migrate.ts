import { migrate } from "../adapters/stores/postgres/index.ts";
import { migrationSetting } from "../host/store-factory.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { defaultFolder } from "./default-folder.ts";

/** Makes or updates the database's tables. Returns what to print. */
export async function migrateDatabase(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const settings = readSettings(env, { storageFolder: defaultFolder() ?? "." });
  const url = settings.databaseMigrationUrl ?? settings.databaseUrl;
  if (url === undefined) throw new Error(say("commandLine.noDatabase"));
  const { from, to } = await migrate({ url }, migrationSetting(settings));
  if (json) return JSON.stringify({ from, to });
  return from === to ? say("commandLine.migratedBefore", { version: to }) : say("commandLine.migrated", { version: to });
}
