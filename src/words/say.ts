import { commandLine } from "./en/command-line.ts";
import { database } from "./en/database.ts";
import { desktop } from "./en/desktop.ts";
import { doctor } from "./en/doctor.ts";
import { errors, httpErrors } from "./en/errors.ts";
import { reach } from "./en/reach.ts";
import { secrets } from "./en/secrets.ts";
import { server } from "./en/server.ts";
import { settingRules } from "./en/setting-rules.ts";
import { settingDefaults, settings } from "./en/settings.ts";
import { sms } from "./en/sms.ts";
import { smsFailures } from "./en/sms-failures.ts";
import { storage } from "./en/storage.ts";
import { textMessages } from "./en/text-messages.ts";
import { tunnel } from "./en/tunnel.ts";
import { verify } from "./en/verify.ts";
import { voice } from "./en/voice.ts";
import { type ErrorParams, errorSentence } from "./error-sentence.ts";
import { fill, type Message, type ParamsOf } from "./message.ts";

/** Every sentence of a process that has no page: command line, doctor, verify, text messages, tray, menus and notifications. */
export const HOST_WORDS = {
  commandLine,
  database,
  desktop,
  doctor,
  errors,
  httpErrors,
  reach,
  secrets,
  server,
  settingDefaults,
  settingRules,
  settings,
  sms,
  smsFailures,
  storage,
  textMessages,
  tunnel,
  verify,
  voice,
} as const;

type Sections = Omit<typeof HOST_WORDS, "errors" | "httpErrors">;
type Key = { [Section in keyof Sections]: `${Section}.${keyof Sections[Section] & string}` }[keyof Sections];
type MessageAt<K extends Key> = K extends `${infer Section extends keyof Sections}.${infer Name}`
  ? Extract<Sections[Section][Name & keyof Sections[Section]], Message>
  : never;
type Filling<K extends Key> = keyof ParamsOf<MessageAt<K>> extends never ? [] : [ParamsOf<MessageAt<K>>];

/** A language's catalogue: the same keys as the English one. */
export type HostWords = {
  readonly [Section in keyof typeof HOST_WORDS]: { readonly [Name in keyof (typeof HOST_WORDS)[Section]]: unknown };
};

const LANGUAGES = { en: HOST_WORDS } as const satisfies Record<string, HostWords>;
let [language, words]: [string, HostWords] = ["en", LANGUAGES.en];

/** Chooses the language of this process. Call it before the first sentence is made. */
export function chooseLanguage(chosen: keyof typeof LANGUAGES | { readonly language: string; readonly words: HostWords }): void {
  [language, words] = typeof chosen === "string" ? [chosen, LANGUAGES[chosen]] : [chosen.language, chosen.words];
}

/** A sentence of the process's language. */
export function say<K extends Key>(key: K, ...[params]: Filling<K>): string {
  const [section, name] = key.split(".") as [keyof HostWords, string];
  return fill((words[section] as Readonly<Record<string, Message>>)[name] ?? key, params, language);
}

/** The sentence of an error in the process's language; `undefined` for a code that this version does not know. */
export function sayError(code: string, params?: ErrorParams): string | undefined {
  const table = [words.errors, words.httpErrors].find((rows) => Object.hasOwn(rows, code)) as Readonly<Record<string, Message>> | undefined;
  const row = table?.[code];
  return row === undefined ? undefined : errorSentence(row, params, language);
}
