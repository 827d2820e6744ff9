import path from "node:path";
import * as z from "zod";
import { isPlainText } from "../core/index.ts";
import { LANGUAGE_TAGS } from "../words/languages.ts";
import { say } from "../words/say.ts";
import { MESSAGE_OPTIONS, PROVIDER_OPTIONS } from "./message-options.ts";
import { NOTIFICATION_OPTIONS } from "./notification-options.ts";
import type { Option } from "./option.ts";
import {
  atMost,
  brokerAddress,
  countries,
  country,
  credential,
  databaseAddress,
  factor,
  flag,
  host,
  list,
  proxies,
  secretsKeys,
  webAddress,
  whole,
} from "./schemas.ts";

/** Every setting the server reads from its environment (docs/configuration.md). */
export const OPTIONS = {
  ...MESSAGE_OPTIONS,
  PAIRING_ALLOWED_COUNTRIES: {
    schema: countries,
    group: "messages",
  },
  PAIRING_BASE_URL: {
    key: "baseUrl",
    schema: webAddress,
  },
  PAIRING_CLOUDFLARED: {
    key: "cloudflared",
    schema: z
      .string()
      .max(4096, atMost(4096))
      .refine((file) => path.isAbsolute(file) && !file.includes("\0"), { error: () => say("settingRules.programPath") }),
    path: true,
  },
  NGROK_AUTHTOKEN: {
    key: "ngrokAuthtoken",
    schema: z
      .string()
      .max(512, atMost(512))
      .regex(/^[\x21-\x7e]+$/, { error: () => say("settingRules.authtoken") }),
    secret: true,
  },
  PAIRING_INVITE_EXPIRY_MINUTES: {
    key: "inviteMinutes",
    schema: whole(1, 1440),
    default: "15",
    group: "links",
  },
  PAIRING_TOKEN_EXPIRY_DAYS: {
    key: "tokenDays",
    schema: whole(1, 365),
    default: "30",
    group: "links",
  },
  PAIRING_STORAGE_PATH: {
    schema: z
      .string()
      .min(1)
      .max(4096, atMost(4096))
      .refine((path) => !path.includes("\0"), { error: () => say("settingRules.noNul") }),
    path: true,
  },
  PAIRING_DATABASE_URL: { key: "databaseUrl", schema: databaseAddress, secret: true },
  PAIRING_DATABASE_MIGRATION_URL: { key: "databaseMigrationUrl", schema: databaseAddress, secret: true },
  PAIRING_DATABASE_MIGRATE: { key: "databaseMigrate", schema: flag, default: "0" },
  PAIRING_SECRETS_KEY: { key: "secretsKeys", schema: secretsKeys, secret: true },
  PAIRING_HOST: {
    key: "localHost",
    schema: host,
    default: "127.0.0.1",
    group: "doors",
    own: true,
    restart: true,
  },
  PAIRING_PORT: {
    key: "localPort",
    schema: whole(0, 65535),
    default: "8000",
    group: "doors",
    own: true,
    restart: true,
  },
  PAIRING_PHONE_HOST: {
    key: "phoneHost",
    schema: host,
    default: "127.0.0.1",
    group: "doors",
    own: true,
    restart: true,
  },
  PAIRING_PHONE_PORT: {
    key: "phonePort",
    schema: whole(0, 65535),
    default: "8001",
    group: "doors",
    own: true,
    restart: true,
  },
  PAIRING_LOG: {
    key: "log",
    schema: z.enum(["stdout", "file", "both"], { error: () => say("settingRules.oneOf", { words: "stdout, file, both" }) }),
    default: "both",
  },
  PAIRING_LOG_LEVEL: {
    key: "logLevel",
    schema: z.enum(["info", "debug"], { error: () => say("settingRules.oneOf", { words: "info, debug" }) }),
    default: "info",
  },
  PAIRING_METRICS_HOST: { key: "metricsHost", schema: host, default: "127.0.0.1" },
  PAIRING_METRICS_PORT: { key: "metricsPort", schema: whole(0, 65535) },
  PAIRING_ALLOWED_HOSTS: {
    key: "allowedHosts",
    schema: list,
    default: "",
    group: "doors",
    restart: true,
  },
  PAIRING_ALLOWED_ORIGINS: {
    key: "allowedOrigins",
    schema: list,
    default: "",
    group: "doors",
    restart: true,
  },
  PAIRING_LOCAL_TRUST_PROXY: {
    key: "localTrustProxy",
    schema: proxies,
    default: "",
    group: "doors",
    restart: true,
  },
  PAIRING_TRUST_PROXY: {
    key: "trustProxy",
    schema: proxies,
    default: "loopback",
    group: "doors",
    restart: true,
  },
  PHONE_DEVICES_REQUIRE_ADMIN: {
    key: "adminRequired",
    schema: flag,
    default: "0",
    group: "access",
  },
  PAIRING_LOCAL_AUTH: {
    key: "localAuth",
    schema: flag,
    default: "on",
    group: "access",
    restart: true,
  },
  PAIRING_CONFIRM: {
    key: "confirm",
    schema: z.enum(["never", "qr-only", "always"], { error: () => say("settingRules.oneOf", { words: "never, qr-only, always" }) }),
    default: "never",
    group: "access",
  },
  PAIRING_ANSWERS_AT_COMPUTER: {
    key: "answersAtComputer",
    schema: z.enum(["window", "never"], { error: () => say("settingRules.oneOf", { words: "window, never" }) }),
    default: "window",
    group: "access",
  },
  PAIRING_OPEN_LINK: {
    key: "openLink",
    schema: z.enum(["print", "never"], { error: () => say("settingRules.oneOf", { words: "print, never" }) }),
    default: "print",
  },
  ADMIN_TOKEN: {
    key: "adminToken",
    schema: z
      .string()
      .min(1)
      .max(4096, atMost(4096))
      .regex(/^\P{Cc}+$/u, { error: () => say("settingRules.oneHeaderLine") }),
    secret: true,
  },
  PAIRING_JWT_PRIVATE_KEY: {
    key: "jwtPrivateKey",
    schema: z.string().min(1),
    secret: true,
  },
  PAIRING_QR_REQUIRE_OTP: {
    key: "qrOtpRequired",
    schema: flag,
    default: "0",
    group: "qr",
  },
  PAIRING_QR_EMBED_OTP: {
    key: "qrOtpEmbedded",
    schema: flag,
    default: "0",
    group: "qr",
  },
  PAIRING_QR_EXPIRY_MINUTES: {
    key: "qrMinutes",
    schema: whole(1, 60),
    default: "5",
    group: "qr",
  },
  PAIRING_MQTT_BROKER: {
    schema: z.union([host.transform((name) => ({ host: name, url: undefined })), brokerAddress], {
      error: () => say("settingRules.brokerOrHost"),
    }),
    group: "links",
  },
  ...NOTIFICATION_OPTIONS,
  PAIRING_MQTT_PUBLIC_URL: {
    schema: brokerAddress,
  },
  PAIRING_MQTT_USERNAME: { schema: credential },
  PAIRING_MQTT_PASSWORD: { schema: credential, secret: true },
  PAIRING_RATE_LIMIT_SCALE: {
    key: "rateLimitScale",
    schema: factor,
    default: "1",
    group: "doors",
  },
  PAIRING_SMS_PER_NUMBER_PER_DAY: {
    key: "smsPerNumberPerDay",
    schema: whole(1, 1_000_000_000),
    default: "10",
    group: "messages",
  },
  PAIRING_SMS_PER_DAY: {
    key: "smsPerDay",
    schema: whole(1, 1_000_000_000),
    default: "100",
    group: "messages",
  },
  PAIRING_SESSION_RETENTION_DAYS: {
    key: "sessionRetentionDays",
    schema: whole(1, 36_500),
    default: "90",
    group: "retention",
    restart: true,
  },
  PAIRING_DEVICE_RETENTION_DAYS: {
    key: "deviceRetentionDays",
    // Messages to a phone are stored for a week.
    schema: whole(7, 36_500),
    default: "365",
    group: "retention",
    restart: true,
  },
  PAIRING_AUDIT_RETENTION_DAYS: {
    key: "auditRetentionDays",
    schema: whole(1, 36_500),
    default: "365",
    group: "retention",
    restart: true,
  },
  PAIRING_AUDIT_MAX_MB: {
    key: "auditMaxMegabytes",
    schema: whole(20, 1_000_000),
    default: "500",
    group: "retention",
    restart: true,
  },
  PAIRING_USER_ID: {
    schema: z
      .string()
      .max(256, atMost(256))
      .refine((id) => isPlainText(id) && id !== "." && id !== "..", { error: () => say("settingRules.userId") }),
    group: "person",
  },
  PAIRING_USER_NAME: {
    schema: z.string().max(80, atMost(80)),
    group: "person",
  },
  PAIRING_LANGUAGE: {
    key: "language",
    schema: z.enum(LANGUAGE_TAGS, { error: () => say("settingRules.oneOf", { words: LANGUAGE_TAGS.join(", ") }) }),
  },
  PAIRING_COUNTRY: {
    schema: country(() => say("settingRules.countryCode")),
    group: "person",
  },
} as const satisfies Record<string, Option>;

export type OptionName = keyof typeof OPTIONS;

/** All settings, including those of SMS providers. */
export const ALL_OPTIONS: Readonly<Record<string, Option>> = { ...MESSAGE_OPTIONS, ...PROVIDER_OPTIONS, ...OPTIONS };
