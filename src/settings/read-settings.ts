import { isIP } from "node:net";
import { homedir, hostname, userInfo } from "node:os";
import path from "node:path";
import type * as z from "zod";
import { isCountry } from "../core/index.ts";
import { readTextFile } from "../read-text.ts";
import { type AwsFound, findAws } from "./find-aws.ts";
import { OPTIONS, type OptionName } from "./options.ts";
import { weaknessOf } from "./weak-token.ts";

/** Everything the hosts need to know: complete, checked, frozen. */
export interface Settings {
  /** What the environment says of text messages. It wins over what the settings page saved. */
  readonly sms: SmsEnvironment;
  /** Absent: the phone door's own address, which is known once it is bound (mock mode), or the product's public address. */
  readonly baseUrl: string | undefined;
  /** Absent: looked for, or where the settings page says. */
  readonly cloudflared: string | undefined;
  readonly ngrokAuthtoken: string | undefined;
  readonly inviteMinutes: number;
  readonly tokenDays: number;
  readonly storageFolder: string;
  readonly localHost: string;
  readonly localPort: number;
  readonly phoneHost: string;
  readonly phonePort: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly localTrustProxy: readonly string[];
  readonly trustProxy: readonly string[];
  readonly adminRequired: boolean;
  readonly adminToken: string | undefined;
  /** The settings page keeps one where secrets are. */
  readonly adminTokenKept: boolean;
  /** Why it could be guessed. Said at the start, and no more: whoever runs the server decides. */
  readonly adminTokenWeak: string | undefined;
  readonly jwtPrivateKey: string | undefined;
  /** A broker of one's own. Absent: the phone door's. */
  readonly mqttBroker: MqttBroker | undefined;
  readonly pushServices: readonly string[];
  readonly quietHours: { readonly from: number; readonly to: number } | undefined;
  readonly quietLetsUrgentThrough: boolean;
  readonly pushNotAtKeyboard: boolean;
  readonly smsApprovals: boolean;
  readonly smsApprovalsPerDay: number;
  readonly rateLimitScale: number;
  readonly qrOtpRequired: boolean;
  readonly qrOtpEmbedded: boolean;
  readonly qrMinutes: number;
  readonly smsPerNumberPerDay: number;
  readonly smsPerDay: number;
  readonly sessionRetentionDays: number;
  readonly deviceRetentionDays: number;
  readonly auditRetentionDays: number;
  readonly auditMaxMegabytes: number;
  readonly userId: string;
  readonly userName: string;
  readonly country: string;
  readonly computerName: string;
}

export interface MqttBroker {
  readonly host: string;
  /** Where phones reach it; absent where only its name is told. */
  readonly phoneUrl?: string;
  /** How this server connects to it. */
  readonly link?: { readonly url: string; readonly username: string; readonly password: string };
}

export interface SmsEnvironment {
  /** Absent: the settings page's choice, or auto. */
  readonly wanted?: "auto" | "twilio" | "sns" | "mock";
  readonly twilio: {
    readonly accountSid?: string;
    readonly authToken?: string;
    readonly apiKeySid?: string;
    readonly apiKeySecret?: string;
    readonly phoneNumber?: string;
    readonly messagingServiceSid?: string;
  };
  readonly twilioBaseUrl?: string;
  readonly sns: { readonly senderId?: string; readonly maxPrice?: string };
  /** The network may be asked for the credentials of the machine itself. */
  readonly instanceRole: boolean;
  readonly aws: AwsFound;
  readonly allowedCountries?: readonly string[];
}

/** What the settings page saved: texts as a person would write them in the environment. */
export type SavedSettings = Readonly<Partial<Record<OptionName, string>>>;

/** Stands in the saved settings for an admin token that is where secrets are. */
export const KEPT_AMONG_SECRETS = "kept among the secrets";

/** What is wrong with a setting. `rule` goes on where its name, or its label, stands. */
export interface SettingFault {
  readonly name: OptionName;
  readonly rule: string;
  /** The whole line, for who reads the environment. */
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
 * The same for who looks at settings without starting on them: where one is at fault, its default stands. What was saved stands
 * where the environment says nothing.
 */
export function examineSettings(
  environment: NodeJS.ProcessEnv,
  defaults: SettingsDefaults,
  saved: SavedSettings = {},
): { readonly settings: Settings; readonly faults: readonly SettingFault[] } {
  const faults: SettingFault[] = [];
  const complain = (name: OptionName, rule: string, sentence = `${name} ${rule}`): void => void faults.push({ name, rule, sentence });
  const env = { ...environment };
  for (const [name, text] of Object.entries(saved)) if (!isGiven(env[name]) && name !== "ADMIN_TOKEN") env[name] = text;

  const said = <N extends OptionName>(name: N): z.output<(typeof OPTIONS)[N]["schema"]> | undefined => {
    const text = textOf(env, name, complain);
    if (text === undefined) return undefined;
    const read = OPTIONS[name].schema.safeParse(text);
    if (read.success) return read.data as z.output<(typeof OPTIONS)[N]["schema"]>;
    for (const { message } of read.error.issues) {
      complain(name, message, `${name}: ${message}${isSecret(name) ? "" : ` (it is ${JSON.stringify(text)})`}`);
    }
    return undefined;
  };

  const unnamedFolder = (): string => {
    const rule = "this account has no home folder; name the folder that holds what must be kept";
    complain("PAIRING_STORAGE_PATH", rule, `PAIRING_STORAGE_PATH: ${rule}`);
    return "";
  };
  const broker = (): MqttBroker | undefined => {
    const [own, open] = [said("PAIRING_MQTT_BROKER"), said("PAIRING_MQTT_PUBLIC_URL")];
    const [username, password] = [said("PAIRING_MQTT_USERNAME"), said("PAIRING_MQTT_PASSWORD")];
    if (!own) return undefined;
    if (own.url === undefined) return { host: own.host };
    const told = { host: (open ?? own).host, phoneUrl: (open ?? own).url };
    if (username !== undefined && password !== undefined) return { ...told, link: { url: own.url, username, password } };
    const rule =
      "is an address that Top Dog connects to: set PAIRING_MQTT_USERNAME and PAIRING_MQTT_PASSWORD as well, or name the host alone";
    complain("PAIRING_MQTT_BROKER", rule);
    return told;
  };
  const account = accountOf(env);
  const adminToken = said("ADMIN_TOKEN");
  const settings: Settings = {
    sms: {
      ...given("wanted", said("SMS_PROVIDER")),
      twilio: {
        ...given("accountSid", said("TWILIO_ACCOUNT_SID")),
        ...given("authToken", said("TWILIO_AUTH_TOKEN")),
        ...given("apiKeySid", said("TWILIO_API_KEY_SID")),
        ...given("apiKeySecret", said("TWILIO_API_KEY_SECRET")),
        ...given("phoneNumber", said("TWILIO_PHONE_NUMBER")),
        ...given("messagingServiceSid", said("TWILIO_MESSAGING_SERVICE_SID")),
      },
      ...given("twilioBaseUrl", said("PAIRING_TWILIO_BASE_URL")),
      sns: { ...given("senderId", said("PAIRING_SNS_SENDER_ID")), ...given("maxPrice", said("PAIRING_SNS_MAX_PRICE")) },
      instanceRole: said("PAIRING_SNS_INSTANCE_ROLE") ?? false,
      aws: findAws(env),
      ...given("allowedCountries", said("PAIRING_ALLOWED_COUNTRIES")),
    },
    baseUrl: said("PAIRING_BASE_URL"),
    cloudflared: said("PAIRING_CLOUDFLARED"),
    ngrokAuthtoken: said("NGROK_AUTHTOKEN"),
    inviteMinutes: said("PAIRING_INVITE_EXPIRY_MINUTES") ?? 15,
    tokenDays: said("PAIRING_TOKEN_EXPIRY_DAYS") ?? 30,
    storageFolder: path.resolve(said("PAIRING_STORAGE_PATH") ?? defaults.storageFolder ?? unnamedFolder()),
    localHost: said("PAIRING_HOST") ?? "127.0.0.1",
    localPort: said("PAIRING_PORT") ?? 8000,
    phoneHost: said("PAIRING_PHONE_HOST") ?? "127.0.0.1",
    phonePort: said("PAIRING_PHONE_PORT") ?? 8001,
    allowedHosts: said("PAIRING_ALLOWED_HOSTS") ?? [],
    allowedOrigins: said("PAIRING_ALLOWED_ORIGINS") ?? [],
    localTrustProxy: said("PAIRING_LOCAL_TRUST_PROXY") ?? [],
    trustProxy: said("PAIRING_TRUST_PROXY") ?? ["loopback"],
    adminRequired: said("PHONE_DEVICES_REQUIRE_ADMIN") ?? false,
    adminToken,
    adminTokenKept: adminToken === undefined && saved.ADMIN_TOKEN === KEPT_AMONG_SECRETS,
    adminTokenWeak: adminToken === undefined ? undefined : weaknessOf(adminToken),
    jwtPrivateKey: said("PAIRING_JWT_PRIVATE_KEY"),
    mqttBroker: broker(),
    pushServices: said("PAIRING_PUSH_SERVICES") ?? [],
    quietHours: said("PAIRING_QUIET_HOURS"),
    quietLetsUrgentThrough: said("PAIRING_QUIET_LET_URGENT_THROUGH") ?? true,
    pushNotAtKeyboard: said("PAIRING_PUSH_NOT_AT_DESK") ?? false,
    smsApprovals: said("PAIRING_SMS_APPROVALS") ?? false,
    smsApprovalsPerDay: said("PAIRING_SMS_APPROVALS_PER_DAY") ?? 20,
    rateLimitScale: said("PAIRING_RATE_LIMIT_SCALE") ?? 1,
    qrOtpRequired: said("PAIRING_QR_REQUIRE_OTP") ?? false,
    qrOtpEmbedded: said("PAIRING_QR_EMBED_OTP") ?? false,
    qrMinutes: said("PAIRING_QR_EXPIRY_MINUTES") ?? 5,
    smsPerNumberPerDay: said("PAIRING_SMS_PER_NUMBER_PER_DAY") ?? 10,
    smsPerDay: said("PAIRING_SMS_PER_DAY") ?? 100,
    sessionRetentionDays: said("PAIRING_SESSION_RETENTION_DAYS") ?? 90,
    deviceRetentionDays: said("PAIRING_DEVICE_RETENTION_DAYS") ?? 365,
    auditRetentionDays: said("PAIRING_AUDIT_RETENTION_DAYS") ?? 365,
    auditMaxMegabytes: said("PAIRING_AUDIT_MAX_MB") ?? 500,
    userId: said("PAIRING_USER_ID") ?? account.id,
    userName: said("PAIRING_USER_NAME") ?? account.name,
    country: said("PAIRING_COUNTRY") ?? countryOf(env),
    computerName: hostname(),
  };

  const hasAdminToken = settings.adminToken !== undefined || settings.adminTokenKept;
  if (settings.adminRequired && !hasAdminToken) {
    complain(
      "PHONE_DEVICES_REQUIRE_ADMIN",
      "is on but ADMIN_TOKEN is empty: set ADMIN_TOKEN (or ADMIN_TOKEN_FILE), make one in the settings page, or switch the gate off",
    );
  }
  if (!isLoopback(settings.localHost) && !(settings.adminRequired && hasAdminToken)) {
    complain(
      "PAIRING_HOST",
      `${settings.localHost} opens the local door to the network: set PHONE_DEVICES_REQUIRE_ADMIN=1 and ADMIN_TOKEN, or use 127.0.0.1`,
    );
  }
  return { settings: Object.freeze(settings), faults };
}

/** Whether an address can only be reached from this computer. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || (isIP(host) === 4 && host.startsWith("127."));
}

/** A door's address as it is printed. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}

/** Addresses to listen on that nobody can open. */
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "[::]"]);

/** Whether a door with this address listens on every network of the computer. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.has(host);
}

/** Where this computer reaches a door that listens there. */
export function reachableAddressOf(host: string, port: number): string {
  return addressOf(isWildcard(host) ? "127.0.0.1" : host, port);
}

function isSecret(name: OptionName): boolean {
  return "secret" in OPTIONS[name];
}

function isPath(name: OptionName): boolean {
  return "path" in OPTIONS[name];
}

function given<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: Value });
}

/** An empty variable counts as not set, and so does one of blanks alone. */
export function isGiven(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== "";
}

/**
 * The variable's text, or for secrets that of the file `<NAME>_FILE` names. Blanks around it, a carriage return of a file written on
 * Windows included, are never part of it: an HTTP header could not carry them either.
 */
function textOf(
  env: NodeJS.ProcessEnv,
  name: OptionName,
  complain: (name: OptionName, rule: string, sentence?: string) => void,
): string | undefined {
  const text = isGiven(env[name]) ? env[name].trim() : undefined;
  const file = isSecret(name) ? env[`${name}_FILE`] : undefined;
  if (!isGiven(file)) return text === undefined || !isPath(name) ? text : inHome(text, env, (rule) => complain(name, rule));
  if (text !== undefined) {
    complain(name, `and ${name}_FILE are both set: keep one`);
    return undefined;
  }
  return secretInFile(env, name, (rule) => complain(name, rule, `${name}_FILE: ${rule}`));
}

/** The text of the file that `<NAME>_FILE` names; `undefined` where there is none, or where it cannot be used and `complain` was told. */
export function secretInFile(env: NodeJS.ProcessEnv, name: string, complain: (rule: string) => void): string | undefined {
  const named = env[`${name}_FILE`];
  const file = isGiven(named) ? inHome(named.trim(), env, complain) : undefined;
  if (file === undefined) return undefined;
  try {
    const text = readTextFile(file, { links: true }).trim();
    if (text !== "") return text;
    complain(`the file ${JSON.stringify(file)} is empty`);
  } catch (cause) {
    complain(`the file ${JSON.stringify(file)} cannot be read (${reasonOf(cause)})`);
  }
  return undefined;
}

function reasonOf(cause: unknown): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === "EILSEQ") return "it is no text in UTF-8 or UTF-16";
  return code === "EFTYPE" ? "it is no plain file" : (code ?? "unknown error");
}

/** What a shell would put in place of `~` or a variable at the start; a service's environment and a container's are read by no shell. */
const SHELL_START = /^(?:~|\$HOME|\$\{HOME\})(?=[\\/]|$)/;

/** A path with the account's home folder in place of `~` or `$HOME`. Any other start that only a shell understands is a fault. */
function inHome(file: string, env: NodeJS.ProcessEnv, complain: (rule: string) => void): string | undefined {
  if (!SHELL_START.test(file)) {
    if (!/^[~$]/.test(file)) return file;
    complain(
      `begins with ${JSON.stringify(/^[^\\/]*/.exec(file)?.[0])}, which only a shell understands: write the whole path, or ~/ for the home folder`,
    );
    return undefined;
  }
  const home = homeOf(env);
  // A function: `$&` and the like in a folder's name are no instructions.
  if (home !== undefined) return file.replace(SHELL_START, () => home);
  complain("names the home folder, and this account has none: write the whole path");
  return undefined;
}

function homeOf(env: NodeJS.ProcessEnv): string | undefined {
  const named = [env["HOME"], env["USERPROFILE"]].find(isGiven);
  if (named !== undefined) return named;
  try {
    return homedir();
  } catch {
    return undefined;
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
