import { isIP } from "node:net";
import path from "node:path";
import * as z from "zod";
import { countryFault, isCountry, isPlainText } from "../core/index.ts";

/** What a setting says about itself beside its schema; from this the reference page and `.env.example` are written. */
export interface Option {
  readonly schema: z.ZodType;
  /** As a person would write it; absent where there is none. */
  readonly default?: string;
  readonly means: string;
  /** May also be given as `<NAME>_FILE`, and is never shown. */
  readonly secret?: true;
  /** A path: `~` and `$HOME` at its start are the account's home folder. */
  readonly path?: true;
  /** Where it stands on the settings page. Absent: it has a card of its own there, or none. */
  readonly group?: SettingGroup;
  /** Read at the start alone: a change waits for the next one. */
  readonly restart?: true;
}

export type SettingGroup = "person" | "links" | "qr" | "messages" | "notifications" | "doors" | "access" | "retention";

/** What a schema says of itself to a page: how the setting is typed. Without it, as a text. */
interface SettingKind {
  readonly kind: "flag" | "number" | "list";
  readonly from?: number;
  readonly to?: number;
}

const YES = ["1", "true", "yes", "on"];
const NO = ["0", "false", "no", "off"];

const flag = z
  .string()
  .refine((word) => [...YES, ...NO].includes(word.toLowerCase()), `must be one of ${[...YES, ...NO].join(", ")}`)
  .transform((word) => YES.includes(word.toLowerCase()))
  .meta({ kind: "flag" } satisfies SettingKind);

const whole = (from: number, to: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a whole number from ${from} to ${to}`)
    .transform(Number)
    .refine((number) => number >= from && number <= to, `must be a whole number from ${from} to ${to}`)
    .meta({ kind: "number", from, to } satisfies SettingKind);

const list = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .meta({ kind: "list" } satisfies SettingKind);

/** A host name, or an address without or within brackets. */
const host = z
  .string()
  .max(255)
  .regex(/^[\w.:%[\]-]+$/, "must be a host name or an address");

/** An address, or a network like 10.0.0.0/8. */
const isNetwork = (text: string): boolean => {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  return (
    // A zone (fe80::1%eth0) is a cable of this computer's, not a network.
    version !== 0 &&
    !address.includes("%") &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
  );
};

const proxies = list
  .refine(
    (entries) => entries.every((entry) => entry === "loopback" || isNetwork(entry)),
    "must be addresses, networks like 10.0.0.0/8, or the word loopback, separated by commas",
  )
  .meta({ kind: "list" } satisfies SettingKind);

const sid = (prefix: string) =>
  z.string().regex(new RegExp(`^${prefix}[0-9a-fA-F]{32}$`), `must begin with ${prefix} and have 32 hexadecimal digits after it`);

const COUNTRIES_FORM = "must be two-letter country codes like US, separated by commas";

const country = (form: string) =>
  z
    .string()
    .transform((code) => code.toUpperCase())
    .superRefine((code, context) => {
      if (isCountry(code)) return;
      context.addIssue({ code: "custom", message: /^[A-Z]{2}$/.test(code) ? countryFault(code) : form });
    });

const countries = list
  .refine((codes) => codes.length > 0, COUNTRIES_FORM)
  .pipe(z.array(country(COUNTRIES_FORM)))
  .meta({ kind: "list" } satisfies SettingKind);

const webAddress = z.string().transform((text, context) => {
  try {
    const url = new URL(text);
    if (
      (url.protocol === "https:" || url.protocol === "http:") &&
      url.username === "" &&
      url.pathname === "/" &&
      url.search === "" &&
      url.hash === ""
    ) {
      // `host.` is the same host as `host`, which is what browsers, proxies and certificates write.
      url.hostname = url.hostname.replace(/\.$/, "");
      return url.origin;
    }
  } catch {
    // Said below, with what it should be.
  }
  context.addIssue({ code: "custom", message: "must be a web address without a path, like https://pair.mycompany.com" });
  return z.NEVER;
});

/** A broker's address, as MQTT programs write it. Credentials in it would be shown. */
const brokerAddress = z
  .string()
  .max(2048)
  .transform((text, context) => {
    try {
      const url = new URL(text);
      const known = ["mqtt:", "mqtts:", "ws:", "wss:"].includes(url.protocol);
      if (known && url.hostname !== "" && url.username === "" && url.password === "" && url.hash === "")
        return { host: url.hostname, url: url.href };
    } catch {
      // Said below, with what it should be.
    }
    context.addIssue({
      code: "custom",
      message: "must be an address like mqtts://mqtt.mycompany.com, without a name and a password in it",
    });
    return z.NEVER;
  });

/** It goes into a header. */
const credential = z
  .string()
  .max(512)
  .regex(/^[\x21-\x7e]+$/, "must be letters, digits and signs without spaces");

/** Requests carry credentials, so they leave this computer encrypted or not at all. */
const providerAddress = webAddress.refine((origin) => {
  const { protocol, hostname } = new URL(origin);
  return protocol === "https:" || hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname);
}, "must begin with https://, or be an address of this computer");

const QUIET_HOURS = /^([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** Minutes of a day. */
const quietHours = z.string().transform((text, context) => {
  const [, ...parts] = QUIET_HOURS.exec(text.trim()) ?? [];
  const [hour = 0, minute = 0, endHour = 0, endMinute = 0] = parts.map(Number);
  const hours = { from: hour * 60 + minute, to: endHour * 60 + endMinute };
  if (parts.length > 0 && hours.from !== hours.to) return hours;
  context.addIssue({ code: "custom", message: "must be two different times like 22:00-07:00" });
  return z.NEVER;
});

const PUSH_HOST = /^(\*\.)?([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/i;
const PUSH_ORIGIN = /^(https:\/\/[\w.[\]:-]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)$/;

const pushServices = list
  .refine(
    (entries) =>
      entries.every(
        (entry) => PUSH_HOST.test(entry) || (PUSH_ORIGIN.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry),
      ),
    "must be host names like push.example.com or *.push.example.com, or whole addresses like https://push.example.com:8443, separated by commas",
  )
  .meta({ kind: "list" } satisfies SettingKind);

/** Every setting the server reads from its environment (the CONTRACT's section 5). */
export const OPTIONS = {
  SMS_PROVIDER: {
    schema: z.enum(["auto", "twilio", "sns", "mock"]),
    default: "auto",
    means:
      "Who sends text messages. auto: Twilio when its variables are complete, else AWS SNS when a region and credentials are in the environment or AWS's files, else mock.",
  },
  TWILIO_ACCOUNT_SID: { schema: sid("AC"), means: "The Twilio account that sends text messages. Twilio console, Account Info." },
  TWILIO_AUTH_TOKEN: {
    schema: credential,
    means: "The account's auth token. Delivery reports are signed with it, so it is useful beside an API key, too.",
    secret: true,
  },
  TWILIO_API_KEY_SID: { schema: sid("SK"), means: "An API key, instead of the auth token." },
  TWILIO_API_KEY_SECRET: { schema: credential, means: "The API key's secret.", secret: true },
  TWILIO_PHONE_NUMBER: {
    schema: z
      .string()
      .regex(/^(\+[1-9]\d{6,14}|\d{4,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/, "must be like +15551234567, a short code or a sender name"),
    means: "The number that messages come from.",
  },
  TWILIO_MESSAGING_SERVICE_SID: { schema: sid("MG"), means: "A messaging service, instead of the number." },
  PAIRING_TWILIO_BASE_URL: {
    schema: providerAddress,
    default: "https://api.twilio.com",
    means: "A Twilio-compatible endpoint: https, or an address of this computer.",
  },
  PAIRING_SNS_SENDER_ID: {
    schema: z.string().regex(/^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/, "must be 1 to 11 letters and digits, at least one letter"),
    means: "The name that AWS SNS messages come from, where a country allows names.",
  },
  PAIRING_SNS_MAX_PRICE: {
    schema: z.string().regex(/^\d{1,3}(\.\d{1,5})?$/, "must be US dollars like 0.05"),
    means: "The most that AWS SNS may spend on one message, in US dollars.",
  },
  PAIRING_SNS_INSTANCE_ROLE: {
    schema: flag,
    default: "0",
    means:
      "AWS SNS may ask the network for the credentials of the EC2 instance it runs on. Without it no request goes to the metadata address.",
  },
  PAIRING_ALLOWED_COUNTRIES: {
    schema: countries,
    default: "every country",
    means: "Countries that text messages may go to: two-letter codes, separated by commas.",
    group: "messages",
  },
  PAIRING_BASE_URL: {
    schema: webAddress,
    default: "https://pair.topdog-ide.com; in mock mode the phone door's own address",
    means: "Where phones reach the phone door: the tunnel's or ingress's public address. Links are built from it alone.",
  },
  PAIRING_CLOUDFLARED: {
    schema: z
      .string()
      .max(4096)
      .refine((file) => path.isAbsolute(file) && !file.includes("\0"), "must be the whole path of the program"),
    default: "looked for on PATH and where installers put it",
    means: "The cloudflared program that the settings page's tunnel runs.",
    path: true,
  },
  NGROK_AUTHTOKEN: {
    schema: z
      .string()
      .max(512)
      .regex(/^[\x21-\x7e]+$/, "must be the authtoken alone, without spaces"),
    means: "The authtoken of your ngrok account, for the settings page's tunnel where ngrok is chosen to run it.",
    secret: true,
  },
  PAIRING_INVITE_EXPIRY_MINUTES: { schema: whole(1, 1440), default: "15", means: "How long a link stays good.", group: "links" },
  PAIRING_TOKEN_EXPIRY_DAYS: { schema: whole(1, 365), default: "30", means: "How long a paired phone's token is good.", group: "links" },
  PAIRING_STORAGE_PATH: {
    schema: z
      .string()
      .min(1)
      .max(4096)
      .refine((path) => !path.includes("\0"), "must not hold a NUL character"),
    default: "~/.topdog/pairing",
    means: "The folder that holds sessions, devices, revocations and the audit trail. `~` and `$HOME` at its start are understood.",
    path: true,
  },
  PAIRING_HOST: {
    schema: host,
    default: "127.0.0.1",
    means: "The local door's address. Anything but loopback needs the admin gate.",
    group: "doors",
    restart: true,
  },
  PAIRING_PORT: {
    schema: whole(0, 65535),
    default: "8000",
    means: "The local door's port; 0 takes a free one.",
    group: "doors",
    restart: true,
  },
  PAIRING_PHONE_HOST: { schema: host, default: "127.0.0.1", means: "The phone door's address.", group: "doors", restart: true },
  PAIRING_PHONE_PORT: {
    schema: whole(0, 65535),
    default: "8001",
    means: "The phone door's port; 0 takes a free one. Point the tunnel here.",
    group: "doors",
    restart: true,
  },
  PAIRING_ALLOWED_HOSTS: {
    schema: list,
    default: "",
    means: "More host names the local door answers to, separated by commas.",
    group: "doors",
    restart: true,
  },
  PAIRING_ALLOWED_ORIGINS: {
    schema: list,
    default: "",
    means: "Web pages (origins) that may call the local door, separated by commas.",
    group: "doors",
    restart: true,
  },
  PAIRING_LOCAL_TRUST_PROXY: {
    schema: proxies,
    default: "",
    means: "Addresses or networks whose forwarding headers the local door accepts, separated by commas.",
    group: "doors",
    restart: true,
  },
  PAIRING_TRUST_PROXY: {
    schema: proxies,
    default: "loopback",
    means:
      "Addresses or networks whose X-Forwarded-For (or Forwarded, where there is no X-Forwarded-For) the phone door believes, separated by commas. A proxy that writes Forwarded must remove X-Forwarded-For from what it passes on.",
    group: "doors",
    restart: true,
  },
  PHONE_DEVICES_REQUIRE_ADMIN: {
    schema: flag,
    default: "0",
    means: "Listing and changing devices and sessions asks for the admin token.",
    group: "access",
  },
  ADMIN_TOKEN: {
    schema: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^\P{Cc}+$/u, "must be one line without control characters: it is sent in a header"),
    means: "The admin token, sent as x-admin-token.",
    secret: true,
  },
  PAIRING_JWT_PRIVATE_KEY: {
    schema: z.string().min(1),
    means:
      "The RSA signing key (PEM, PKCS#8) for servers that keep keys elsewhere. Without it, the desktop app uses the keychain, the headless server signing_key.pem in the storage folder.",
    secret: true,
  },
  PAIRING_QR_REQUIRE_OTP: {
    schema: flag,
    default: "0",
    means: "A phone that scanned a QR code must type the one-time password that Top Dog shows beside it.",
    group: "qr",
  },
  PAIRING_QR_EMBED_OTP: {
    schema: flag,
    default: "0",
    means: "The one-time password is in the QR code itself, so nobody types it. Smoother, and no protection against a photographed code.",
    group: "qr",
  },
  PAIRING_QR_EXPIRY_MINUTES: { schema: whole(1, 60), default: "5", means: "How long a QR code stays good.", group: "qr" },
  PAIRING_MQTT_BROKER: {
    schema: z.union([host.transform((name) => ({ host: name, url: undefined })), brokerAddress], {
      error: "must be a host name, or an address that begins with mqtt://, mqtts://, ws:// or wss:// and holds no name and no password",
    }),
    default: "the host of PAIRING_BASE_URL",
    means:
      "A broker of your own. A host name is only told to phones; an address (mqtts://, wss://, mqtt://, ws://) is a Mosquitto with its dynamic security plugin, which Top Dog connects to.",
    group: "links",
  },
  PAIRING_QUIET_HOURS: {
    schema: quietHours,
    default: "no quiet hours",
    means: "When notifications wake no phone, in the time zone of this computer, like 22:00-07:00. The inbox has everything all the same.",
    group: "notifications",
  },
  PAIRING_QUIET_LET_URGENT_THROUGH: {
    schema: flag,
    default: "1",
    means: "Approvals and critical news wake phones in quiet hours, too.",
    group: "notifications",
  },
  PAIRING_PUSH_NOT_AT_DESK: {
    schema: flag,
    default: "0",
    means:
      "Notifications wake no phone while somebody uses this computer, which shows the same: mouse or keyboard were touched in the last two minutes. Only the desktop app knows; elsewhere phones are woken.",
    group: "notifications",
  },
  PAIRING_PUSH_SERVICES: {
    schema: pushServices,
    default: "",
    means:
      "Push services that phones may be woken through, beside those of Apple, Google, Microsoft and Mozilla: host names, or whole addresses of your own network's, separated by commas.",
    group: "notifications",
  },
  PAIRING_SMS_APPROVALS: {
    schema: flag,
    default: "0",
    means:
      "An approval that reaches a person in no other way is announced by text message, to the number that the phone was paired with. Phones that were paired by QR code have none. Quiet hours apply.",
    group: "notifications",
  },
  PAIRING_SMS_APPROVALS_PER_DAY: {
    schema: whole(1, 1_000_000),
    default: "20",
    means:
      "Text messages about approvals to one number in 24 hours, apart from those that pair: at most one in ten minutes, and five times as many of this host.",
    group: "notifications",
  },
  PAIRING_MQTT_PUBLIC_URL: {
    schema: brokerAddress,
    default: "the address in PAIRING_MQTT_BROKER",
    means: "Where phones reach that broker, if that is another address than Top Dog's.",
  },
  PAIRING_MQTT_USERNAME: { schema: credential, means: "The broker's user that manages its dynamic security, for Top Dog." },
  PAIRING_MQTT_PASSWORD: { schema: credential, means: "That user's password.", secret: true },
  PAIRING_RATE_LIMIT_SCALE: {
    schema: z
      .string()
      .regex(/^\d+(\.\d+)?$/, "must be a positive number")
      .transform(Number)
      .refine((scale) => scale > 0 && Number.isFinite(scale), "must be a positive number")
      .meta({ kind: "number" } satisfies SettingKind),
    default: "1",
    means: "A factor on every request limit, for benchmarks and big hosts.",
    group: "doors",
  },
  PAIRING_SMS_PER_NUMBER_PER_DAY: {
    schema: whole(1, 1_000_000_000),
    default: "10",
    means: "Text messages to one number in 24 hours.",
    group: "messages",
  },
  PAIRING_SMS_PER_DAY: {
    schema: whole(1, 1_000_000_000),
    default: "100",
    means: "Text messages of this host in 24 hours.",
    group: "messages",
  },
  PAIRING_SESSION_RETENTION_DAYS: {
    schema: whole(1, 36_500),
    default: "90",
    means: "How long finished sessions are kept.",
    group: "retention",
    restart: true,
  },
  PAIRING_DEVICE_RETENTION_DAYS: {
    // Messages to a phone are kept for a week.
    schema: whole(7, 36_500),
    default: "365",
    means: "How long revoked phones are kept in the list. Their tokens stay refused either way.",
    group: "retention",
    restart: true,
  },
  PAIRING_AUDIT_RETENTION_DAYS: {
    schema: whole(1, 36_500),
    default: "365",
    means: "How long lines of the audit trail are kept.",
    group: "retention",
    restart: true,
  },
  PAIRING_AUDIT_MAX_MB: {
    schema: whole(20, 1_000_000),
    default: "500",
    means: "How many megabytes the audit trail may take on disk. When it is larger, its oldest parts are deleted, which the trail says.",
    group: "retention",
    restart: true,
  },
  PAIRING_USER_ID: {
    schema: z
      .string()
      .max(256, "must have at most 256 characters")
      .refine((id) => isPlainText(id) && id !== "." && id !== "..", "must not hold invisible characters, nor be a step of a path"),
    default: "the account's login name",
    means: "Whose phones the settings page pairs.",
    group: "person",
  },
  PAIRING_USER_NAME: {
    schema: z.string().max(80, "must have at most 80 characters"),
    default: "the account's full name",
    means: "The name that greets in the text message.",
    group: "person",
  },
  PAIRING_COUNTRY: {
    schema: country("must be a two-letter country code"),
    default: "from the system's language",
    means: "The country of numbers typed without a country code.",
    group: "person",
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** How a setting is typed, as its schema says. */
export function kindOf({ schema }: Option): { readonly kind: SettingKind["kind"] | "text"; readonly from?: number; readonly to?: number } {
  const { kind: said, from, to } = (schema.meta() ?? {}) as Partial<SettingKind>;
  return { kind: said ?? "text", ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
}
