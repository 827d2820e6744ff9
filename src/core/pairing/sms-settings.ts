import type { ProviderDetails, SmsProviderName } from "../messages/delivery.ts";

/** A provider's id, `mock` or `auto`. */
export type SmsWish = string;

/** `locked`: the environment sets it, and only there it can be changed. */
export interface SettingField {
  readonly value: string;
  readonly locked: boolean;
}

/** A field of a provider's settings. */
export interface SmsField extends SettingField {
  /** The provider's id, `_` and its own name. */
  readonly name: string;
  /** Its environment variable. */
  readonly variable: string;
  /** A secret's value is always empty; there is only whether it is set. */
  readonly secret: boolean;
  readonly set: boolean;
  /** The rule for the value: a regular expression, and its description that follows the field's name. */
  readonly pattern: string;
  readonly rule: string;
  /** Fields of one group are folded together in the form. */
  readonly folded?: string;
}

/** A provider of text messages that can be set up. No secret is in it. */
export interface SmsProviderSetup {
  readonly id: string;
  readonly label: string;
  readonly fields: readonly SmsField[];
  /** Every row is required: one of its lists of fields, complete, or credentials that were found and agreed to. */
  readonly needs: readonly { readonly anyOf: readonly (readonly string[])[]; readonly orFound: boolean }[];
  /** What is missing, in words; empty if it can send. */
  readonly missing: readonly string[];
  /** Somebody began to set it up. */
  readonly begun: boolean;
  /** The place of credentials on this computer that belong to something else. */
  readonly found?: string;
  /** Whether the user agreed to use them. */
  readonly agreed: boolean;
  /** Whether it could report deliveries; absent where it never does. */
  readonly reports?: boolean;
}

/** Everything that can be shown of the SMS settings. No secret is in it. */
export interface SmsSettings {
  readonly provider: { readonly value: SmsWish; readonly locked: boolean };
  readonly active: SmsProviderName;
  /** Why the chosen provider cannot send, and what to do. */
  readonly problem?: string;
  /** In the order in which one of them is chosen automatically. */
  readonly providers: readonly SmsProviderSetup[];
  /** What the provider rejected, although messages are sent without it. */
  readonly warnings: readonly string[];
  readonly secretsIn: "environment" | "file" | "keychain" | "memory" | "database";
}

/** An absent field is unchanged; an empty text removes the saved value. */
export interface SmsSettingsChange {
  readonly provider?: SmsWish | undefined;
  /** By the fields' names. */
  readonly fields: Readonly<Record<string, string>>;
  /** By provider: whether found credentials may be used. */
  readonly agreed: Readonly<Record<string, boolean>>;
}

export interface SmsTried {
  readonly ok: boolean;
  readonly provider: SmsProviderName;
  readonly sentence: string;
  readonly details?: ProviderDetails;
}

/** US dollars for one segment. */
export interface SmsPrice {
  readonly least: number;
  readonly most: number;
}
