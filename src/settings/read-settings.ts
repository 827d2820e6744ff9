import { hostname, userInfo } from "node:os";
import path from "node:path";
import type * as z from "zod";
import { SMS_PROVIDERS } from "../adapters/sms/providers/index.ts";
import type { SmsEnvironment } from "../adapters/sms/providers/provider.ts";
import { isLoopback } from "../base/loopback.ts";
import { present } from "../base/present.ts";
import { isCountry } from "../core/index.ts";
import { say } from "../words/say.ts";
import { findAws } from "./find-aws.ts";
import type { Option } from "./option.ts";
import { OPTIONS, type OptionName } from "./options.ts";
import { type Complain, isGiven, optionReader, type ReadNamed, type ReadOption } from "./read-option.ts";
import { weaknessOf } from "./weak-token.ts";

type Table = typeof OPTIONS;
type ValueOf<Row> = Row extends { readonly schema: infer Schema extends z.ZodType }
  ? Readonly<z.output<Schema>> | (Row extends { readonly default: string } ? never : undefined)
  : never;

/** Options that become a field of the settings unchanged. */
type SingleSettings = {
  readonly [Name in OptionName as Table[Name] extends { readonly key: infer Key extends string } ? Key : never]: ValueOf<Table[Name]>;
};

/** The complete, checked and frozen settings of a host. */
export interface Settings extends SingleSettings {
  /** The SMS settings of the environment. They win over saved ones. */
  readonly sms: SmsEnvironment;
  readonly storageFolder: string;
  /** An admin token is saved where secrets are. */
  readonly adminTokenSaved: boolean;
  /** Why the token can be guessed. Only printed as a warning at start. */
  readonly adminTokenWeak: string | undefined;
  /** An external broker. Absent: the phone door's own. */
  readonly mqttBroker: MqttBroker | undefined;
  readonly userId: string;
  readonly userName: string;
  readonly country: string;
  readonly computerName: string;
}

export interface MqttBroker {
  readonly host: string;
  /** Its URL for phones; absent if only the host name is given to them. */
  readonly phoneUrl?: string;
  /** How this server connects to it. */
  readonly link?: { readonly url: string; readonly username: string; readonly password: string };
}

/** What the settings page saved, as written in the environment. */
export type SavedSettings = Readonly<Partial<Record<OptionName, string>>>;

/** Marks in the saved settings that an admin token is stored where secrets are. */
export const SAVED_AMONG_SECRETS = "kept among the secrets";

/** A fault of a setting. `rule` follows its name or label. */
export interface SettingFault {
  /** The variable. */
  readonly name: string;
  readonly rule: string;
  /** The whole line, for people who edit the environment. */
  readonly sentence: string;
}

/** The settings are wrong. The message names every fault at once, one line each. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";
}

export interface SettingsDefaults {
  readonly storageFolder: string | undefined;
}

/** Environment → settings. An empty variable counts as not set. Throws {@link SettingsError} naming all faults. */
export function readSettings(env: NodeJS.ProcessEnv, defaults: SettingsDefaults): Settings {
  const { settings, faults } = examineSettings(env, defaults);
  if (faults.length > 0) throw new SettingsError(faults.map(({ sentence }) => sentence).join("\n"));
  return settings;
}

/**
 * The same for inspections that start nothing: an invalid setting has its default. Saved values apply where the environment sets
 * none.
 */
export function examineSettings(
  environment: NodeJS.ProcessEnv,
  defaults: SettingsDefaults,
  saved: SavedSettings = {},
): { readonly settings: Settings; readonly faults: readonly SettingFault[] } {
  const faults: SettingFault[] = [];
  const complain: Complain = (name, rule, sentence = say("settingRules.named", { name, rule })) =>
    void faults.push({ name, rule, sentence });
  const env = { ...environment };
  for (const [name, text] of Object.entries(saved)) if (!isGiven(env[name]) && name !== "ADMIN_TOKEN") env[name] = text;

  const read = optionReader(env, complain);
  const single = readSingle(read);
  const account = accountOf(env);
  const settings: Settings = {
    ...single,
    sms: readSms(read, env),
    storageFolder: path.resolve(read("PAIRING_STORAGE_PATH") ?? defaults.storageFolder ?? unnamedFolder(complain)),
    adminTokenSaved: single.adminToken === undefined && saved.ADMIN_TOKEN === SAVED_AMONG_SECRETS,
    adminTokenWeak: single.adminToken === undefined ? undefined : weaknessOf(single.adminToken),
    mqttBroker: readBroker(read, complain),
    userId: read("PAIRING_USER_ID") ?? account.id,
    userName: read("PAIRING_USER_NAME") ?? account.name,
    country: read("PAIRING_COUNTRY") ?? countryOf(env),
    computerName: hostname(),
  };
  checkTogether(settings, complain);
  return { settings: Object.freeze(settings), faults };
}

function readSingle(read: ReadOption): SingleSettings {
  const values: Record<string, unknown> = {};
  for (const [name, { key, schema, default: defaultValue }] of Object.entries(OPTIONS) as [OptionName, Option][]) {
    if (key !== undefined) values[key] = read(name) ?? (defaultValue === undefined ? undefined : schema.parse(defaultValue));
  }
  return values as unknown as SingleSettings;
}

function readSms(read: ReadOption & ReadNamed, env: NodeJS.ProcessEnv): SmsEnvironment {
  const text = (variable: string): string | undefined => read(variable) as string | undefined;
  return {
    ...present({ wanted: read("SMS_PROVIDER"), allowedCountries: read("PAIRING_ALLOWED_COUNTRIES") }),
    fields: Object.fromEntries(
      SMS_PROVIDERS.map(({ id, fields }) => [
        id,
        Object.fromEntries(fields.flatMap(({ name, variable, ownRules }) => (ownRules ? [] : [[name, text(variable)]]))),
      ]),
    ),
    addresses: Object.fromEntries(SMS_PROVIDERS.map(({ id, address }) => [id, address && text(address.variable)])),
    instanceRole: read("PAIRING_SNS_INSTANCE_ROLE") ?? false,
    aws: findAws(env),
  };
}

function readBroker(read: ReadOption, complain: Complain): MqttBroker | undefined {
  const [own, open] = [read("PAIRING_MQTT_BROKER"), read("PAIRING_MQTT_PUBLIC_URL")];
  const [username, password] = [read("PAIRING_MQTT_USERNAME"), read("PAIRING_MQTT_PASSWORD")];
  if (!own) return undefined;
  if (own.url === undefined) return { host: own.host };
  const announced = { host: (open ?? own).host, phoneUrl: (open ?? own).url };
  if (username !== undefined && password !== undefined) return { ...announced, link: { url: own.url, username, password } };
  complain("PAIRING_MQTT_BROKER", say("settingRules.brokerLogin"));
  return announced;
}

function unnamedFolder(complain: Complain): string {
  const name = "PAIRING_STORAGE_PATH";
  const rule = say("settingRules.noStorageFolder");
  complain(name, rule, say("settingRules.explained", { name, rule }));
  return "";
}

/** Rules between settings. */
function checkTogether(settings: Settings, complain: Complain): void {
  const { adminRequired, adminToken, adminTokenSaved, localHost } = settings;
  const hasDatabase = settings.databaseUrl !== undefined || settings.databaseMigrationUrl !== undefined;
  if (settings.secretsKeys && !hasDatabase) complain("PAIRING_SECRETS_KEY", say("settingRules.secretsKeyAlone"));
  const hasAdminToken = adminToken !== undefined || adminTokenSaved;
  if (adminRequired && !hasAdminToken) complain("PHONE_DEVICES_REQUIRE_ADMIN", say("settingRules.gateWithoutToken"));
  if (!isLoopback(localHost) && !(adminRequired && hasAdminToken)) {
    complain("PAIRING_HOST", say("settingRules.openToNetwork", { host: localHost }));
  }
}

/** Language settings name a country (`en_US.UTF-8`, `de-AT`); without one the United States, as the guide's examples. */
function countryOf(env: NodeJS.ProcessEnv): string {
  const locale = [env["LC_ALL"], env["LC_TELEPHONE"], env["LANG"]].find(isGiven) ?? Intl.DateTimeFormat().resolvedOptions().locale;
  const named = /^[a-z]{2,3}[-_]([A-Z]{2})\b/.exec(locale)?.[1];
  return named !== undefined && isCountry(named) ? named : "US";
}

function accountOf(env: NodeJS.ProcessEnv): { id: string; name: string } {
  try {
    const { username } = userInfo();
    return { id: username, name: username };
  } catch {
    // An account without a name, as in some containers.
    return { id: env["USER"] ?? "owner", name: "" };
  }
}
