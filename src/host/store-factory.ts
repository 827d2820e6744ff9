import { openFileStore } from "../adapters/stores/file/file-store.ts";
import type { Clock, Instant, Log, PairingStore } from "../core/index.ts";
import type { Settings } from "../settings/read-settings.ts";

/** Opens the store of one server. Rejects with one sentence for a person; nothing is left open then. */
export type OpenStore = (deps: StoreDeps) => Promise<HostStore>;

export interface StoreDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly now: Clock["now"];
  /** The moment by which records count as past their retention. */
  readonly retentionNow: () => Instant;
  /** To be called when the oldest part of the audit trail was deleted. */
  readonly trimmed: () => void;
  /** To be called once when another process took the storage over: from then on no request is answered. */
  readonly lost: (cause: Error) => void;
}

export interface HostStore extends PairingStore {
  /** Throws once another process has taken the storage over. Called before each answer. */
  checkHeld(): void;
  /** What the start found that a person should know, a sentence each. */
  readonly warnings: readonly string[];
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
