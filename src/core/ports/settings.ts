import type { SmsSettings, SmsSettingsChange, SmsTried } from "../pairing/sms-settings.ts";
import type { ReachabilityChange, ReachabilitySettings } from "../reachability/reachability.ts";
import type { SecretHome, SecretKind, SecretPlaceStatus } from "../secrets/status.ts";

/** Who sends text messages, as the settings page may see and change it. The environment rules where it says something. */
export interface SmsSetup {
  read(): SmsSettings;
  /** Resolves when it is kept for good; the next message is sent by it. */
  save(change: SmsSettingsChange): Promise<SmsSettings>;
  /** Asks the provider whether it knows the credentials. Sends nothing. */
  tryConnection(): Promise<SmsTried>;
}

/** The host's settings, as the settings page may see and change them. The environment rules where it says something. */
export interface HostSettings {
  list(): readonly HostSetting[];
  /**
   * All of a change or nothing; `null` goes back to the default. Resolves when it is kept for good: what needs no restart is in use
   * from then on. Rejects with `setting_locked`, or with `invalid_request` and the fields at fault.
   */
  save(change: SettingsChange): Promise<readonly HostSetting[]>;
  /** Throws as {@link save} would; changes nothing. */
  check(change: SettingsChange): void;
}

/** What opens the gated routes: of the environment, or kept where secrets are. */
export interface AdminToken {
  status(): AdminTokenStatus;
  /** `undefined`: there is none. Rejects with `secrets_unavailable` while it cannot be read. */
  read(): Promise<string | undefined>;
  /** Resolves when it is kept for good: it opens from then on, and the former no more. Rejects with `setting_locked`. */
  keep(token: string): Promise<void>;
  /** Rejects with `invalid_request` while the gate asks for it. */
  drop(): Promise<void>;
}

export interface AdminTokenStatus {
  readonly set: boolean;
  /** The environment says it, and only there it can be changed. */
  readonly locked: boolean;
  readonly savedIn: SecretKind;
}

/** What the settings page remembers of the person in front of it: never what was promised to a phone. */
export interface PageMemory {
  /** Whether the welcome is to be shown; `undefined` until somebody has said. */
  welcome(): boolean | undefined;
  /** Resolves when it is kept for good. Rejects with `storage_unavailable`, and remembers what it did before. */
  keepWelcome(shown: boolean): Promise<void>;
}

export type SettingsChange = Readonly<Record<string, string | null>>;

/** A setting, its values as a person would write them in the environment. */
export interface HostSetting {
  readonly name: string;
  readonly group: string;
  readonly kind: "flag" | "number" | "text" | "list";
  readonly from?: number;
  readonly to?: number;
  readonly description: string;
  /** What stands where nothing is said, in words where it depends. */
  readonly default?: string;
  /** What the environment says, or what was saved. */
  readonly value?: string;
  readonly locked: boolean;
  readonly restart: boolean;
  /** Saved, and not in use before a restart. */
  readonly waiting: boolean;
}

/** How phones get here, as the settings page may see and change it. The environment rules where it says something. */
export interface ReachabilitySetup {
  read(): Promise<ReachabilitySettings>;
  /**
   * Resolves when it is kept for good; links that are made from now on follow it. Rejects with `setting_locked`,
   * `tunnel_program_unusable`, `secrets_unavailable` or `storage_unavailable`, and has
   * changed nothing then, but that a new authtoken may be kept already.
   */
  save(change: ReachabilityChange): Promise<void>;
}

/** Where secrets are kept, as a person sees and chooses it. */
export interface SecretPlace {
  status(): SecretPlaceStatus;
  /** Asks again, now. Never rejects: what is wrong is in the standing. */
  retry(): Promise<SecretPlaceStatus>;
  /**
   * Keeps secrets there from now on; what can be read goes along, and nothing that cannot be read is destroyed. Rejects with
   * `keys_unavailable` when they cannot be kept there, with `keys_elsewhere` where that is not a person's choice.
   */
  moveTo(home: SecretHome): Promise<SecretPlaceStatus>;
}
