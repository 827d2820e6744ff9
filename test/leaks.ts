import { createPrivateKey, randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { inject } from "vitest";
import { PROVIDER_OPTIONS } from "../src/settings/message-options.ts";
import { ALL_OPTIONS } from "../src/settings/options.ts";

/*
 * Whether a server keeps its secrets to itself. Every secret setting gets a value that stands nowhere else; codes, passwords,
 * tokens and phone numbers are noted as they pass by; and all that a server printed and wrote is searched for them.
 */

const SECRET_OPTIONS = Object.entries(ALL_OPTIONS).filter(([, option]) => option.secret);

const random = (): string => randomBytes(16).toString("hex");

/** Values of the kinds that secrets have; the first that a setting takes is its canary. */
const KINDS = (name: string): readonly string[] => [
  // Between its words a mark that keeps it from being taken for a guide's sample, which is warned about.
  `canary-${name.toLowerCase().replaceAll("_", "-x-")}-${random()}`,
  `AC${random()}`,
  `SK${random()}`,
  random(),
  `postgres://canary:${random()}@127.0.0.1:9/canary`,
  randomBytes(32).toString("base64"),
];

/** Every secret setting → a value of its own. A new secret is here by itself, or this file has to learn its kind. */
export const CANARIES: Readonly<Record<string, string>> = Object.fromEntries(
  SECRET_OPTIONS.map(([name, { schema }]) => {
    if (name.includes("PRIVATE_KEY")) return [name, inject("signingKeys").at(-1) ?? ""];
    const canary = KINDS(name).find((text) => schema.safeParse(text).success);
    if (canary === undefined) throw new Error(`No canary fits ${name}: add one of its kind.`);
    return [name, canary];
  }),
);

/** A secret setting that names a database, or is only used with one. */
export function isOfDatabase(name: string): boolean {
  return name.startsWith("PAIRING_DATABASE_") || name === "PAIRING_SECRETS_KEY";
}

/**
 * The environment with a canary for each secret that it does not set itself, where a secret more changes nothing else: not the
 * signing key, which would not be the server's own any more, not a database, which is not there, not a key for one, not beside settings of the admin gate, and of a provider only where
 * none is to be chosen by what is set.
 */
export function withCanaries(env: Readonly<Record<string, string>>): Record<string, string> {
  const named = (name: string): boolean => name in env || `${name}_FILE` in env;
  const missing = Object.entries(CANARIES).filter(
    ([name]) =>
      !named(name) &&
      !name.includes("PRIVATE_KEY") &&
      !isOfDatabase(name) &&
      !(name === "ADMIN_TOKEN" && named("PHONE_DEVICES_REQUIRE_ADMIN")) &&
      !(name in PROVIDER_OPTIONS && env["SMS_PROVIDER"] !== "mock"),
  );
  return { ...Object.fromEntries(missing), ...env };
}

/** What a secret's value may be recognised by: itself, or the lines and numbers of a key. */
export function needlesOf(secret: string): readonly string[] {
  if (!secret.includes("PRIVATE KEY")) return secret.length < 8 ? [] : [secret];
  const pem = /-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]+-----END [A-Z ]*PRIVATE KEY-----/.exec(secret)?.[0] ?? "";
  const lines = pem.split("\n").filter((line) => line.length > 40 && !line.startsWith("-"));
  try {
    const { d, p, q, dp, dq, qi } = createPrivateKey(pem).export({ format: "jwk" }) as Record<string, string>;
    return [...lines, ...[d, p, q, dp, dq, qi].filter((number) => number !== undefined)];
  } catch {
    // A damaged key has no numbers.
    return lines;
  }
}

/**
 * In mock mode the message is printed, link and all: that is what it is for. One that a full disk cut off is followed by a line of the log,
 * or by nothing.
 */
const MOCK_MESSAGE = /={50}\nMOCK SMS \(Development Mode\)\n[\s\S]*?(?:\n={50}(?:\n|$)|\n?=*(?=\{"level":|$))/g;

const passed = new Set<string>();
const LONG = /^(invite_code|pairing_token|jwt_token)$/;

/** Notes what is secret in a request or an answer that passes by: codes, tokens, passwords and whole phone numbers. */
export function notePassing(value: unknown, name = ""): void {
  if (typeof value === "string") {
    if (LONG.test(name) && value.length >= 32) passed.add(value);
    if (name === "code" && /^[0-9A-HJKMNP-TV-Z]{8}$/.test(value)) passed.add(value);
    if (name === "otp_code" && /^\d{6}$/.test(value)) passed.add(value);
    if (name === "phone_number" && /^\+\d{8,15}$/.test(value)) passed.add(value);
  } else if (typeof value === "object" && value !== null) {
    for (const [key, item] of Object.entries(value)) notePassing(item, key);
  }
}

/** The same for headers: tokens as Bearer and as cookie, and the admin's. */
export function notePassingHeaders(headers: Readonly<Record<string, unknown>>): void {
  for (const name of ["authorization", "cookie", "set-cookie", "x-admin-token"])
    for (const text of JSON.stringify(headers[name] ?? "").match(/[\w.-]{32,}/g) ?? []) passed.add(text);
}

/** The same for the text messages that a server printed. */
export function notePrinted(printed: string): void {
  for (const [message] of printed.matchAll(MOCK_MESSAGE))
    for (const [secret] of message.matchAll(/(?<=[?&](?:code|token)=)[\w-]{43}|(?<=To: )\+\d+/g)) passed.add(secret);
}

/** For the end of a test: what passed by is another's business from now on. */
export function forgetPassed(): void {
  passed.clear();
}

/** What has the form of a device token or a private key counts as one. */
const SHAPES = [/eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}/, /-----BEGIN [A-Z ]*PRIVATE KEY-----/];
/** A server that is killed while it writes a file leaves its draft there. */
const DRAFT = /(\.[0-9a-f]{12})?\.draft$/;
const isOneOf = (names: readonly string[], file: string): boolean => names.includes(file.replace(DRAFT, ""));
/** Where whole phone numbers are kept: the state. Who may read it is asked for the admin token. */
const STATE = ["pairing_sessions.json", "phone_outbox.json", "pairing_journal.jsonl"];
const KEY_FILES = ["signing_key.pem"];

export interface Traces {
  /** The storage folder, or one around it. */
  readonly folder: string;
  readonly printed: string;
  /** Settings it was started with. */
  readonly env: Readonly<Record<string, string>>;
}

/** Every place where a secret stands that is not its own. Empty: none leaked. */
export function leaksIn({ folder, printed, env }: Traces): string[] {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()) : [];
  const texts = [
    { place: "what it printed", name: "", text: printed },
    ...files.map(({ name, parentPath }) => ({ place: name, name, text: readFileSync(path.join(parentPath, name), "latin1") })),
  ];
  const own = texts.find(({ name }) => name === "signing_key.pem")?.text ?? "";
  const secrets = new Map([
    ...SECRET_OPTIONS.map(([name]): [string, readonly string[]] => [name, needlesOf(env[name] ?? "")]),
    ["its signing key", own.includes("PRIVATE KEY") ? needlesOf(own) : []] as const,
    ["what passed by", [...passed]] as const,
  ]);
  return texts.flatMap(({ place, name, text }) => {
    const searched = text.replaceAll(MOCK_MESSAGE, "");
    const found = [...secrets].flatMap(([secret, needles]) =>
      needles
        .filter(
          (needle) => !(isOneOf(KEY_FILES, name) && secret === "its signing key") && !(isOneOf(STATE, name) && needle.startsWith("+")),
        )
        .filter((needle) =>
          /^\d{6}$/.test(needle) ? new RegExp(`(?<![\\w+-])${needle}(?![\\w-])`).test(searched) : searched.includes(needle),
        )
        .map((needle) => `${secret} (${needle.slice(0, 12)}…) in ${place}`),
    );
    const shaped = isOneOf(KEY_FILES, name)
      ? []
      : SHAPES.filter((shape) => shape.test(searched)).map((shape) => `${shape.source} in ${place}`);
    return [...found, ...shaped];
  });
}
