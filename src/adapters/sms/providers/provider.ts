import type { SmsPrice, SmsSender, SmsTried } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import type { AwsInEnvironment } from "./aws-files.ts";

/** Texts by the names of a provider's fields. */
export type Values = Readonly<Record<string, string | undefined>>;

/** A sender that is a provider's: what it adds to sending. Its price is the descriptor's. */
export interface ProviderSms extends Omit<SmsSender, "price"> {
  readonly label: string;
  tryConnection(): Promise<SmsTried>;
  /** What the provider did not take, so that messages go without it. */
  warnings(): readonly string[];
}

/** Something a provider is set up with. What it means is in the table of settings, by its variable. */
export interface ProviderField {
  /** Within its provider: `account_sid`. In the API it follows the provider's id: `twilio_account_sid`. */
  readonly name: string;
  readonly variable: string;
  /** As it is called within a sentence: "the account SID". */
  readonly called: () => string;
  /** What a text must be, and the same in words that go on where the field's name stands. */
  readonly pattern: RegExp;
  readonly rule: () => string;
  /** The name under which it is kept where secrets are. It is never shown. */
  readonly secret?: string;
  /** May also be given as the name of a file, as secrets may. */
  readonly orFile?: true;
  /** Left out of the report of `doctor`, which may be sent to others. */
  readonly personal?: true;
  /** The form folds it together with its neighbours of the same word. */
  readonly folded?: string;
  /** Its variable is read by rules of its own, not by the table of settings. */
  readonly ownRules?: true;
  /** Under which name `sms_settings.json` has it, where that is not the API's. */
  readonly savedAs?: string;
}

/** Something that a provider cannot do without. */
export interface ProviderNeed {
  /** Any one of these lists of fields, whole. */
  readonly anyOf: readonly (readonly string[])[];
  /** Credentials that were found on this computer do as well. */
  readonly orFound?: true;
  /** How it is asked for; without it, as its only field is called. */
  readonly words?: () => string;
}

/** Everything the environment says about text messages. It wins over what the settings page saved. */
export interface SmsEnvironment {
  /** A provider's id, `mock` or `auto`. Absent: what the settings page says, or auto. */
  readonly wanted?: string;
  /** By provider. */
  readonly fields: Readonly<Record<string, Values>>;
  /** By provider: an address in place of its own. */
  readonly addresses: Readonly<Record<string, string | undefined>>;
  readonly aws: AwsInEnvironment;
  /** The network may be asked for the credentials of the machine itself. */
  readonly instanceRole: boolean;
  readonly allowedCountries?: readonly string[];
}

/** What a provider finds on this computer, and how it is reached with that. */
export interface ProviderAtHand {
  /** From the environment: it cannot be changed from the page. */
  readonly given: Values;
  /** What holds where nothing else is set. */
  readonly defaultValue?: Values;
  /** Credentials that are here for something else, in words. */
  readonly found?: string;
  /** Fields of `given` that are such credentials. */
  readonly foundIn?: readonly string[];
  connect(values: Values): ProviderSms;
}

/** A provider of text messages, as data. Everything that is asked of one is derived from this. */
export interface SmsProvider {
  readonly id: string;
  readonly label: string;
  /** The start's line. */
  readonly configured: () => string;
  /** In the order in which they are asked for. */
  readonly fields: readonly ProviderField[];
  readonly needs: readonly ProviderNeed[];
  /** Variables that say as much as fields do, for who has only an environment: of each list one entry, whole. */
  readonly variables?: readonly (readonly (readonly string[])[])[];
  /** Under which name `sms_settings.json` has that found credentials may be used, where that is not `<id>_agreed`. */
  readonly agreedAs?: string;
  /** Its variables are there for other programs as well, so that some of them are no sign of a set-up that was begun. */
  readonly shared?: true;
  /** The variable of an address in place of its own. */
  readonly address?: { readonly variable: string; readonly defaultValue: string };
  /** It reports what becomes of messages; with this field, where one is needed. */
  readonly reports?: { readonly with: string };
  /** US dollars for one segment to a country, from the provider's price list; `undefined` where no price is known. */
  readonly price: (country: string | undefined) => SmsPrice | undefined;
  readonly atHand: (environment: SmsEnvironment) => Promise<ProviderAtHand> | ProviderAtHand;
}

/** What a provider still needs, in words and with the variables that would say it. */
export function missingOf({ fields, needs }: Pick<SmsProvider, "fields" | "needs">, values: Values, found: Found): string[] {
  const field = (name: string): ProviderField => fields.find((one) => one.name === name) ?? unknownField(name);
  const ask = (name: string): string => `${field(name).called()} (${field(name).variable})`;
  const has = (name: string): boolean => values[name] !== undefined;
  return needs.flatMap(({ anyOf, orFound, words }) => {
    const half = anyOf.filter((names) => names.some(has)).flatMap((names) => names.filter((name) => !has(name)));
    if (half.length > 0) return half.map(ask);
    if (anyOf.some((names) => names.every(has))) return [];
    if (orFound === undefined || found.where === undefined) return [words?.() ?? ask(anyOf[0]?.[0] ?? "")];
    return found.agreed ? [] : [say("sms.agreement", { found: found.where })];
  });
}

/** Of a provider that would be used if its set-up had been finished. */
export function unusedSentence(label: string, missing: readonly string[]): string {
  return say("sms.unused", { provider: label, missing: missing.join("; ") });
}

/** Credentials that are there for something else, and whether they may be used. */
export interface Found {
  readonly where: string | undefined;
  readonly agreed: boolean;
}

function unknownField(name: string): never {
  throw new Error(`a provider needs a field that it does not have: ${name}`);
}
