import { checkDatabaseSecrets, createDatabaseSecrets, fillSecrets } from "../adapters/secrets/database.ts";
import { createFileSecrets } from "../adapters/secrets/file.ts";
import { refuseKeychainFolder } from "../adapters/secrets/fixed-place.ts";
import { createSealing, type Sealing } from "../adapters/secrets/sealing.ts";
import { addDocuments, openSharedSettings, type SavedDocuments } from "../adapters/shared-settings.ts";
import { NOTHING_SAVED, SavedSms, savedSmsFile } from "../adapters/sms/saved-settings.ts";
import type { SharedDatabase } from "../adapters/stores/postgres/shared-database.ts";
import { OWN_REACHABILITY, SavedReachability, savedReachabilityFile } from "../adapters/tunnel/reachability-setup.ts";
import { createDatabaseWindows } from "../adapters/windows/database.ts";
import { type SettingsFile, splitSettings } from "../base/settings-file.ts";
import type { Log, SecretName, SecretStore, WindowStore } from "../core/index.ts";
import type { SavedSettings, Settings } from "../settings/read-settings.ts";
import { isOwnSetting, SavedSettingsSchema, type SettingsStore } from "../settings/settings-store.ts";
import { say } from "../words/say.ts";
import type { HostOptions } from "./host-options.ts";
import { SECRET_NAMES } from "./secret-names.ts";
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
    const settingsFile = documents.file("settings", SavedSettingsSchema);
    const common = {
      windows: createDatabaseWindows(database),
      isOwn: ownSettings(sealing),
      refresh: documents.refresh,
      close: database.close,
    };
    if (!sealing) return { ...common, saved: { settings: settingsFile }, warnings: [say("database.secretsNotShared"), ...warnings] };
    const ownReachability = savedReachabilityFile(settings.storageFolder);
    const reachability = splitSettings(documents.file("reachability", SavedReachability), ownReachability, isOwnReachability);
    return {
      ...common,
      secrets: createDatabaseSecrets(database, sealing),
      saved: { settings: settingsFile, sms: documents.file("sms", SavedSms), reachability },
      warnings,
    };
  } catch (cause) {
    await database.close();
    throw cause;
  }
}

/** That an admin token is saved is only true where its server has the secrets. */
function ownSettings(sealing: Sealing | undefined): (name: string) => boolean {
  return (name) => isOwnSetting(name) || (name === "ADMIN_TOKEN" && !sealing);
}

function isOwnReachability(name: string): boolean {
  return OWN_REACHABILITY.includes(name);
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
    // Held to the end: of several servers that start at once, one brings its own. The others read it before they use any.
    await inTransaction("select from topdog.state for update");
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

/** What a folder's settings page saved, as documents for all servers. `secrets`: those that come with it; others are not promised. */
function folderDocuments(
  folder: string,
  saved: SavedSettings,
  sealing: Sealing | undefined,
  secrets: readonly SecretName[],
): SavedDocuments {
  const isOwn = ownSettings(sealing);
  const without = (document: object, leaveOut: (name: string) => boolean): object =>
    Object.fromEntries(Object.entries(document).filter(([name]) => !leaveOut(name)));
  const settings = without(saved, (name) => isOwn(name) || (name === "ADMIN_TOKEN" && !secrets.includes("admin-token")));
  if (!sealing) return new Map([["settings", settings]]);
  const sms = savedSmsFile(folder).read() ?? NOTHING_SAVED;
  const reachability = without(
    savedReachabilityFile(folder).read() ?? {},
    (name) => isOwnReachability(name) || (name === "ngrok_authtoken_kept" && !secrets.includes("ngrok-authtoken")),
  );
  return new Map([
    ["settings", settings],
    ["sms", { ...sms, secrets: sms.secrets.filter((name) => secrets.includes(name)) }],
    ["reachability", reachability],
  ]);
}

/** Rejects where the folder's secrets are in the desktop app's keychain. */
async function readFolderSecrets(folder: string, log: Log): Promise<ReadonlyMap<SecretName, string>> {
  const files = createFileSecrets(folder);
  await refuseKeychainFolder(files, folder, log);
  const read = await Promise.all(SECRET_NAMES.map(async (name) => [name, await files.get(name)] as const));
  return new Map(read.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret] as const])));
}
