import { checkDatabaseSecrets, createDatabaseSecrets, fillSecrets } from "../adapters/secrets/database.ts";
import { createFileSecrets } from "../adapters/secrets/file.ts";
import { refuseKeychainFolder } from "../adapters/secrets/fixed-place.ts";
import { createSealing, type Sealing } from "../adapters/secrets/sealing.ts";
import type { SharedDatabase } from "../adapters/stores/postgres/shared-database.ts";
import type { Log, SecretName, SecretStore } from "../core/index.ts";
import type { Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import type { HostOptions } from "./host-options.ts";
import { SECRET_NAMES } from "./secret-names.ts";
import { migrationSetting } from "./store-factory.ts";

/** What the servers of one database have in common beside its store. */
export interface HostShared {
  /** Absent: no `PAIRING_SECRETS_KEY` was given, so each server has its own. */
  readonly secrets?: SecretStore;
  /** What the start found that a person should know, a sentence each. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/**
 * `undefined`: this server has no database. Makes its tables first where the settings say so. Rejects with one sentence, also for a
 * `PAIRING_SECRETS_KEY` that does not decrypt what is there; nothing is left open then.
 */
export async function openShared(settings: Settings, host: HostOptions, log: Log): Promise<HostShared | undefined> {
  const { databaseUrl: url, databaseMigrationUrl, databaseMigrate, secretsKeys } = settings;
  if (url === undefined || host.openStore) return undefined;
  const { migrate, openSharedDatabase } = await import("../adapters/stores/postgres/index.ts");
  if (databaseMigrate) await migrate({ url: databaseMigrationUrl ?? url }, migrationSetting(settings));
  const database = await openSharedDatabase({ url }, log);
  try {
    const sealing = secretsKeys && createSealing(secretsKeys);
    await checkDatabaseSecrets(database, sealing);
    if (!sealing) return { warnings: [say("database.secretsNotShared")], close: database.close };
    const names = await takeSecretsOver(database, sealing, settings.storageFolder, log);
    return {
      secrets: createDatabaseSecrets(database, sealing),
      warnings: names.length > 0 ? [say("database.secretsTakenOver", { names: names.join(", ") })] : [],
      close: database.close,
    };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

/** A database without secrets gets those that this server had in its folder: with a new signing key, all phones would have to pair again. */
async function takeSecretsOver(database: SharedDatabase, sealing: Sealing, folder: string, log: Log): Promise<readonly SecretName[]> {
  const [found] = await database.query("select exists (select from topdog.secrets) as any");
  if (found?.["any"] === true) return [];
  const secrets = await readFolderSecrets(folder, log);
  const isFilled = secrets.size > 0 && (await fillSecrets(database, sealing, secrets));
  return isFilled ? [...secrets.keys()] : [];
}

/** Rejects where the folder's secrets are in the desktop app's keychain. */
async function readFolderSecrets(folder: string, log: Log): Promise<ReadonlyMap<SecretName, string>> {
  const files = createFileSecrets(folder);
  await refuseKeychainFolder(files, folder, log);
  const read = await Promise.all(SECRET_NAMES.map(async (name) => [name, await files.get(name)] as const));
  return new Map(read.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret] as const])));
}
