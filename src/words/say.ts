import type { errors, httpErrors } from "./en/errors.ts";
import { HOST_WORDS } from "./en/host.ts";
import { type ErrorParams, errorSentence } from "./error-sentence.ts";
import type { HostTranslation } from "./host-translation.ts";
import { isLanguage, type Language } from "./languages.ts";
import { fill, type Message, type ParamsOf } from "./message.ts";

export { HOST_WORDS };

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

type Loaders = { readonly [L in Exclude<Language, "en">]: () => Promise<{ readonly hostWords: HostTranslation<L> }> };
const TRANSLATIONS: Loaders = {
  de: async () => import("./de/host.ts"),
};

export interface LanguageWords {
  readonly language: string;
  readonly words: HostWords;
}

const ENGLISH: LanguageWords = { language: "en", words: HOST_WORDS };
const loaded = new Map<Language, LanguageWords>([["en", ENGLISH]]);
let own = ENGLISH;
let ofRequest: () => LanguageWords | undefined = () => undefined;

/** The words of a language, read once. */
export async function loadLanguage(language: Language): Promise<LanguageWords> {
  const known = loaded.get(language);
  if (known || language === "en") return known ?? ENGLISH;
  const { hostWords } = await TRANSLATIONS[language]();
  const words = { language, words: { ...HOST_WORDS, ...hostWords } };
  loaded.set(language, words);
  return words;
}

/** Chooses the words of this process. */
export function chooseLanguage(chosen: "en" | LanguageWords): void {
  own = chosen === "en" ? ENGLISH : chosen;
}

/**
 * Shows the person at this process its own texts in a language: command line, tray, windows, and errors. What its server prints and
 * answers to other programs stays English.
 */
export async function showOwnTextsIn(language: Language): Promise<void> {
  const { words } = await loadLanguage(language);
  const { commandLine, desktop, errors: errorsOfLanguage, httpErrors: httpErrorsOfLanguage } = words;
  chooseLanguage({
    language,
    words: { ...HOST_WORDS, commandLine, desktop, errors: errorsOfLanguage, httpErrors: httpErrorsOfLanguage },
  });
}

/** `read` finds the words of the request that is being answered, if it asks for a language. They go before the process's own. */
export function followRequests(read: () => LanguageWords | undefined): void {
  ofRequest = read;
}

/** The language that sentences are made in now. */
export function languageNow(): Language {
  const { language } = ofRequest() ?? own;
  return isLanguage(language) ? language : "en";
}

/** A sentence of the language of the request, or of the process. */
export function say<K extends Key>(key: K, ...[params]: Filling<K>): string {
  const { language, words } = ofRequest() ?? own;
  const [section, name] = key.split(".") as [keyof HostWords, string];
  return fill((words[section] as Readonly<Record<string, Message>>)[name] ?? key, params, language);
}

/** Why a text message failed. */
export function sayFailure(kind: keyof typeof HOST_WORDS.smsFailures, provider: string): string {
  const { language, words } = ofRequest() ?? own;
  return fill(words.smsFailures[kind] as Message, { provider }, language);
}

/** The sentence of an error in the language that a request asks for; `undefined` where it asks for none. */
export function errorOfRequest(code: string, params?: ErrorParams): string | undefined {
  return ofRequest() === undefined ? undefined : sayError(code, params);
}

/** The sentence of an error in that language; `undefined` for a code that this version does not know. */
export function sayError(code: keyof typeof errors | keyof typeof httpErrors, params?: ErrorParams): string;
export function sayError(code: string, params?: ErrorParams): string | undefined;
export function sayError(code: string, params?: ErrorParams): string | undefined {
  const { language, words } = ofRequest() ?? own;
  const table = [words.errors, words.httpErrors].find((rows) => Object.hasOwn(rows, code)) as Readonly<Record<string, Message>> | undefined;
  const row = table?.[code];
  return row === undefined ? undefined : errorSentence(row, params, language);
}
