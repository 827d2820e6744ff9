import * as z from "zod";
import { requestFields } from "../../words/en/request-fields.ts";
import { Id, PhoneNumberText } from "../fields.ts";
import type { Operation } from "./operation.ts";
import { Provider, TEXTING } from "./shared-parts.ts";

const SmsProviderBody = z
  .object({
    id: z.string(),
    label: z.string(),
    fields: z.array(
      z.object({
        name: z.string().describe("As it is changed by PATCH."),
        variable: z.string().describe("The environment variable."),
        secret: z.boolean().describe("A secret goes in and never comes out: its value is always empty."),
        value: z.string(),
        set: z.boolean(),
        locked: z.boolean().describe("The environment rules, and the page cannot change it."),
        pattern: z.string().describe("What a text must be: a regular expression."),
        rule: z.string().describe("The same in words that go on where the field's name stands."),
        folded: z.string().optional().describe("Belongs with its neighbours of the same word, and few need it."),
      }),
    ),
    needs: z
      .array(z.object({ any_of: z.array(z.array(z.string())), or_found: z.boolean() }))
      .describe("Each is needed: any one of its lists of fields, whole, or credentials that were found and agreed to."),
    missing: z.array(z.string()).describe("What is still needed, in words; empty when it can send."),
    begun: z.boolean().describe("Somebody began to set it up."),
    found: z
      .string()
      .optional()
      .describe("Where credentials were found on this computer: the environment, or a profile. Never searched for on the network."),
    agreed: z.boolean().describe("Whether credentials that were found may be used. A server uses them; the desktop asks once."),
    delivery_reports: z
      .boolean()
      .optional()
      .describe(
        "Whether deliveries are reported: that needs what reports are signed with, and a public address. Absent: it never reports.",
      ),
  })
  .meta({ id: "SmsProvider" });

const SmsSettingsBody = z
  .object({
    provider: z.object({ value: z.string(), locked: z.boolean() }).describe("What was chosen: a provider's id, mock or auto."),
    active: Provider.describe("Who sends now."),
    problem: z.string().optional().describe("Why what was chosen cannot send, and what to do."),
    providers: z.array(SmsProviderBody).describe("In the order in which auto takes the first that is complete."),
    warnings: z.array(z.string()).optional().describe("What the provider did not take, so that messages go without it."),
    allowed_countries: z.array(z.string()).optional().describe("ISO 3166 codes of PAIRING_ALLOWED_COUNTRIES; absent: every country."),
    secrets_in: z.enum(["environment", "file", "keychain", "memory", "database"]).describe("Where secrets are stored."),
  })
  .meta({ id: "SmsSettings" });

const HostSettingsBody = z
  .object({
    settings: z.array(
      z.object({
        name: z.string().describe("The environment variable."),
        group: z.string(),
        kind: z.enum(["flag", "number", "text", "list", "choice"]).describe("How it is typed; a list is separated by commas."),
        from: z.number().optional(),
        to: z.number().optional(),
        choices: z.array(z.string()).readonly().optional().describe("The words that a choice may have."),
        description: z.string(),
        default: z.string().optional().describe("The default, in words where it depends on something."),
        value: z.string().optional().describe("What the environment says, or what was saved."),
        locked: z.boolean().describe("The environment rules, and the page cannot change it."),
        restart: z.boolean().describe("A change is used from the next start on; others at once."),
        waiting: z.boolean().describe("Saved, and not in use before a restart."),
        fault: z
          .string()
          .optional()
          .describe("The rule that the saved value breaks at this server, which does not use it: another server saved it."),
      }),
    ),
  })
  .meta({ id: "HostSettings" });

const AdminTokenBody = z
  .object({
    set: z.boolean(),
    locked: z.boolean().describe("The environment rules, and the page cannot change it."),
    kept_in: z.enum(["environment", "file", "keychain", "memory", "database"]),
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

export const ADMIN_SETTINGS_OPERATIONS = {
  smsSettings: {
    method: "GET",
    path: "/admin/sms",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "Who sends text messages, what is set, what is missing; secrets never",
    answer: SmsSettingsBody,
    errors: [],
  },
  saveSmsSettings: {
    method: "PATCH",
    path: "/admin/sms",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Change who sends text messages; used from the next message on. An empty text removes what was saved, what is left out stays",
    body: z
      .object({ provider: z.string().max(32).optional() })
      .catchall(z.union([z.string().trim().max(512), z.boolean()]))
      .describe("Beside provider: fields by their names, and `<provider>_agreed` (true, false) for credentials that were found."),
    answer: SmsSettingsBody,
    errors: ["setting_locked", "sms_settings_incomplete", "secrets_unavailable"],
  },
  testSmsConnection: {
    method: "POST",
    path: "/admin/sms/test-connection",
    door: "local",
    caller: "window",
    limit: "send-sms",
    summary: "Ask the provider whether it knows these credentials; sends nothing",
    answer: SmsTried,
    errors: ["rate_limited", "secrets_unavailable"],
  },
  sendTestSms: {
    method: "POST",
    path: "/admin/sms/send-test",
    door: "local",
    caller: "window",
    limit: "send-sms",
    summary: "Send a test message, without a link; it counts as a text message",
    body: z.object({ phone_number: PhoneNumberText }),
    answer: z.object({ session_id: Id, message: z.string() }),
    errors: [...TEXTING],
  },
  hostSettings: {
    method: "GET",
    path: "/admin/settings",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "The settings that have no card of their own: what is set, by whom, and what waits for a restart",
    answer: HostSettingsBody,
    errors: [],
  },
  adminToken: {
    method: "GET",
    path: "/admin/admin-token",
    door: "local",
    caller: "local",
    gated: true,
    limit: "other",
    summary: "Whether there is an admin token, and where: never the token",
    answer: AdminTokenBody,
    errors: [],
  },
  saveAdminToken: {
    method: "POST",
    path: "/admin/admin-token",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Keep an admin token where secrets are; it replaces the former",
    body: z.object({
      admin_token: z
        .string()
        .min(24, requestFields.longToken)
        .max(256)
        .regex(/^[\x21-\x7e]*$/, requestFields.visibleCharacters),
    }),
    answer: AdminTokenBody,
    errors: ["setting_locked", "secrets_unavailable", "storage_unavailable"],
  },
  removeAdminToken: {
    method: "DELETE",
    path: "/admin/admin-token",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Remove the saved admin token, once the gate does not require it any more",
    answer: AdminTokenBody,
    errors: ["setting_locked", "secrets_unavailable", "storage_unavailable"],
  },
  saveHostSettings: {
    method: "PATCH",
    path: "/admin/settings",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Change settings, all of them or none; what is left out stays",
    body: z.object({
      values: z
        .record(SettingName, SettingText.nullable())
        .refine((values) => Object.keys(values).length <= 100, requestFields.atMost100)
        .describe("By name, written as in the environment; null or an empty text goes back to the default."),
      check_only: z.boolean().optional().describe("Refuse what would be refused, and save nothing."),
    }),
    answer: HostSettingsBody,
    errors: ["setting_locked", "storage_unavailable"],
  },
  saveWelcome: {
    method: "PATCH",
    path: "/admin/welcome",
    door: "local",
    caller: "window",
    limit: "other",
    summary: "Show the settings page's first steps, or have done with them",
    body: z.object({ shown: z.boolean() }),
    answer: z.object({ shown: z.boolean() }),
    errors: ["storage_unavailable"],
  },
} as const satisfies Record<string, Operation>;
