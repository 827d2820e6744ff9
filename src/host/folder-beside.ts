import { sealedRows } from "../adapters/secrets/database.ts";
import { createFileSecrets } from "../adapters/secrets/file.ts";
import { refuseKeychainFolder } from "../adapters/secrets/fixed-place.ts";
import { createSealing, type Sealing } from "../adapters/secrets/sealing.ts";
import { readServerId } from "../adapters/server-id.ts";
import type { SavedDocuments } from "../adapters/shared-settings.ts";
import { NOTHING_SAVED, savedSmsFile } from "../adapters/sms/saved-settings.ts";
import type { BesideRecords } from "../adapters/stores/postgres/import-tables.ts";
import { SILENT } from "../adapters/system/silent-log.ts";
import { OWN_REACHABILITY, savedReachabilityFile } from "../adapters/tunnel/reachability-setup.ts";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { Log, SecretName } from "../core/index.ts";
import type { SavedSettings } from "../settings/read-settings.ts";
import { isOwnSetting } from "../settings/settings-store.ts";
import { say } from "../words/say.ts";
import { readSavedSettings } from "./open-settings.ts";
import { SECRET_NAMES } from "./secret-names.ts";

/** What a folder holds beside the records, as rows of a database, and what of it stays there, a sentence each. */
export interface FolderBeside {
  readonly beside: BesideRecords;
  readonly left: readonly string[];
}

/** For an import. Without keys, secrets and the settings that name them stay. Rejects with one sentence for a file that cannot be used. */
export async function readFolderBeside(folder: string, keys: readonly string[] | undefined): Promise<FolderBeside> {
  const sealing = keys && createSealing(keys);
  const saved = readSavedSettings(folder);
  const inKeychain = await refuseKeychainFolder({ kind: "file" }, folder, SILENT).then(() => undefined, messageOf);
  const secrets = inKeychain === undefined ? await readFolderSecrets(folder, SILENT) : new Map<SecretName, string>();
  const documents = folderDocuments(folder, saved, sealing, [...secrets.keys()]);
  const ownNames = [
    ...Object.keys(saved).filter(isOwnSetting),
    ...Object.keys(savedReachabilityFile(folder).read() ?? {}).filter(isOwnReachability),
  ];
  return {
    beside: {
      ...present({ serverId: readServerId(folder) }),
      saved: [...documents].map(([name, document]) => ({ name, data: JSON.stringify(document) })),
      secrets: sealing ? sealedRows(sealing, secrets) : [],
    },
    left: [
      ...(ownNames.length > 0 ? [say("database.leftOwn", { names: ownNames.join(", ") })] : []),
      ...(!sealing && secrets.size > 0 ? [say("database.leftSecrets", { names: [...secrets.keys()].join(", ") })] : []),
      ...(inKeychain === undefined ? [] : [say("database.leftKeychain")]),
    ],
  };
}

/** That an admin token is saved is only true where its server has the secrets. */
export function ownSettings(secretsAreShared: boolean): (name: string) => boolean {
  return (name) => isOwnSetting(name) || (name === "ADMIN_TOKEN" && !secretsAreShared);
}

export function isOwnReachability(name: string): boolean {
  return OWN_REACHABILITY.includes(name);
}

/** What a folder's settings page saved, as documents for all servers. `secrets`: those that come with it; others are not promised. */
export function folderDocuments(
  folder: string,
  saved: SavedSettings,
  sealing: Sealing | undefined,
  secrets: readonly SecretName[],
): SavedDocuments {
  const isOwn = ownSettings(sealing !== undefined);
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
export async function readFolderSecrets(folder: string, log: Log): Promise<ReadonlyMap<SecretName, string>> {
  const files = createFileSecrets(folder);
  await refuseKeychainFolder(files, folder, log);
  const read = await Promise.all(SECRET_NAMES.map(async (name) => [name, await files.get(name)] as const));
  return new Map(read.flatMap(([name, secret]) => (secret === undefined ? [] : [[name, secret] as const])));
}
