import type * as z from "zod";
import type { AnswerOf, OPERATIONS } from "../contract/operations.ts";
import {
  maskPhoneNumber,
  type Pairing,
  PairingError,
  type PairingSession,
  type PairingSettings,
  type ProviderDetails,
  type SmsSettings,
  type SmsSettingsChange,
} from "../core/index.ts";
import { deliveryBody } from "./wire.ts";

/** What the settings page sees and changes of text messages: the core's words ↔ the wire's. */
export function smsSettingsBody(settings: SmsSettings, { baseUrl, allowedCountries }: PairingSettings): AnswerOf<"smsSettings"> {
  const { provider, active, problem, providers } = settings;
  const isPublic = baseUrl().startsWith("https:");
  return {
    provider,
    active,
    ...(problem === undefined ? {} : { problem }),
    providers: providers.map(({ fields, needs, missing, reports, ...more }) => ({
      ...more,
      fields: fields.map((field) => ({ ...field })),
      needs: needs.map(({ anyOf, orFound }) => ({ any_of: anyOf.map((names) => [...names]), or_found: orFound })),
      missing: [...missing],
      ...(reports === undefined ? {} : { delivery_reports: reports && isPublic }),
    })),
    ...(allowedCountries === undefined ? {} : { allowed_countries: [...allowedCountries] }),
    ...(settings.warnings.length === 0 ? {} : { warnings: [...settings.warnings] }),
    secrets_in: settings.secretsIn,
  };
}

const AGREED = /^(.+)_agreed$/;

export function smsSettingsChange({ provider, ...rest }: z.output<(typeof OPERATIONS)["saveSmsSettings"]["body"]>): SmsSettingsChange {
  const fields = new Map<string, string>();
  const agreed = new Map<string, boolean>();
  for (const [name, value] of Object.entries(rest)) {
    const id = AGREED.exec(name)?.[1];
    if (id === undefined ? typeof value !== "string" : typeof value !== "boolean")
      throw new PairingError("invalid_request", {
        fields: [{ field: name.slice(0, 64), message: id === undefined ? "must be a text" : "must be true or false" }],
      });
    if (typeof value === "string") fields.set(name, value);
    else if (id !== undefined && typeof value === "boolean") agreed.set(id, value);
  }
  return { provider, fields: Object.fromEntries(fields), agreed: Object.fromEntries(agreed) };
}

export function detailsBody(details: ProviderDetails | undefined): { details?: { provider: string; code: string } } {
  return details?.code === undefined ? {} : { details: { provider: details.provider, code: details.code } };
}

export function previewBody({
  text,
  segments,
  characterSet,
  cost,
}: ReturnType<Pairing["previewSms"]>): NonNullable<AnswerOf<"readPhoneNumber">["message"]> {
  return { text, segments, character_set: characterSet, ...(cost ? { cost: { currency: "USD", ...cost } } : {}) };
}

export function testBody({ sessionId, phoneNumber, delivery }: PairingSession): NonNullable<AnswerOf<"overview">["sms_test"]> {
  return {
    session_id: sessionId,
    phone_number: maskPhoneNumber(phoneNumber),
    ...(delivery === undefined ? {} : { delivery: deliveryBody(delivery) }),
  };
}
