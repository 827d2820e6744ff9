import { checkDatabaseSecrets, createDatabaseSecrets, fillSecrets } from "../adapters/secrets/database.ts";
import { createSealing, type Sealing } from "../adapters/secrets/sealing.ts";
import { addDocuments, openSharedSettings, type SharedSettings } from "../adapters/shared-settings.ts";
import { SavedSms } from "../adapters/sms/saved-settings.ts";
import type { SharedDatabase } from "../adapters/stores/postgres/shared-database.ts";
import { SavedReachability, savedReachabilityFile } from "../adapters/tunnel/reachability-setup.ts";
import { createDatabaseWindows } from "../adapters/windows/database.ts";
import { type SettingsFile, splitSettings } from "../base/settings-file.ts";
import type { Log, SecretName, SecretStore, WindowStore } from "../core/index.ts";
import type { SavedSettings, Settings } from "../settings/read-settings.ts";
import { SavedSettingsSchema, type SettingsStore } from "../settings/settings-store.ts";
import { say } from "../words/say.ts";
import { folderDocuments, isOwnReachability, ownSettings, readFolderSecrets } from "./folder-beside.ts";
import type { HostOptions } from "./host-options.ts";
import { migrationSetting } from "./store-factory.ts";

/** What the servers of one database have in common beside its store. */
export interface HostShared {
  /** Absent: no `PAIRING_SECRETS_KEY` was given, so each server has its own. */
  readonly secrets?: SecretStore;
  /** What the settings pages saved. Settings that name secrets are where those are. */
  readonly saved: {
    readonly settings: SettingsFile<SavedSettings>;
    readonly sms?: SettingsFile<SavedSms>;
    readonly reachability?: SettingsFile<SavedReachability>;
  };
  readonly windows: WindowStore;
  /** Which of the host's settings stay with this server. */
  isOwn(name: string): boolean;
  /** Reads what other servers saved meanwhile. */
  refresh(): Promise<void>;
  /** What the start found that a person should know, a sentence each. */
  readonly warnings: readonly string[];
  close(): Promise<void>;
}

/**
 * `undefined`: this server has no database. Makes its tables first where the settings say so. Rejects with one sentence, also for a
 * `PAIRING_SECRETS_KEY` that does not decrypt what is there; nothing is left open then.
 */
export async function openShared(settingsStore: SettingsStore, host: HostOptions, log: Log): Promise<HostShared | undefined> {
  const settings = settingsStore.inUse();
  const { databaseUrl: url, databaseMigrationUrl, databaseMigrate, secretsKeys } = settings;
  if (url === undefined || host.openStore) return undefined;
  const { migrate, openSharedDatabase } = await import("../adapters/stores/postgres/index.ts");
  if (databaseMigrate) await migrate({ url: databaseMigrationUrl ?? url }, migrationSetting(settings));
  const database = await openSharedDatabase({ url }, log);
  try {
    const sealing = secretsKeys && createSealing(secretsKeys);
    await checkDatabaseSecrets(database, sealing);
    const warnings = await takeFolderOver(database, sealing, settings, settingsStore.saved(), log);
    const documents = await openSharedSettings(database);
    const common = {
      windows: createDatabaseWindows(database),
      isOwn: ownSettings(sealing !== undefined),
      refresh: documents.refresh,
      close: database.close,
    };
    const saved = savedIn(documents, settings);
    if (!sealing) return { ...common, saved, warnings: [say("database.secretsNotShared"), ...warnings] };
    return { ...common, secrets: createDatabaseSecrets(database, sealing), saved, warnings };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

/** Settings that name secrets are shared where the secrets are. */
function savedIn(documents: SharedSettings, { secretsKeys, storageFolder }: Settings): HostShared["saved"] {
  const settings = documents.file("settings", SavedSettingsSchema);
  if (!secretsKeys) return { settings };
  const common = documents.file("reachability", SavedReachability);
  const reachability = splitSettings(common, savedReachabilityFile(storageFolder), isOwnReachability);
  return { settings, sms: documents.file("sms", SavedSms), reachability };
}

/**
 * What the settings pages of a database's servers saved, for a reader that starts none. `undefined`: there is no database. Rejects with
 * one sentence where it cannot be read.
 */
export async function readSharedSettings(settings: Settings): Promise<Pick<HostShared, "saved" | "isOwn"> | undefined> {
  const { databaseUrl: url, secretsKeys } = settings;
  if (url === undefined) return undefined;
  const { withSharedDatabase } = await import("../adapters/stores/postgres/index.ts");
  const saved = await withSharedDatabase({ url }, async (database) => savedIn(await openSharedSettings(database), settings));
  return { saved, isOwn: ownSettings(secretsKeys !== undefined) };
}

/**
 * What a database does not have yet, it gets from the folder of the first server that starts on it: with a new signing key, all phones
 * would have to pair again. Returns what to say about it.
 */
async function takeFolderOver(
  database: SharedDatabase,
  sealing: Sealing | undefined,
  { storageFolder }: Settings,
  saved: SavedSettings,
  log: Log,
): Promise<readonly string[]> {
  const { query } = database;
  const [found] = await query("select exists (select from topdog.secrets) as secrets, (select count(*) from topdog.saved) as saved");
  const hasSecrets = found?.["secrets"] === true;
  if ((hasSecrets || !sealing) && (found?.["saved"] as number) >= (sealing ? 3 : 1)) return [];
  const secrets = sealing && !hasSecrets ? await readFolderSecrets(storageFolder, log) : new Map<SecretName, string>();
  return database.transaction(async ({ query: inTransaction }) => {
    // Of several servers that start at once, one brings its own. The others read it before they use any.
    const filled = sealing && secrets.size > 0 && (await fillSecrets(inTransaction, sealing, secrets)) ? [...secrets.keys()] : [];
    const documents = folderDocuments(storageFolder, saved, sealing, filled);
    const added = await addDocuments(inTransaction, documents);
    return [
      ...(filled.length > 0 ? [say("database.secretsTakenOver", { names: filled.join(", ") })] : []),
      ...takenOver(added.flatMap((name) => namesIn(documents.get(name) ?? {}))),
    ];
  });
}

function takenOver(names: readonly string[]): readonly string[] {
  return names.length === 0 ? [] : [say("database.settingsTakenOver", { names: names.join(", ") })];
}

function namesIn(document: object): readonly string[] {
  return Object.entries(document).flatMap(([name, value]) => (Array.isArray(value) && value.length === 0 ? [] : name));
}

/** The secrets that servers with these settings share, for a reader that starts none: each reading connects. `undefined`: they share none. */
export function sharedSecretsReader({ databaseUrl: url, secretsKeys }: Settings): SecretStore | undefined {
  if (url === undefined || !secretsKeys) return undefined;
  const reading = async (): Promise<never> => {
    throw new Error("these secrets are only read");
  };
  return {
    kind: "database",
    async get(name) {
      const { withSharedDatabase } = await import("../adapters/stores/postgres/index.ts");
      return withSharedDatabase({ url }, async (database) => createDatabaseSecrets(database, createSealing(secretsKeys)).get(name));
    },
    set: reading,
    remove: reading,
  };
}
