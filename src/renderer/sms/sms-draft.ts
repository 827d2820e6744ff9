import { type InputOf, OPERATIONS } from "../../contract/operations.ts";
import type { SmsSettings } from "../data/desk.ts";

/** What was typed and is not saved. What is not in it stays as it is; an empty text removes what was saved. */
export type SmsDraft = InputOf<"saveSmsSettings">;

export type SmsField = Exclude<keyof SmsDraft, "provider" | "sns_agreed">;
export type SmsSecret = "twilio_auth_token" | "twilio_api_key_secret" | "sns_secret_access_key";
/** A provider cannot do without these, or without what may stand in for them. */
export type SmsNeed = Exclude<SmsField, "twilio_messaging_service_sid" | "sns_sender_id" | "sns_max_price">;
export type SmsText = Exclude<SmsField, SmsSecret>;

interface FieldFacts<T> {
  /** What rules the field when it is locked. */
  readonly variable: string;
  readonly of: (settings: SmsSettings) => T;
}

/** In the order in which they stand in the form. */
export const SMS_TEXTS: { readonly [N in SmsText]: FieldFacts<SmsSettings["twilio"]["account_sid"]> } = {
  twilio_account_sid: { variable: "TWILIO_ACCOUNT_SID", of: ({ twilio }) => twilio.account_sid },
  twilio_api_key_sid: { variable: "TWILIO_API_KEY_SID", of: ({ twilio }) => twilio.api_key_sid },
  twilio_phone_number: { variable: "TWILIO_PHONE_NUMBER", of: ({ twilio }) => twilio.phone_number },
  twilio_messaging_service_sid: { variable: "TWILIO_MESSAGING_SERVICE_SID", of: ({ twilio }) => twilio.messaging_service_sid },
  sns_region: { variable: "AWS_REGION", of: ({ sns }) => sns.region },
  sns_access_key_id: { variable: "AWS_ACCESS_KEY_ID", of: ({ sns }) => sns.access_key_id },
  sns_sender_id: { variable: "PAIRING_SNS_SENDER_ID", of: ({ sns }) => sns.sender_id },
  sns_max_price: { variable: "PAIRING_SNS_MAX_PRICE", of: ({ sns }) => sns.max_price },
};

export const SMS_SECRETS: { readonly [N in SmsSecret]: FieldFacts<SmsSettings["twilio"]["auth_token"]> } = {
  twilio_auth_token: { variable: "TWILIO_AUTH_TOKEN", of: ({ twilio }) => twilio.auth_token },
  twilio_api_key_secret: { variable: "TWILIO_API_KEY_SECRET", of: ({ twilio }) => twilio.api_key_secret },
  sns_secret_access_key: { variable: "AWS_SECRET_ACCESS_KEY", of: ({ sns }) => sns.secret_access_key },
};

function isSecret(field: SmsField): field is SmsSecret {
  return Object.hasOwn(SMS_SECRETS, field);
}

export function isField(name: string): name is SmsField {
  return Object.hasOwn(SMS_TEXTS, name) || Object.hasOwn(SMS_SECRETS, name);
}

/** What is left of a draft when a part of it was saved; what was typed meanwhile stays. */
export function withoutSaved(draft: SmsDraft, saved: SmsDraft): SmsDraft {
  const same = (typed: unknown, sent: unknown): boolean => (typeof typed === "string" ? typed.trim() : typed) === sent;
  return Object.fromEntries(Object.entries(draft).filter(([name, typed]) => !same(typed, saved[name as keyof SmsDraft])));
}

/** What stands in a text field. */
export function textOf(settings: SmsSettings, draft: SmsDraft, field: SmsText): string {
  const { value, locked } = SMS_TEXTS[field].of(settings);
  return locked ? value : (draft[field] ?? value);
}

/** Whether there is a text or a secret, once the draft is saved. */
function isFilled(settings: SmsSettings, draft: SmsDraft, field: SmsField): boolean {
  if (!isSecret(field)) return textOf(settings, draft, field).trim() !== "";
  const { set, locked } = SMS_SECRETS[field].of(settings);
  const typed = draft[field];
  return locked || typed === undefined ? set : typed !== "";
}

export function providerOf(settings: SmsSettings, draft: SmsDraft): SmsSettings["provider"]["value"] {
  return settings.provider.locked ? settings.provider.value : (draft.provider ?? settings.provider.value);
}

/** What has to be asked for: all that differs from what is saved, and nothing that the environment rules. */
export function changeOf(settings: SmsSettings, draft: SmsDraft): SmsDraft {
  const texts = keysOf(SMS_TEXTS).filter((field) => {
    const { value, locked } = SMS_TEXTS[field].of(settings);
    return !locked && draft[field] !== undefined && draft[field].trim() !== value;
  });
  const secrets = keysOf(SMS_SECRETS).filter((field) => {
    const { set, locked } = SMS_SECRETS[field].of(settings);
    return !locked && draft[field] !== undefined && (draft[field] !== "" || set);
  });
  const provider = providerOf(settings, draft);
  return {
    ...(provider === settings.provider.value ? {} : { provider }),
    ...Object.fromEntries([...texts, ...secrets].map((field) => [field, draft[field]?.trim()])),
    ...(draft.sns_agreed === undefined || draft.sns_agreed === settings.sns.agreed ? {} : { sns_agreed: draft.sns_agreed }),
  };
}

/** What is wrong with a field: the rule that its text breaks, or that it is needed. */
export type SmsFault = { readonly rule: string } | { readonly needed: SmsNeed };
export type SmsFaults = Partial<Record<SmsField, SmsFault>>;

/** The rule that a text breaks, as the contract has it, so that page and server never disagree. */
export function brokenRule(field: SmsField, text: string): SmsFault | undefined {
  const read = OPERATIONS.saveSmsSettings.body.shape[field].safeParse(text);
  return read.success ? undefined : { rule: read.error.issues[0]?.message ?? "" };
}

export function faultsOf(settings: SmsSettings, draft: SmsDraft): SmsFaults {
  const faults: SmsFaults = {};
  for (const field of neededOf(settings, draft)) faults[field] = { needed: field };
  for (const [field, text] of Object.entries(changeOf(settings, draft))) {
    if (typeof text !== "string" || field === "provider") continue;
    const fault = brokenRule(field as SmsField, text);
    if (fault) faults[field as SmsField] = fault;
  }
  return faults;
}

/** What a provider that was chosen by name cannot do without. Of two ways to say something the first is asked for. */
function neededOf(settings: SmsSettings, draft: SmsDraft): readonly SmsNeed[] {
  const has = (field: SmsField): boolean => isFilled(settings, draft, field);
  const needed = new Set<SmsNeed>();
  const unless = (filled: boolean, field: SmsNeed): void => {
    if (!filled) needed.add(field);
  };
  switch (providerOf(settings, draft)) {
    case "twilio":
      unless(has("twilio_account_sid"), "twilio_account_sid");
      if (has("twilio_api_key_sid")) unless(has("twilio_api_key_secret"), "twilio_api_key_secret");
      else if (has("twilio_api_key_secret")) needed.add("twilio_api_key_sid");
      else unless(has("twilio_auth_token"), "twilio_auth_token");
      unless(has("twilio_phone_number") || has("twilio_messaging_service_sid"), "twilio_phone_number");
      break;
    case "sns": {
      const { found, agreed } = settings.sns;
      unless(has("sns_region"), "sns_region");
      if (has("sns_access_key_id")) unless(has("sns_secret_access_key"), "sns_secret_access_key");
      else unless(found !== undefined && (draft.sns_agreed ?? agreed), "sns_access_key_id");
      break;
    }
    case "auto":
    case "mock":
      break;
  }
  return [...needed];
}

function keysOf<T extends object>(object: T): (keyof T)[] {
  return Object.keys(object) as (keyof T)[];
}
