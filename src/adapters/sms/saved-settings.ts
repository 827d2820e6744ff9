import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import type { SecretName } from "../../core/index.ts";

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

/** A settings file that cannot be used. The message names the file and the way out. */
class SavedSettingsError extends Error {
  override readonly name = "SavedSettingsError";
}

/** What was saved; nothing where nothing was. Rejects when that cannot be known. */
export async function readSaved(folder: string): Promise<SavedSms> {
  const file = path.join(folder, FILE);
  let text: string;
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      text = await handle.readFile("utf8");
    } finally {
      await handle.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return NOTHING_SAVED;
    throw new SavedSettingsError(
      `${file} cannot be read (${code ?? "unknown error"}). It must be a plain file that this account may read.`,
      {
        cause,
      },
    );
  }
  try {
    return Saved.parse(JSON.parse(text));
  } catch (cause) {
    throw new SavedSettingsError(`${file} is damaged. Move it away, start again, and set up text messages anew in the settings page.`, {
      cause,
    });
  }
}

/** Resolves when it is on disk, whole. */
export async function writeSaved(folder: string, saved: SavedSms): Promise<void> {
  const file = path.join(folder, FILE);
  const draft = `${file}.draft`;
  await rm(draft, { force: true });
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(saved, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(draft, file);
  const directory = await open(folder, constants.O_RDONLY);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
