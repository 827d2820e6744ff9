import { isIP } from "node:net";
import * as z from "zod";
import { isLoopback } from "../base/loopback.ts";
import { countryFault, isCountry } from "../core/index.ts";
import { say, sayError } from "../words/say.ts";

/** The input kind in a schema's metadata. Without it: a text. */
export interface SettingKind {
  readonly kind: "flag" | "number" | "list" | "choice";
  readonly from?: number;
  readonly to?: number;
  /** The words of a choice. */
  readonly choices?: readonly string[];
}

/** The rule of a text's length. The sentence is made when a value breaks the rule, in the language of the process. */
export const atMost = (most: number) => ({ error: () => say("settingRules.atMostCharacters", { most }) });

const YES = ["1", "true", "yes", "on"];
const NO = ["0", "false", "no", "off"];

export const flag = z
  .string()
  .refine((word) => [...YES, ...NO].includes(word.toLowerCase()), {
    error: () => say("settingRules.oneOf", { words: [...YES, ...NO].join(", ") }),
  })
  .transform((word) => YES.includes(word.toLowerCase()))
  .meta({ kind: "flag" } satisfies SettingKind);

export const whole = (from: number, to: number) => {
  const rule = { error: () => say("settingRules.wholeNumber", { from, to }) };
  return z
    .string()
    .regex(/^\d+$/, rule)
    .transform(Number)
    .refine((number) => number >= from && number <= to, rule)
    .meta({ kind: "number", from, to } satisfies SettingKind);
};

export const factor = z
  .string()
  .regex(/^\d+(\.\d+)?$/, { error: () => say("settingRules.positiveNumber") })
  .transform(Number)
  .refine((number) => number > 0 && Number.isFinite(number), { error: () => say("settingRules.positiveNumber") })
  .meta({ kind: "number" } satisfies SettingKind);

export const list = z
  .string()
  .transform((text) =>
    text
      .split(",")
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .meta({ kind: "list" } satisfies SettingKind);

/** A host name, or an address without or within brackets. */
export const host = z
  .string()
  .max(255, atMost(255))
  .regex(/^[\w.:%[\]-]+$/, { error: () => say("settingRules.hostName") });

/** An address, or a network like 10.0.0.0/8. */
const isNetwork = (text: string): boolean => {
  const [address = "", bits, ...rest] = text.split("/");
  const version = isIP(address);
  return (
    // A zone (fe80::1%eth0) names an interface of this computer, not a network.
    version !== 0 &&
    !address.includes("%") &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)))
  );
};

export const proxies = list
  .refine((entries) => entries.every((entry) => entry === "loopback" || isNetwork(entry)), { error: () => say("settingRules.networks") })
  .meta({ kind: "list" } satisfies SettingKind);

/** Without its full stop: a rule goes on behind the name of its setting. */
function notACountry(code: string): string {
  return (sayError("invalid_request", countryFault(code)) ?? "").replace(/\.$/, "");
}

const countriesForm = (): string => say("settingRules.countryCodes");

export const country = (form: () => string) =>
  z
    .string()
    .transform((code) => code.toUpperCase())
    .superRefine((code, context) => {
      if (isCountry(code)) return;
      context.addIssue({ code: "custom", message: /^[A-Z]{2}$/.test(code) ? notACountry(code) : form() });
    });

export const countries = list
  .refine((codes) => codes.length > 0, { error: countriesForm })
  .pipe(z.array(country(countriesForm)))
  .meta({ kind: "list" } satisfies SettingKind);

export const webAddress = z.string().transform((text, context) => {
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
    // Reported below, with the expected form.
  }
  context.addIssue({ code: "custom", message: say("settingRules.webAddress") });
  return z.NEVER;
});

/** A broker's address, as MQTT programs write it. Credentials in it would be shown. */
export const brokerAddress = z
  .string()
  .max(2048, atMost(2048))
  .transform((text, context) => {
    try {
      const url = new URL(text);
      const known = ["mqtt:", "mqtts:", "ws:", "wss:"].includes(url.protocol);
      if (known && url.hostname !== "" && url.username === "" && url.password === "" && url.hash === "")
        return { host: url.hostname, url: url.href };
    } catch {
      // Reported below, with the expected form.
    }
    context.addIssue({ code: "custom", message: say("settingRules.brokerAddress") });
    return z.NEVER;
  });

/** As `libpq` programs take it. Its password stays in it. */
export const databaseAddress = z
  .string()
  .max(2048, atMost(2048))
  .refine((text) => URL.canParse(text) && /^postgres(?:ql)?:$/.test(new URL(text).protocol), {
    error: () => say("settingRules.databaseAddress"),
  });

/** 32 bytes each, as base64 or base64url. */
export const secretsKeys = z
  .string()
  .max(4096, atMost(4096))
  .transform((text) => text.split(",").map((key) => key.trim()))
  .refine((keys) => keys.every((key) => /^[\w+/-]{43}=?$/.test(key)), { error: () => say("settingRules.secretsKeys") });

/** It becomes an HTTP header. */
export const credential = z
  .string()
  .max(512, atMost(512))
  .regex(/^[\x21-\x7e]+$/, { error: () => say("settingRules.credential") });

/** Requests carry credentials, so they leave this computer encrypted or not at all. */
export const providerAddress = webAddress.refine(
  (origin) => {
    const { protocol, hostname } = new URL(origin);
    return protocol === "https:" || isLoopback(hostname);
  },
  { error: () => say("settingRules.httpsOrLoopback") },
);

const QUIET_HOURS = /^([01]?\d|2[0-3]):([0-5]\d)\s*[-\u2013]\s*([01]?\d|2[0-3]):([0-5]\d)$/;

/** Minutes of a day. */
export const quietHours = z.string().transform((text, context) => {
  const [, ...parts] = QUIET_HOURS.exec(text.trim()) ?? [];
  const [hour = 0, minute = 0, endHour = 0, endMinute = 0] = parts.map(Number);
  const hours = { from: hour * 60 + minute, to: endHour * 60 + endMinute };
  if (parts.length > 0 && hours.from !== hours.to) return hours;
  context.addIssue({ code: "custom", message: say("settingRules.quietHours") });
  return z.NEVER;
});

const PUSH_HOST = /^(\*\.)?([a-z0-9-]+\.)+[a-z][a-z0-9-]*$/i;
const PUSH_ORIGIN = /^(https:\/\/[\w.[\]:-]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?)$/;

export const pushServices = list
  .refine(
    (entries) =>
      entries.every(
        (entry) => PUSH_HOST.test(entry) || (PUSH_ORIGIN.test(entry) && URL.canParse(entry) && new URL(entry).origin === entry),
      ),
    { error: () => say("settingRules.pushServices") },
  )
  .meta({ kind: "list" } satisfies SettingKind);
