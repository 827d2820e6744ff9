import * as z from "zod";
import type { SettingsFile } from "../../base/settings-file.ts";
import { createSettingsFile } from "../settings-file.ts";
import { SMS_PROVIDERS } from "./providers/index.ts";
import type { ProviderField, SmsProvider } from "./providers/provider.ts";

/**
 * What the settings page saved, secrets excepted: they are where secrets are, and here is only which of them there are. Words of
 * another version are kept as they are.
 */
export const SavedSms = z
  .object({
    provider: z.string().optional(),
    secrets: z.array(z.string()),
  })
  .catchall(z.unknown());

export type SavedSms = z.output<typeof SavedSms>;

export const NOTHING_SAVED: SavedSms = { secrets: [] };

export function savedSmsFile(folder: string): SettingsFile<SavedSms> {
  return createSettingsFile(folder, "sms_settings.json", SavedSms, "damagedMessages");
}

/** The name of a provider's field in the API, in the form and in what was saved. */
export function fieldName({ id }: SmsProvider, { name }: ProviderField): string {
  return `${id}_${name}`;
}

export function savedText(saved: SavedSms, provider: SmsProvider, field: ProviderField): string | undefined {
  const text = saved[field.savedAs ?? fieldName(provider, field)];
  return typeof text === "string" ? text : undefined;
}

/** Whether credentials that were found may be used, as it is saved. */
export function agreedName({ id, agreedAs = `${id}_agreed` }: SmsProvider): string {
  return agreedAs;
}

/** Every field that can be saved, by its name. */
export const SMS_FIELDS: ReadonlyMap<string, { readonly provider: SmsProvider; readonly field: ProviderField }> = new Map(
  SMS_PROVIDERS.flatMap((provider) => provider.fields.map((field) => [fieldName(provider, field), { provider, field }] as const)),
);

/** The names under which secrets of text messages are kept. */
export const SMS_SECRETS: readonly string[] = [...SMS_FIELDS.values()].flatMap(({ field }) => field.secret ?? []);
