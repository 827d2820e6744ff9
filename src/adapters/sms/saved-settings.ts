import * as z from "zod";
import type { SecretName } from "../../core/index.ts";
import { createSettingsFile, type SettingsFile } from "../settings-file.ts";

/** What the settings page saved, secrets excepted. They are where secrets are; here is only which of them there are. */
const Saved = z.object({
  provider: z.enum(["auto", "twilio", "sns", "mock"]).optional(),
  account_sid: z.string().optional(),
  api_key_sid: z.string().optional(),
  phone_number: z.string().optional(),
  messaging_service_sid: z.string().optional(),
  region: z.string().optional(),
  access_key_id: z.string().optional(),
  sender_id: z.string().optional(),
  max_price: z.string().optional(),
  aws_agreed: z.boolean().optional(),
  secrets: z.array(z.enum(["twilio-auth-token", "twilio-api-key-secret", "aws-secret-access-key"] as const satisfies SecretName[])),
});

export type SavedSms = z.output<typeof Saved>;
export type SmsSecret = SavedSms["secrets"][number];

export const NOTHING_SAVED: SavedSms = { secrets: [] };

export function savedSmsFile(folder: string): SettingsFile<SavedSms> {
  return createSettingsFile(folder, "sms_settings.json", Saved, "text messages");
}
