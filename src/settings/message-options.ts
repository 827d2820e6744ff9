import * as z from "zod";
import { SMS_PROVIDERS } from "../adapters/sms/providers/index.ts";
import type { ProviderField, SmsProvider } from "../adapters/sms/providers/provider.ts";
import { say } from "../words/say.ts";
import type { Option } from "./option.ts";
import { flag, providerAddress } from "./schemas.ts";

const SMS_CHOICES = ["auto", ...SMS_PROVIDERS.map(({ id }) => id), "mock"];

/** The settings of SMS providers. The settings page has a separate card for them. */
export const MESSAGE_OPTIONS = {
  SMS_PROVIDER: {
    schema: z.enum(SMS_CHOICES, { error: () => say("settingRules.oneOf", { words: SMS_CHOICES.join(", ") }) }),
    default: "auto",
  },
  PAIRING_SNS_INSTANCE_ROLE: {
    schema: flag,
    default: "0",
  },
} as const satisfies Record<string, Option>;

/** The variables of SMS providers, except those with AWS's own rules. */
export const PROVIDER_OPTIONS: Readonly<Record<string, Option>> = Object.fromEntries(SMS_PROVIDERS.flatMap(optionsOf));

function optionsOf({ fields, address }: SmsProvider): (readonly [string, Option])[] {
  return [
    ...fields.filter(({ ownRules }) => ownRules === undefined).map((field) => [field.variable, optionOf(field)] as const),
    ...(address ? [[address.variable, { schema: providerAddress, default: address.defaultValue }] as const] : []),
  ];
}

function optionOf({ pattern, rule, secret, orFile }: ProviderField): Option {
  return {
    schema: z.string().regex(pattern, { error: rule }),
    ...(secret === undefined ? {} : { secret: true }),
    ...(orFile ? { orFile } : {}),
  };
}
