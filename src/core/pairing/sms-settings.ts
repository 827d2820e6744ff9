import type { ProviderDetails, SmsProviderName } from "./delivery.ts";

export type SmsWish = SmsProviderName | "auto";

/** `locked`: the environment says it, and only there it can be changed. */
export interface SettingField {
  readonly value: string;
  readonly locked: boolean;
}
export interface SecretField {
  readonly set: boolean;
  readonly locked: boolean;
}

/** Everything that can be shown of who sends text messages. No secret is in it. */
export interface SmsSettings {
  readonly provider: { readonly value: SmsWish; readonly locked: boolean };
  readonly active: SmsProviderName;
  /** Why what was chosen cannot send, and what to do. */
  readonly problem?: string;
  readonly twilio: {
    readonly accountSid: SettingField;
    readonly authToken: SecretField;
    readonly apiKeySid: SettingField;
    readonly apiKeySecret: SecretField;
    readonly phoneNumber: SettingField;
    readonly messagingServiceSid: SettingField;
    readonly missing: readonly string[];
  };
  readonly sns: {
    readonly region: SettingField;
    readonly accessKeyId: SettingField;
    readonly secretAccessKey: SecretField;
    readonly senderId: SettingField;
    readonly maxPrice: SettingField;
    readonly missing: readonly string[];
    /** Where AWS credentials were found on this computer. */
    readonly found?: string;
    readonly agreed: boolean;
  };
  /** What the provider did not take, though messages are sent without it. */
  readonly warnings: readonly string[];
  readonly secretsIn: "environment" | "file" | "keychain" | "memory";
}

/** What Twilio is set up with, wherever it was said. */
export interface TwilioFields {
  readonly accountSid?: string | undefined;
  readonly authToken?: string | undefined;
  readonly apiKeySid?: string | undefined;
  readonly apiKeySecret?: string | undefined;
  readonly phoneNumber?: string | undefined;
  readonly messagingServiceSid?: string | undefined;
}

/** The same for AWS SNS. */
export interface SnsFields {
  readonly region?: string | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  readonly senderId?: string | undefined;
  readonly maxPrice?: string | undefined;
}

/** What is left out stays; an empty text takes away what was saved. */
export interface SmsSettingsChange extends TwilioFields, SnsFields {
  readonly provider?: SmsWish | undefined;
  readonly awsAgreed?: boolean | undefined;
}

export interface SmsTried {
  readonly ok: boolean;
  readonly provider: SmsProviderName;
  readonly sentence: string;
  readonly details?: ProviderDetails;
}
