import { openServerId } from "../adapters/server-id.ts";
import { openFileStore } from "../adapters/stores/file/file-store.ts";
import { prepareFolder } from "../adapters/stores/file/folder.ts";
import type { MeasuredStore, ObserveCommit } from "../adapters/stores/measures.ts";
import type { SharedKind } from "../adapters/stores/postgres/shared-database.ts";
import { SILENT } from "../adapters/system/silent-log.ts";
import type { ChangeEvent, Clock, CoordinationPorts, Device, Instant, Log, PairingStore } from "../core/index.ts";
import type { Settings } from "../settings/read-settings.ts";

/** Opens the store of one server. Rejects with one sentence for a person; nothing is left open then. */
export type OpenStore = (deps: StoreDeps) => Promise<HostStore>;

type Phone = Pick<Device, "userId" | "deviceId">;

export interface StoreDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly now: Clock["now"];
  /** The moment by which records count as past their retention. */
  readonly retentionNow: () => Instant;
  /** To be called when the oldest part of the audit trail was deleted. */
  readonly trimmed: () => void;
  /** To be called when another server changed what this one's listeners may wait for. */
  readonly changed: (changes: {
    readonly events: readonly ChangeEvent[];
    readonly shared: readonly SharedKind[];
    readonly phones: readonly Phone[] | "all";
  }) => void;
  /** To be called after each commit. */
  readonly observe: ObserveCommit;
  /** To be called once when another process took the storage over: from then on no request is answered. */
  readonly lost: (cause: Error) => void;
}

export interface HostStore extends PairingStore, Partial<MeasuredStore> {
  /** Throws once another process has taken the storage over. Called before each answer. */
  checkHeld(): void;
  /** What the start found that a person should know, a sentence each. */
  readonly warnings: readonly string[];
  /** Where several servers share the storage: the id that they have in common. Absent: the storage folder has it. */
  readonly serverId?: string;
  /** Where several servers share the storage: how they take turns. Absent: this server is the only one. */
  readonly coordination?: CoordinationPorts;
}

/** The default: files in the storage folder. */
export const openStoreInFiles: OpenStore = ({ settings, ...deps }) =>
  openFileStore({
    ...deps,
    folder: settings.storageFolder,
    sessionRetentionDays: settings.sessionRetentionDays,
    deviceRetentionDays: settings.deviceRetentionDays,
    auditRetentionDays: settings.auditRetentionDays,
    auditMaxBytes: settings.auditMaxMegabytes * 1024 * 1024,
  });

/**
 * In a PostgreSQL database, which other servers use at the same time. The storage folder has what is this server's own. The client is
 * loaded only here.
 */
export const openStoreInDatabase: OpenStore = async ({ settings, log, now, retentionNow, changed, observe }) => {
  const { databaseUrl: url = "" } = settings;
  const { openPostgresStore } = await import("../adapters/stores/postgres/index.ts");
  await prepareFolder(settings.storageFolder, log);
  // Nobody takes a database over: each change finds the rows as they are.
  const { sessionRetentionDays: sessions, deviceRetentionDays: devices, auditRetentionDays: audit } = settings;
  const keep = { sessions, devices, audit };
  const host = await openServerId(settings.storageFolder, SILENT);
  const store = await openPostgresStore({ url, log, now, retentionNow, changed, observe, keep, host });
  return { ...store, checkHeld: () => undefined };
};

/** A copy of the database's records, in memory: for a server that must not change them. Rejects with one line. */
export async function copyOfDatabase(url: string): Promise<OpenStore> {
  const { copyRecords } = await import("../adapters/stores/postgres/index.ts");
  const store = await copyRecords({ url });
  return async () => ({ ...store, checkHeld: () => undefined, warnings: [] });
}

export function migrationSetting({ databaseMigrationUrl }: Pick<Settings, "databaseMigrationUrl">) {
  return databaseMigrationUrl === undefined ? "PAIRING_DATABASE_URL" : "PAIRING_DATABASE_MIGRATION_URL";
}
