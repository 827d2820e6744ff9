import { migrate } from "../adapters/stores/postgres/index.ts";
import { say } from "../words/say.ts";
import { migrationDatabase } from "./migration-database.ts";

/** Makes or updates the database's tables. Returns what to print. */
export async function migrateDatabase(env: NodeJS.ProcessEnv, json: boolean): Promise<string> {
  const { url, setting } = migrationDatabase(env);
  const { from, to } = await migrate({ url }, setting);
  if (json) return JSON.stringify({ from, to });
  return from === to ? say("commandLine.migratedBefore", { version: to }) : say("commandLine.migrated", { version: to });
}
