import type { ProviderDetails, SmsProviderName } from "../messages/delivery.ts";

/** A provider's id, `mock` or `auto`. */
export type SmsWish = string;

/** `locked`: the environment says it, and only there it can be changed. */
export interface SettingField {
  readonly value: string;
  readonly locked: boolean;
}

/** Something that a provider is set up with. */
export interface SmsField extends SettingField {
  /** The provider's id, `_` and its own name. */
  readonly name: string;
  /** The environment variable that rules it. */
  readonly variable: string;
  /** A secret's value is always empty; there is only whether it is set. */
  readonly secret: boolean;
  readonly set: boolean;
  /** What a text must be: a regular expression, and the same in words that go on where the field's name stands. */
  readonly pattern: string;
  readonly rule: string;
  /** A form folds it together with its neighbours of the same word. */
  readonly folded?: string;
}

/** A provider of text messages that can be set up. No secret is in it. */
export interface SmsProviderSetup {
  readonly id: string;
  readonly label: string;
  readonly fields: readonly SmsField[];
  /** Each of these is needed: any one of its lists of fields, whole, or credentials that were found and agreed to. */
  readonly needs: readonly { readonly anyOf: readonly (readonly string[])[]; readonly orFound: boolean }[];
  /** What is still needed, in words; empty when it can send. */
  readonly missing: readonly string[];
  /** Somebody began to set it up. */
  readonly begun: boolean;
  /** Where credentials were found on this computer that are there for something else. */
  readonly found?: string;
  /** They may be used. */
  readonly agreed: boolean;
  /** Whether it could report deliveries; absent where it never does. */
  readonly reports?: boolean;
}

/** Everything that can be shown of who sends text messages. No secret is in it. */
export interface SmsSettings {
  readonly provider: { readonly value: SmsWish; readonly locked: boolean };
  readonly active: SmsProviderName;
  /** Why what was chosen cannot send, and what to do. */
  readonly problem?: string;
  /** In the order in which one of them is chosen automatically. */
  readonly providers: readonly SmsProviderSetup[];
  /** What the provider did not take, though messages are sent without it. */
  readonly warnings: readonly string[];
  readonly secretsIn: "environment" | "file" | "keychain" | "memory";
}

/** What is left out stays; an empty text takes away what was saved. */
export interface SmsSettingsChange {
  readonly provider?: SmsWish | undefined;
  /** By the fields' names. */
  readonly fields: Readonly<Record<string, string>>;
  /** By provider: whether credentials that were found may be used. */
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
