import path from "node:path";
import * as z from "zod";
import type { SecretName } from "../../core/index.ts";
import { readSettingsFile, writeSettingsFile } from "../settings-file.ts";

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

const NOTHING_SAVED: SavedSms = { secrets: [] };

const FILE = "sms_settings.json";

/** What was saved; nothing where nothing was. Throws when that cannot be known. */
export function readSaved(folder: string): SavedSms {
  return readSettingsFile(path.join(folder, FILE), Saved, "set up text messages anew in the settings page") ?? NOTHING_SAVED;
}

/** Resolves when it is on disk, whole. */
export async function writeSaved(folder: string, saved: SavedSms): Promise<void> {
  await writeSettingsFile(path.join(folder, FILE), saved);
}
