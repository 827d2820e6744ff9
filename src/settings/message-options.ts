import * as z from "zod";
import type { Option } from "./option.ts";
import { credential, flag, providerAddress, sid } from "./schemas.ts";

/** The settings of those who send text messages. The settings page has a card of its own for them. */
export const MESSAGE_OPTIONS = {
  SMS_PROVIDER: {
    schema: z.enum(["auto", "twilio", "sns", "mock"]),
    default: "auto",
    means:
      "Who sends text messages. auto: Twilio when its variables are complete, else AWS SNS when a region and credentials are in the environment or AWS's files, else mock.",
  },
  TWILIO_ACCOUNT_SID: { schema: sid("AC"), means: "The Twilio account that sends text messages. Twilio console, Account Info." },
  TWILIO_AUTH_TOKEN: {
    schema: credential,
    means: "The account's auth token. Delivery reports are signed with it, so it is useful beside an API key, too.",
    secret: true,
  },
  TWILIO_API_KEY_SID: { schema: sid("SK"), means: "An API key, instead of the auth token." },
  TWILIO_API_KEY_SECRET: { schema: credential, means: "The API key's secret.", secret: true },
  TWILIO_PHONE_NUMBER: {
    schema: z
      .string()
      .regex(/^(\+[1-9]\d{6,14}|\d{4,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/, "must be like +15551234567, a short code or a sender name"),
    means: "The number that messages come from.",
  },
  TWILIO_MESSAGING_SERVICE_SID: { schema: sid("MG"), means: "A messaging service, instead of the number." },
  PAIRING_TWILIO_BASE_URL: {
    schema: providerAddress,
    default: "https://api.twilio.com",
    means: "A Twilio-compatible endpoint: https, or an address of this computer.",
  },
  PAIRING_SNS_SENDER_ID: {
    schema: z.string().regex(/^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/, "must be 1 to 11 letters and digits, at least one letter"),
    means: "The name that AWS SNS messages come from, where a country allows names.",
  },
  PAIRING_SNS_MAX_PRICE: {
    schema: z.string().regex(/^\d{1,3}(\.\d{1,5})?$/, "must be US dollars like 0.05"),
    means: "The most that AWS SNS may spend on one message, in US dollars.",
  },
  PAIRING_SNS_INSTANCE_ROLE: {
    schema: flag,
    default: "0",
    means:
      "AWS SNS may ask the network for the credentials of the EC2 instance it runs on. Without it no request goes to the metadata address.",
  },
} as const satisfies Record<string, Option>;
