import { present } from "../base/present.ts";
import type { ADMIN_SETTINGS_OPERATIONS } from "../contract/operations/admin-settings.ts";
import type { AnswerOf } from "../contract/operations.ts";
import { type AdminTokenStatus, PairingError, type PairingSettings, type SmsSettings, type SmsSettingsChange } from "../core/index.ts";
import { requestFields } from "../words/en/request-fields.ts";
import { say } from "../words/say.ts";
import type { HandlerDeps, Handlers, Input } from "./handlers.ts";

/** The settings that a person may change while the server runs. */
export const SETTINGS_HANDLERS: Handlers<keyof typeof ADMIN_SETTINGS_OPERATIONS> = {
  smsSettings: async ({ pairing }) => smsSettingsBody(pairing.smsSettings(), pairing.settings),

  saveSmsSettings: async ({ pairing }, change) =>
    smsSettingsBody(await pairing.saveSmsSettings(smsSettingsChange(change)), pairing.settings),

  async testSmsConnection({ pairing }) {
    const { details, ...tried } = await pairing.trySms();
    return { ...tried, ...(details?.code === undefined ? {} : { details: { provider: details.provider, code: details.code } }) };
  },

  async sendTestSms({ pairing }, { phone_number }, { caller }) {
    const { id } = await pairing.sendTestText(phone_number, caller);
    return { session_id: id, message: say("server.testTextSent") };
  },

  hostSettings: async ({ pairing }) => hostSettingsBody(pairing),

  async saveHostSettings({ pairing }, { values, check_only }) {
    if (check_only === true) pairing.checkHostSettings(values);
    else await pairing.saveHostSettings(values);
    return hostSettingsBody(pairing);
  },

  adminToken: async ({ pairing }) => adminTokenBody(pairing.adminToken()),

  saveAdminToken: async ({ pairing }, { admin_token }, { caller }) => adminTokenBody(await pairing.changeAdminToken(admin_token, caller)),

  removeAdminToken: async ({ pairing }, _input, { caller }) => adminTokenBody(await pairing.changeAdminToken(undefined, caller)),

  async saveWelcome({ pairing }, { shown }) {
    await pairing.showWelcome(shown);
    return { shown };
  },
};

function hostSettingsBody({ hostSettings }: HandlerDeps["pairing"]): AnswerOf<"hostSettings"> {
  return { settings: hostSettings().map((setting) => ({ ...setting })) };
}

function adminTokenBody({ set, locked, savedIn }: AdminTokenStatus): AnswerOf<"adminToken"> {
  return { set, locked, kept_in: savedIn };
}

function smsSettingsBody(settings: SmsSettings, { baseUrl, allowedCountries }: PairingSettings): AnswerOf<"smsSettings"> {
  const { provider, active, problem, providers } = settings;
  const isPublic = baseUrl().startsWith("https:");
  return {
    provider,
    active,
    ...present({ problem }),
    providers: providers.map(({ fields, needs, missing, reports, ...more }) => ({
      ...more,
      fields: fields.map((field) => ({ ...field })),
      needs: needs.map(({ anyOf, orFound }) => ({ any_of: anyOf.map((names) => [...names]), or_found: orFound })),
      missing: [...missing],
      ...(reports === undefined ? {} : { delivery_reports: reports && isPublic }),
    })),
    ...(allowedCountries === undefined ? {} : { allowed_countries: [...allowedCountries] }),
    ...(settings.warnings.length === 0 ? {} : { warnings: [...settings.warnings] }),
    secrets_in: settings.secretsIn,
  };
}

const AGREED = /^(.+)_agreed$/;

function smsSettingsChange({ provider, ...rest }: Input<"saveSmsSettings">): SmsSettingsChange {
  const fields = new Map<string, string>();
  const agreed = new Map<string, boolean>();
  for (const [name, value] of Object.entries(rest)) {
    const id = AGREED.exec(name)?.[1];
    if (id === undefined ? typeof value !== "string" : typeof value !== "boolean")
      throw new PairingError("invalid_request", {
        fields: [{ field: name.slice(0, 64), message: id === undefined ? requestFields.text : requestFields.flag }],
      });
    if (typeof value === "string") fields.set(name, value);
    else if (id !== undefined && typeof value === "boolean") agreed.set(id, value);
  }
  return { provider, fields: Object.fromEntries(fields), agreed: Object.fromEntries(agreed) };
}
