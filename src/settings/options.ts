import path from "node:path";
import * as z from "zod";
import { isPlainText } from "../core/index.ts";
import { MESSAGE_OPTIONS, PROVIDER_OPTIONS } from "./message-options.ts";
import { NOTIFICATION_OPTIONS } from "./notification-options.ts";
import type { Option } from "./option.ts";
import { brokerAddress, countries, country, credential, factor, flag, host, list, proxies, webAddress, whole } from "./schemas.ts";

/** Every setting the server reads from its environment (the CONTRACT's section 5). */
export const OPTIONS = {
  ...MESSAGE_OPTIONS,
  PAIRING_ALLOWED_COUNTRIES: {
    schema: countries,
    otherwise: "every country",
    description: "Countries that text messages may go to: two-letter codes, separated by commas.",
    group: "messages",
  },
  PAIRING_BASE_URL: {
    key: "baseUrl",
    schema: webAddress,
    otherwise: "https://pair.topdog-ide.com; in mock mode the phone door's own address",
    description: "Where phones reach the phone door: the tunnel's or ingress's public address. Links are built from it alone.",
  },
  PAIRING_CLOUDFLARED: {
    key: "cloudflared",
    schema: z
      .string()
      .max(4096)
      .refine((file) => path.isAbsolute(file) && !file.includes("\0"), "must be the whole path of the program"),
    otherwise: "looked for on PATH and where installers put it",
    description: "The cloudflared program that the settings page's tunnel runs.",
    path: true,
  },
  NGROK_AUTHTOKEN: {
    key: "ngrokAuthtoken",
    schema: z
      .string()
      .max(512)
      .regex(/^[\x21-\x7e]+$/, "must be the authtoken alone, without spaces"),
    description: "The authtoken of your ngrok account, for the settings page's tunnel where ngrok is chosen to run it.",
    secret: true,
  },
  PAIRING_INVITE_EXPIRY_MINUTES: {
    key: "inviteMinutes",
    schema: whole(1, 1440),
    default: "15",
    description: "How long a link stays good.",
    group: "links",
  },
  PAIRING_TOKEN_EXPIRY_DAYS: {
    key: "tokenDays",
    schema: whole(1, 365),
    default: "30",
    description: "How long a paired phone's token is good.",
    group: "links",
  },
  PAIRING_STORAGE_PATH: {
    schema: z
      .string()
      .min(1)
      .max(4096)
      .refine((path) => !path.includes("\0"), "must not hold a NUL character"),
    otherwise: "~/.topdog/pairing",
    description: "The folder that holds sessions, devices, revocations and the audit trail. `~` and `$HOME` at its start are understood.",
    path: true,
  },
  PAIRING_HOST: {
    key: "localHost",
    schema: host,
    default: "127.0.0.1",
    description: "The local door's address. Anything but loopback needs the admin gate.",
    group: "doors",
    restart: true,
  },
  PAIRING_PORT: {
    key: "localPort",
    schema: whole(0, 65535),
    default: "8000",
    description: "The local door's port; 0 takes a free one.",
    group: "doors",
    restart: true,
  },
  PAIRING_PHONE_HOST: {
    key: "phoneHost",
    schema: host,
    default: "127.0.0.1",
    description: "The phone door's address.",
    group: "doors",
    restart: true,
  },
  PAIRING_PHONE_PORT: {
    key: "phonePort",
    schema: whole(0, 65535),
    default: "8001",
    description: "The phone door's port; 0 takes a free one. Point the tunnel here.",
    group: "doors",
    restart: true,
  },
  PAIRING_ALLOWED_HOSTS: {
    key: "allowedHosts",
    schema: list,
    default: "",
    description: "More host names the local door answers to, separated by commas.",
    group: "doors",
    restart: true,
  },
  PAIRING_ALLOWED_ORIGINS: {
    key: "allowedOrigins",
    schema: list,
    default: "",
    description: "Web pages (origins) that may call the local door, separated by commas.",
    group: "doors",
    restart: true,
  },
  PAIRING_LOCAL_TRUST_PROXY: {
    key: "localTrustProxy",
    schema: proxies,
    default: "",
    description: "Addresses or networks whose forwarding headers the local door accepts, separated by commas.",
    group: "doors",
    restart: true,
  },
  PAIRING_TRUST_PROXY: {
    key: "trustProxy",
    schema: proxies,
    default: "loopback",
    description:
      "Addresses or networks whose X-Forwarded-For (or Forwarded, where there is no X-Forwarded-For) the phone door believes, separated by commas. A proxy that writes Forwarded must remove X-Forwarded-For from what it passes on.",
    group: "doors",
    restart: true,
  },
  PHONE_DEVICES_REQUIRE_ADMIN: {
    key: "adminRequired",
    schema: flag,
    default: "0",
    description: "Listing and changing devices and sessions asks for the admin token.",
    group: "access",
  },
  ADMIN_TOKEN: {
    key: "adminToken",
    schema: z
      .string()
      .min(1)
      .max(4096)
      .regex(/^\P{Cc}+$/u, "must be one line without control characters: it is sent in a header"),
    description: "The admin token, sent as x-admin-token.",
    secret: true,
  },
  PAIRING_JWT_PRIVATE_KEY: {
    key: "jwtPrivateKey",
    schema: z.string().min(1),
    description:
      "The RSA signing key (PEM, PKCS#8) for servers that keep keys elsewhere. Without it, the desktop app uses the keychain, the headless server signing_key.pem in the storage folder.",
    secret: true,
  },
  PAIRING_QR_REQUIRE_OTP: {
    key: "qrOtpRequired",
    schema: flag,
    default: "0",
    description: "A phone that scanned a QR code must type the one-time password that Top Dog shows beside it.",
    group: "qr",
  },
  PAIRING_QR_EMBED_OTP: {
    key: "qrOtpEmbedded",
    schema: flag,
    default: "0",
    description:
      "The one-time password is in the QR code itself, so nobody types it. Smoother, and no protection against a photographed code.",
    group: "qr",
  },
  PAIRING_QR_EXPIRY_MINUTES: {
    key: "qrMinutes",
    schema: whole(1, 60),
    default: "5",
    description: "How long a QR code stays good.",
    group: "qr",
  },
  PAIRING_MQTT_BROKER: {
    schema: z.union([host.transform((name) => ({ host: name, url: undefined })), brokerAddress], {
      error: "must be a host name, or an address that begins with mqtt://, mqtts://, ws:// or wss:// and holds no name and no password",
    }),
    otherwise: "the host of PAIRING_BASE_URL",
    description:
      "A broker of your own. A host name is only passed on to phones; an address (mqtts://, wss://, mqtt://, ws://) is a Mosquitto with its dynamic security plugin, which Top Dog connects to.",
    group: "links",
  },
  ...NOTIFICATION_OPTIONS,
  PAIRING_MQTT_PUBLIC_URL: {
    schema: brokerAddress,
    otherwise: "the address in PAIRING_MQTT_BROKER",
    description: "Where phones reach that broker, if that is another address than Top Dog's.",
  },
  PAIRING_MQTT_USERNAME: { schema: credential, description: "The broker's user that manages its dynamic security, for Top Dog." },
  PAIRING_MQTT_PASSWORD: { schema: credential, description: "That user's password.", secret: true },
  PAIRING_RATE_LIMIT_SCALE: {
    key: "rateLimitScale",
    schema: factor,
    default: "1",
    description:
      "A factor on every request limit, for benchmarks and big hosts. Above 1 it also shortens the wait before a link is texted again.",
    group: "doors",
  },
  PAIRING_SMS_PER_NUMBER_PER_DAY: {
    key: "smsPerNumberPerDay",
    schema: whole(1, 1_000_000_000),
    default: "10",
    description: "Text messages to one number in 24 hours.",
    group: "messages",
  },
  PAIRING_SMS_PER_DAY: {
    key: "smsPerDay",
    schema: whole(1, 1_000_000_000),
    default: "100",
    description: "Text messages of this host in 24 hours.",
    group: "messages",
  },
  PAIRING_SESSION_RETENTION_DAYS: {
    key: "sessionRetentionDays",
    schema: whole(1, 36_500),
    default: "90",
    description: "How long finished sessions are stored.",
    group: "retention",
    restart: true,
  },
  PAIRING_DEVICE_RETENTION_DAYS: {
    key: "deviceRetentionDays",
    // Messages to a phone are stored for a week.
    schema: whole(7, 36_500),
    default: "365",
    description: "How long revoked phones stay in the list. Their tokens stay revoked either way.",
    group: "retention",
    restart: true,
  },
  PAIRING_AUDIT_RETENTION_DAYS: {
    key: "auditRetentionDays",
    schema: whole(1, 36_500),
    default: "365",
    description: "How long lines of the audit trail are stored.",
    group: "retention",
    restart: true,
  },
  PAIRING_AUDIT_MAX_MB: {
    key: "auditMaxMegabytes",
    schema: whole(20, 1_000_000),
    default: "500",
    description:
      "How many megabytes the audit trail may take on disk. When it is larger, its oldest parts are deleted, which the trail says.",
    group: "retention",
    restart: true,
  },
  PAIRING_USER_ID: {
    schema: z
      .string()
      .max(256, "must have at most 256 characters")
      .refine((id) => isPlainText(id) && id !== "." && id !== "..", "must not hold invisible characters, nor be a step of a path"),
    otherwise: "the account's login name",
    description: "Whose phones the settings page pairs.",
    group: "person",
  },
  PAIRING_USER_NAME: {
    schema: z.string().max(80, "must have at most 80 characters"),
    otherwise: "the account's full name",
    description: "The name that greets in the text message.",
    group: "person",
  },
  PAIRING_COUNTRY: {
    schema: country("must be a two-letter country code"),
    otherwise: "from the system's language",
    description: "The country of numbers typed without a country code.",
    group: "person",
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** All settings, including those of SMS providers. */
export const ALL_OPTIONS: Readonly<Record<string, Option>> = { ...MESSAGE_OPTIONS, ...PROVIDER_OPTIONS, ...OPTIONS };
