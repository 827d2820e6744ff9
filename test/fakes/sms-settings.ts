import type { AnswerOf, InputOf } from "../../src/contract/operations.ts";

export type FakeSms = AnswerOf<"smsSettings">;
type Provider = FakeSms["providers"][number];
type Field = Provider["fields"][number];

/** What is set, by the fields' names; a text or a secret that is locked comes from the environment. */
export interface SmsChoice {
  readonly provider?: Partial<FakeSms["provider"]>;
  readonly fields?: Readonly<Record<string, Partial<Pick<Field, "value" | "set" | "locked">>>>;
  /** AWS credentials of this computer. */
  readonly found?: string;
  readonly allowed_countries?: readonly string[];
  readonly secrets_in?: FakeSms["secrets_in"];
}

/** What the fake keeps of the settings: what follows from it is worked out when it is asked for. */
export type SavedSms = Omit<FakeSms, "active" | "problem">;

const ANY = ["^[\\x21-\\x7e]{1,512}$", "must be letters, digits and signs without spaces"] as const;
const sid = (prefix: string) =>
  [`^${prefix}[0-9a-fA-F]{32}$`, `must begin with ${prefix} and have 32 hexadecimal digits after it`] as const;
const text = (name: string, variable: string, [pattern, rule]: readonly [string, string], folded?: string): Field => ({
  name,
  variable,
  secret: false,
  value: "",
  set: false,
  locked: false,
  pattern,
  rule,
  ...(folded === undefined ? {} : { folded }),
});
const secret = (...about: Parameters<typeof text>): Field => ({ ...text(...about), secret: true });

const TWILIO: Provider = {
  id: "twilio",
  label: "Twilio",
  fields: [
    text("twilio_account_sid", "TWILIO_ACCOUNT_SID", sid("AC")),
    secret("twilio_auth_token", "TWILIO_AUTH_TOKEN", ANY),
    text("twilio_api_key_sid", "TWILIO_API_KEY_SID", sid("SK"), "twilio_api_key"),
    secret("twilio_api_key_secret", "TWILIO_API_KEY_SECRET", ANY, "twilio_api_key"),
    text("twilio_phone_number", "TWILIO_PHONE_NUMBER", ["^\\+[1-9]\\d{6,14}$", "must be like +15551234567"]),
    text("twilio_messaging_service_sid", "TWILIO_MESSAGING_SERVICE_SID", sid("MG"), "twilio_service"),
  ],
  needs: [
    { any_of: [["twilio_account_sid"]], or_found: false },
    { any_of: [["twilio_auth_token"], ["twilio_api_key_sid", "twilio_api_key_secret"]], or_found: false },
    { any_of: [["twilio_phone_number"], ["twilio_messaging_service_sid"]], or_found: false },
  ],
  missing: [],
  begun: false,
  agreed: true,
  delivery_reports: true,
};
const SNS: Provider = {
  id: "sns",
  label: "AWS SNS",
  fields: [
    text("sns_region", "AWS_REGION", ["^[a-z]{2}(-[a-z]+)+-\\d$", "must be a region like us-east-1"]),
    text("sns_access_key_id", "AWS_ACCESS_KEY_ID", ["^[A-Z0-9]{16,128}$", "must be an access key id like AKIA…"], "sns_own_keys"),
    secret("sns_secret_access_key", "AWS_SECRET_ACCESS_KEY", ANY, "sns_own_keys"),
    text("sns_sender_id", "PAIRING_SNS_SENDER_ID", ["^[A-Za-z0-9]{1,11}$", "must be 1 to 11 letters and digits"]),
    text("sns_max_price", "PAIRING_SNS_MAX_PRICE", ["^\\d{1,3}(\\.\\d{1,5})?$", "must be US dollars like 0.05"]),
  ],
  needs: [
    { any_of: [["sns_region"]], or_found: false },
    { any_of: [["sns_access_key_id", "sns_secret_access_key"]], or_found: true },
  ],
  missing: [],
  begun: false,
  agreed: false,
};
/** What the first field of a need is asked for by. */
const WORDS: Readonly<Record<string, string>> = {
  twilio_account_sid: "the account SID (TWILIO_ACCOUNT_SID)",
  twilio_auth_token: "the auth token (TWILIO_AUTH_TOKEN) or an API key (TWILIO_API_KEY_SID and TWILIO_API_KEY_SECRET)",
  twilio_phone_number: "the sender: a phone number (TWILIO_PHONE_NUMBER) or a messaging service (TWILIO_MESSAGING_SERVICE_SID)",
  sns_region: "the region (AWS_REGION)",
  sns_access_key_id: "credentials: run aws configure, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};
const WORKING: Readonly<Record<string, NonNullable<SmsChoice["fields"]>>> = {
  twilio: {
    twilio_account_sid: { value: `AC${"0".repeat(32)}`, set: true },
    twilio_auth_token: { set: true },
    twilio_phone_number: { value: "+15550001111", set: true },
  },
  sns: { sns_region: { value: "us-east-1", set: true } },
};

/** `works`: a provider that is set up, where `choice` says nothing. */
export function startingSms(choice: SmsChoice | undefined, works: string | undefined): SavedSms {
  const given = choice?.fields ?? WORKING[choice ? "" : (works ?? "")] ?? {};
  const found = choice ? choice.found : works === "sns" ? "profile default in ~/.aws/credentials" : undefined;
  const saved: SavedSms = {
    provider: { value: "auto", locked: false, ...choice?.provider },
    providers: structuredClone([TWILIO, SNS]).map((provider) => ({
      ...provider,
      fields: provider.fields.map((field) => ({ ...field, ...given[field.name] })),
      ...(provider.id === "sns" ? { agreed: !choice && works === "sns", ...(found === undefined ? {} : { found }) } : {}),
    })),
    ...(choice?.allowed_countries ? { allowed_countries: [...choice.allowed_countries] } : {}),
    secrets_in: choice?.secrets_in ?? "keychain",
  };
  saveSms(saved, {});
  return saved;
}

export function activeOf({ provider, providers }: SavedSms): string {
  if (provider.value !== "auto") return provider.value;
  return providers.find(({ missing }) => missing.length === 0)?.id ?? "mock";
}

export function problemOf(sms: SavedSms): { problem?: string } {
  const active = sms.providers.find(({ id }) => id === activeOf(sms));
  if (!active || active.missing.length === 0) return {};
  return { problem: `${active.label} cannot send yet. Missing: ${active.missing.join("; ")}.` };
}

export function lockedIn({ provider, providers }: SavedSms, change: InputOf<"saveSmsSettings">): boolean {
  const isLocked = providers.some(({ fields }) => fields.some(({ name, locked }) => locked && change[name] !== undefined));
  return isLocked || (change.provider !== undefined && provider.locked);
}

export function saveSms(sms: SavedSms, change: InputOf<"saveSmsSettings">): void {
  if (change.provider !== undefined) sms.provider.value = change.provider;
  for (const provider of sms.providers) {
    const agreed = change[`${provider.id}_agreed`];
    if (typeof agreed === "boolean") provider.agreed = agreed;
    for (const field of provider.fields) {
      const typed = change[field.name];
      if (typeof typed !== "string") continue;
      field.set = typed !== "";
      if (!field.secret) field.value = typed;
    }
    provider.missing = missingIn(provider);
  }
}

function missingIn({ fields, needs, found, agreed }: Provider): string[] {
  const has = (name: string): boolean => fields.some((field) => field.name === name && (field.set || field.value !== ""));
  return needs.flatMap(({ any_of, or_found }) => {
    const half = any_of.filter((names) => names.some(has)).flatMap((names) => names.filter((name) => !has(name)));
    if (half.length > 0 || any_of.some((names) => names.every(has))) return half;
    if (!or_found || found === undefined) return [WORDS[any_of[0]?.[0] ?? ""] ?? "something"];
    return agreed ? [] : [`your agreement that text messages are paid for with ${found}`];
  });
}
