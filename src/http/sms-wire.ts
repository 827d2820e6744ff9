import type * as z from "zod";
import type { AnswerOf, OPERATIONS } from "../contract/operations.ts";
import {
  maskPhoneNumber,
  type Pairing,
  type PairingSettings,
  type ProviderDetails,
  type Session,
  type SmsSettings,
  type SmsSettingsChange,
} from "../core/index.ts";
import { deliveryBody } from "./wire.ts";

/** What the settings page sees and changes of text messages: the core's words ↔ the wire's. */
export function smsSettingsBody(settings: SmsSettings, { baseUrl, allowedCountries }: PairingSettings): AnswerOf<"smsSettings"> {
  const { provider, active, problem, twilio, sns } = settings;
  return {
    provider,
    active,
    ...(problem === undefined ? {} : { problem }),
    twilio: {
      account_sid: twilio.accountSid,
      auth_token: twilio.authToken,
      api_key_sid: twilio.apiKeySid,
      api_key_secret: twilio.apiKeySecret,
      phone_number: twilio.phoneNumber,
      messaging_service_sid: twilio.messagingServiceSid,
      missing: [...twilio.missing],
      delivery_reports: twilio.authToken.set && baseUrl().startsWith("https:"),
    },
    sns: {
      region: sns.region,
      access_key_id: sns.accessKeyId,
      secret_access_key: sns.secretAccessKey,
      sender_id: sns.senderId,
      max_price: sns.maxPrice,
      missing: [...sns.missing],
      ...(sns.found === undefined ? {} : { found: sns.found }),
      agreed: sns.agreed,
    },
    ...(allowedCountries === undefined ? {} : { allowed_countries: [...allowedCountries] }),
    secrets_in: settings.secretsIn,
  };
}

export function smsSettingsChange(body: z.output<(typeof OPERATIONS)["saveSmsSettings"]["body"]>): SmsSettingsChange {
  return {
    provider: body.provider,
    accountSid: body.twilio_account_sid,
    authToken: body.twilio_auth_token,
    apiKeySid: body.twilio_api_key_sid,
    apiKeySecret: body.twilio_api_key_secret,
    phoneNumber: body.twilio_phone_number,
    messagingServiceSid: body.twilio_messaging_service_sid,
    region: body.sns_region,
    accessKeyId: body.sns_access_key_id,
    secretAccessKey: body.sns_secret_access_key,
    senderId: body.sns_sender_id,
    maxPrice: body.sns_max_price,
    awsAgreed: body.sns_agreed,
  };
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

export function testBody({ sessionId, phoneNumber, delivery }: Session): NonNullable<AnswerOf<"overview">["sms_test"]> {
  return {
    session_id: sessionId,
    phone_number: maskPhoneNumber(phoneNumber),
    ...(delivery === undefined ? {} : { delivery: deliveryBody(delivery) }),
  };
}
