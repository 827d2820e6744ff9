import type { SmsSettings, SmsSettingsChange, SmsTried } from "../pairing/sms-settings.ts";
import type { ReachabilityChange, ReachabilitySettings } from "../reachability/reachability.ts";
import type { SecretHome, SecretKind, SecretPlaceStatus } from "../secrets/status.ts";

/** The SMS settings, as the settings page reads and changes them. The environment wins over saved values. */
export interface SmsSetup {
  read(): SmsSettings;
  /** Resolves once the change is saved durably; it applies to the next message. */
  save(change: SmsSettingsChange): Promise<SmsSettings>;
  /** Asks the provider whether the credentials are valid. Sends nothing. */
  tryConnection(): Promise<SmsTried>;
}

/** The host's settings, as the settings page reads and changes them. The environment wins over saved values. */
export interface HostSettings {
  list(): readonly HostSetting[];
  /**
   * Applies all of a change or nothing; `null` restores the default. Resolves once it is saved durably; settings that need no
   * restart apply at once. Rejects with `setting_locked`, or with `invalid_request` and the invalid fields.
   */
  save(change: SettingsChange): Promise<readonly HostSetting[]>;
  /** Throws what {@link save} would reject with; changes nothing. */
  check(change: SettingsChange): void;
}

/** The token for gated operations: from the environment, or saved where secrets are. */
export interface AdminToken {
  status(): AdminTokenStatus;
  /** `undefined`: there is none. Rejects with `secrets_unavailable` while it cannot be read. */
  read(): Promise<string | undefined>;
  /** Resolves once it is saved durably; the previous token stops working. Rejects with `setting_locked`. */
  keep(token: string): Promise<void>;
  /** Rejects with `invalid_request` while the gate requires it. */
  drop(): Promise<void>;
}

export interface AdminTokenStatus {
  readonly set: boolean;
  /** The environment sets it, and only there it can be changed. */
  readonly locked: boolean;
  readonly savedIn: SecretKind;
}

/** What the settings page remembers for its user. Nothing that phones rely on. */
export interface PageMemory {
  /** Whether to show the welcome; `undefined` until a person has decided. */
  welcome(): boolean | undefined;
  /** Resolves once it is saved durably. Rejects with `storage_unavailable`, and keeps its previous value. */
  keepWelcome(shown: boolean): Promise<void>;
}

export type SettingsChange = Readonly<Record<string, string | null>>;

/** A setting, with its values as written in the environment. */
export interface HostSetting {
  readonly name: string;
  readonly group: string;
  readonly kind: "flag" | "number" | "text" | "list" | "choice";
  readonly from?: number;
  readonly to?: number;
  /** The words of a choice. */
  readonly choices?: readonly string[];
  readonly description: string;
  /** The default, in words where it depends on something. */
  readonly default?: string;
  /** The value from the environment, or the saved one. */
  readonly value?: string;
  readonly locked: boolean;
  readonly restart: boolean;
  /** Saved, but used only after a restart. */
  readonly waiting: boolean;
  /** The rule that the saved value breaks at this server, which does not use it: another server saved it. */
  readonly fault?: string;
}

/** How phones reach this server, as the settings page reads and changes it. The environment wins over saved values. */
export interface ReachabilitySetup {
  read(): Promise<ReachabilitySettings>;
  /**
   * Resolves once it is saved durably; new links use it. Rejects with `setting_locked`, `tunnel_program_unusable`,
   * `secrets_unavailable` or `storage_unavailable`; then nothing was changed, except that a new authtoken may be saved already.
   */
  save(change: ReachabilityChange): Promise<void>;
}

/** Where secrets are stored, as a person sees and chooses it. */
export interface SecretPlace {
  status(): SecretPlaceStatus;
  /** Tries again now. Never rejects: the status contains the failure. */
  retry(): Promise<SecretPlaceStatus>;
  /**
   * Stores secrets there from now on. Readable secrets move along; unreadable ones are not destroyed. Rejects with
   * `keys_unavailable` if they cannot be stored there, and with `keys_elsewhere` where a person cannot choose.
   */
  moveTo(home: SecretHome): Promise<SecretPlaceStatus>;
}
