import * as z from "zod";
import { Id, PhoneNumberText } from "../fields.ts";
import type { Operation } from "./operation.ts";
import { FieldBody, GATE, Provider, TEXTING } from "./shared-parts.ts";

/** A secret goes in and never comes out: only whether there is one. */
const SecretBody = z.object({ set: z.boolean(), locked: z.boolean() });

const SmsSettingsBody = z
  .object({
    provider: z.object({ value: z.enum(["auto", "twilio", "sns", "mock"]), locked: z.boolean() }).describe("What was chosen."),
    active: Provider.describe("Who sends now."),
    problem: z.string().optional().describe("Why what was chosen cannot send, and what to do."),
    twilio: z.object({
      account_sid: FieldBody,
      auth_token: SecretBody,
      api_key_sid: FieldBody,
      api_key_secret: SecretBody,
      phone_number: FieldBody,
      messaging_service_sid: FieldBody,
      missing: z.array(z.string()).describe("What is still needed, in words; empty when it can send."),
      delivery_reports: z.boolean().describe("Whether deliveries are reported: that needs the auth token and a public address."),
    }),
    sns: z.object({
      region: FieldBody,
      access_key_id: FieldBody,
      secret_access_key: SecretBody,
      sender_id: FieldBody,
      max_price: FieldBody.describe("US dollars for one message."),
      missing: z.array(z.string()).describe("As for twilio."),
      found: z
        .string()
        .optional()
        .describe("Where AWS credentials were found on this computer: the environment, or a profile. Never looked for on the network."),
      agreed: z.boolean().describe("Whether credentials that were found may be used. A server uses them; the desktop asks once."),
    }),
    warnings: z.array(z.string()).optional().describe("What the provider did not take, so that messages go without it."),
    allowed_countries: z.array(z.string()).optional().describe("ISO 3166 codes of PAIRING_ALLOWED_COUNTRIES; absent: every country."),
    secrets_in: z.enum(["environment", "file", "keychain", "memory"]).describe("Where secrets are kept."),
  })
  .meta({ id: "SmsSettings" });

const SID = (prefix: string, means: string) =>
  z
    .string()
    .trim()
    .regex(new RegExp(`^(|${prefix}[0-9a-fA-F]{32})$`), `must begin with ${prefix} and have 32 hexadecimal digits after it`)
    .optional()
    .describe(means);

const Secret = z
  .string()
  .trim()
  .max(512)
  .regex(/^[\x21-\x7e]*$/, "must be letters, digits and signs without spaces")
  .optional();

const HostSettingsBody = z
  .object({
    settings: z.array(
      z.object({
        name: z.string().describe("The environment variable."),
        group: z.string(),
        kind: z.enum(["flag", "number", "text", "list"]).describe("How it is typed; a list is separated by commas."),
        from: z.number().optional(),
        to: z.number().optional(),
        means: z.string(),
        default: z.string().optional().describe("What stands where nothing is said; in words where it depends."),
        value: z.string().optional().describe("What the environment says, or what was saved."),
        locked: z.boolean().describe("The environment rules, and the page cannot change it."),
        restart: z.boolean().describe("A change is used from the next start on; others at once."),
        waiting: z.boolean().describe("Saved, and not in use before a restart."),
      }),
    ),
  })
  .meta({ id: "HostSettings" });

const AdminTokenBody = z
  .object({
    set: z.boolean(),
    locked: z.boolean().describe("The environment rules, and the page cannot change it."),
    kept_in: z.enum(["environment", "file", "keychain", "memory"]),
  })
  .meta({ id: "AdminToken" });

const SettingName = z.string().max(64);

const SettingText = z.string().trim().max(4096);

const SmsTried = z.object({
  ok: z.boolean(),
  provider: Provider,
  sentence: z.string().describe("What was found, and what to do."),
  details: z.object({ provider: z.string(), code: z.string() }).optional(),
});

export const DESK_SETTINGS = {
  smsSettings: {
    method: "GET",
    path: "/desk/sms",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Who sends text messages, what is set, what is missing; secrets never",
    answer: SmsSettingsBody,
    refusals: GATE,
  },
  saveSmsSettings: {
    method: "PATCH",
    path: "/desk/sms",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Change who sends text messages; used from the next message on. An empty text removes what was saved, what is left out stays",
    body: z.object({
      provider: z.enum(["auto", "twilio", "sns", "mock"]).optional(),
      twilio_account_sid: SID("AC", "Twilio console, Account Info."),
      twilio_auth_token: Secret,
      twilio_api_key_sid: SID("SK", "Instead of the auth token."),
      twilio_api_key_secret: Secret,
      twilio_phone_number: z
        .string()
        .trim()
        .regex(/^(|\+[1-9]\d{6,14}|\d{4,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/, "must be like +15551234567, a short code or a sender name")
        .optional(),
      twilio_messaging_service_sid: SID("MG", "Instead of the phone number."),
      sns_region: z
        .string()
        .trim()
        .regex(/^(|[a-z]{2}(-[a-z]+)+-\d)$/, "must be a region like us-east-1")
        .optional(),
      sns_access_key_id: z
        .string()
        .trim()
        .regex(/^(|[A-Z0-9]{16,128})$/, "must be an access key id like AKIA…")
        .optional(),
      sns_secret_access_key: Secret,
      sns_sender_id: z
        .string()
        .trim()
        .regex(/^(|(?=.*[A-Za-z])[A-Za-z0-9]{1,11})$/, "must be 1 to 11 letters and digits, at least one letter")
        .optional(),
      sns_max_price: z
        .string()
        .trim()
        .regex(/^(|\d{1,3}(\.\d{1,5})?)$/, "must be US dollars like 0.05")
        .optional(),
      sns_agreed: z.boolean().optional().describe("AWS credentials found on this computer may be used."),
    }),
    answer: SmsSettingsBody,
    refusals: [...GATE, "setting_locked", "sms_settings_incomplete", "secrets_unavailable"],
  },
  testSmsConnection: {
    method: "POST",
    path: "/desk/sms/test-connection",
    door: "local",
    auth: "gated",
    limit: "send-sms",
    summary: "Ask the provider whether it knows these credentials; sends nothing",
    answer: SmsTried,
    refusals: [...GATE, "rate_limited", "secrets_unavailable"],
  },
  sendTestSms: {
    method: "POST",
    path: "/desk/sms/send-test",
    door: "local",
    auth: "gated",
    limit: "send-sms",
    summary: "Send a test message, without a link; it counts as a text message",
    body: z.object({ phone_number: PhoneNumberText }),
    answer: z.object({ session_id: Id, message: z.string() }),
    refusals: [...GATE, ...TEXTING],
  },
  hostSettings: {
    method: "GET",
    path: "/desk/settings",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "The settings that have no card of their own: what is set, by whom, and what waits for a restart",
    answer: HostSettingsBody,
    refusals: GATE,
  },
  adminToken: {
    method: "GET",
    path: "/desk/admin-token",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Whether there is an admin token, and where: never the token",
    answer: AdminTokenBody,
    refusals: GATE,
  },
  saveAdminToken: {
    method: "POST",
    path: "/desk/admin-token",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Keep an admin token where secrets are; it replaces the former",
    body: z.object({
      admin_token: z
        .string()
        .min(24, "must have at least 24 characters, so that nobody guesses it")
        .max(256)
        .regex(/^[\x21-\x7e]*$/, "must be letters, digits and signs without spaces"),
    }),
    answer: AdminTokenBody,
    refusals: [...GATE, "setting_locked", "secrets_unavailable", "storage_unavailable"],
  },
  removeAdminToken: {
    method: "DELETE",
    path: "/desk/admin-token",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Forget the kept admin token, once the gate does not ask for it any more",
    answer: AdminTokenBody,
    refusals: [...GATE, "setting_locked", "secrets_unavailable", "storage_unavailable"],
  },
  saveHostSettings: {
    method: "PATCH",
    path: "/desk/settings",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Change settings, all of them or none; what is left out stays",
    body: z.object({
      values: z
        .record(SettingName, SettingText.nullable())
        .refine((values) => Object.keys(values).length <= 100, "must be at most 100 settings")
        .describe("By name, written as in the environment; null or an empty text goes back to the default."),
      check_only: z.boolean().optional().describe("Refuse what would be refused, and save nothing."),
    }),
    answer: HostSettingsBody,
    refusals: [...GATE, "setting_locked", "storage_unavailable"],
  },
  saveWelcome: {
    method: "PATCH",
    path: "/desk/welcome",
    door: "local",
    auth: "gated",
    limit: "other",
    summary: "Show the settings page's first steps, or have done with them",
    body: z.object({ shown: z.boolean() }),
    answer: z.object({ shown: z.boolean() }),
    refusals: [...GATE, "storage_unavailable"],
  },
} as const satisfies Record<string, Operation>;
