import { migrationSetting } from "../host/store-factory.ts";
import { readSettings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { defaultFolder } from "./default-folder.ts";

/** A database with the setting that names it. */
export interface MigrationDatabase {
  readonly url: string;
  readonly setting: ReturnType<typeof migrationSetting>;
  /** What its servers' secrets are encrypted with. */
  readonly secretsKeys: readonly string[] | undefined;
}

/** The database whose tables are made and filled. Throws, with one clear sentence, where the environment names none or is not valid. */
export function migrationDatabase(env: NodeJS.ProcessEnv): MigrationDatabase {
  const settings = readSettings(env, { storageFolder: defaultFolder() ?? "." });
  const url = settings.databaseMigrationUrl ?? settings.databaseUrl;
  if (url === undefined) throw new Error(say("commandLine.noDatabase"));
  return { url, setting: migrationSetting(settings), secretsKeys: settings.secretsKeys };
}
