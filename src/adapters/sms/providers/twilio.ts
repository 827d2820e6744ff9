import { say } from "../../../words/say.ts";
import { CREDENTIAL, sid } from "./patterns.ts";
import type { SmsProvider, Values } from "./provider.ts";
import { createTwilioSms, type TwilioAccount } from "./twilio-client.ts";
import { TWILIO } from "./twilio-faults.ts";

/** https://www.twilio.com/docs/messaging/api/message-resource */
export const twilio: SmsProvider = {
  ...TWILIO,
  configured: () => say("sms.twilioConfigured"),
  fields: [
    {
      name: "account_sid",
      variable: "TWILIO_ACCOUNT_SID",
      called: () => say("sms.twilioAccountSid"),
      ...sid("AC"),
      savedAs: "account_sid",
    },
    {
      name: "auth_token",
      variable: "TWILIO_AUTH_TOKEN",
      called: () => say("sms.twilioAuthToken"),
      ...CREDENTIAL,
      secret: "twilio-auth-token",
    },
    {
      name: "api_key_sid",
      variable: "TWILIO_API_KEY_SID",
      called: () => say("sms.twilioApiKeySid"),
      ...sid("SK"),
      folded: "twilio_api_key",
      savedAs: "api_key_sid",
    },
    {
      name: "api_key_secret",
      variable: "TWILIO_API_KEY_SECRET",
      called: () => say("sms.twilioApiKeySecret"),
      ...CREDENTIAL,
      secret: "twilio-api-key-secret",
      folded: "twilio_api_key",
    },
    {
      name: "phone_number",
      variable: "TWILIO_PHONE_NUMBER",
      called: () => say("sms.twilioPhoneNumber"),
      pattern: /^(\+[1-9]\d{6,14}|\d{4,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
      rule: () => say("sms.senderRule"),
      personal: true,
      savedAs: "phone_number",
    },
    {
      name: "messaging_service_sid",
      variable: "TWILIO_MESSAGING_SERVICE_SID",
      called: () => say("sms.twilioService"),
      ...sid("MG"),
      folded: "twilio_service",
      savedAs: "messaging_service_sid",
    },
  ],
  needs: [
    { anyOf: [["account_sid"]] },
    {
      anyOf: [["auth_token"], ["api_key_sid", "api_key_secret"]],
      words: () => say("sms.twilioCredentials"),
    },
    {
      anyOf: [["phone_number"], ["messaging_service_sid"]],
      words: () => say("sms.twilioSender"),
    },
  ],
  address: {
    variable: "PAIRING_TWILIO_BASE_URL",
    defaultValue: "https://api.twilio.com",
  },
  reports: { with: "auth_token" },
  price: (country) => (country === "US" || country === "CA" ? { least: 0.0079, most: 0.0079 } : { least: 0.02, most: 0.15 }),
  atHand: ({ fields, addresses }) => ({
    given: fields["twilio"] ?? {},
    connect: (values) => createTwilioSms(accountOf(values, addresses["twilio"])),
  }),
};

function accountOf(values: Values, baseUrl: string | undefined): TwilioAccount {
  const {
    account_sid: accountSid = "",
    auth_token: authToken,
    api_key_sid,
    api_key_secret,
    phone_number = "",
    messaging_service_sid,
  } = values;
  return {
    accountSid,
    authToken,
    ...(api_key_sid !== undefined && api_key_secret !== undefined ? { apiKey: { sid: api_key_sid, secret: api_key_secret } } : {}),
    // A service knows its numbers: it chooses among them.
    sender: messaging_service_sid === undefined ? { from: phone_number } : { messagingServiceSid: messaging_service_sid },
    baseUrl,
  };
}
