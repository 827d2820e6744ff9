import { present } from "../../base/present.ts";
import type { SmsField, SmsProviderSetup, SmsSender, SmsSettings } from "../../core/index.ts";
import { say, sayError } from "../../words/say.ts";
import { smsFault } from "./fault.ts";
import { createMockSms } from "./mock.ts";
import { pauseFailing } from "./pause-failing.ts";
import { SMS_PROVIDERS } from "./providers/index.ts";
import {
  type Found,
  missingOf,
  type ProviderAtHand,
  type ProviderField,
  type ProviderSms,
  type SmsEnvironment,
  type SmsProvider,
  unusedSentence,
  type Values,
} from "./providers/provider.ts";
import { agreedName, fieldName, type SavedSms, savedText } from "./saved-settings.ts";

export type Secrets = Readonly<Record<string, string>>;

/** A provider with its complete settings, from all layers. */
export interface SetUpProvider {
  readonly provider: SmsProvider;
  readonly atHand: ProviderAtHand;
  /** What it sends with. */
  readonly values: Values;
  readonly found: Found;
  readonly missing: readonly string[];
}

/** Who sends, and what it still misses. Something can be missing only where a provider was asked for by name. */
export interface SmsChoice {
  readonly id: string;
  readonly label: string;
  readonly missing: readonly string[];
  /** Absent: mock mode, or a provider that this version does not have. */
  readonly setUp?: SetUpProvider;
}

export interface SmsState {
  readonly saved: SavedSms;
  /** `undefined`: there are some, and nobody has read them yet. */
  readonly secrets: Secrets | undefined;
  readonly wanted: string;
  readonly providers: readonly SetUpProvider[];
  readonly choice: SmsChoice;
  readonly sender: SmsSender | ProviderSms;
}

/** What does not change while the server runs. */
export interface SmsGround {
  readonly environment: SmsEnvironment;
  /** A person's own computer: credentials on it are there for something else, so they are asked for once. */
  readonly askBeforeAws: boolean;
  /** By provider. */
  readonly atHand: ReadonlyMap<SmsProvider, ProviderAtHand>;
  readonly print: (block: string) => void;
}

/** Stands for a secret that is there, and nobody has read yet. */
const UNREAD = "not read yet";
const MOCK = "mock";

export async function probe(environment: SmsEnvironment): Promise<SmsGround["atHand"]> {
  return new Map(await Promise.all(SMS_PROVIDERS.map(async (one) => [one, await one.atHand(environment)] as const)));
}

/** Who sends is decided by what was saved, not by whether it can be read at the moment: a locked keychain is no change of mind. */
export function stateOf(ground: SmsGround, saved: SavedSms, secrets: Secrets | undefined): SmsState {
  const known = secrets ?? Object.fromEntries(saved.secrets.map((name) => [name, UNREAD]));
  const wanted = ground.environment.wanted ?? saved.provider ?? "auto";
  const providers = SMS_PROVIDERS.map((provider) => setUpOf(ground, saved, known, provider));
  const choice = chooseSms(wanted, providers);
  return { saved, secrets, wanted, providers, choice, sender: createSender(choice, ground.print) };
}

function setUpOf(
  { environment, askBeforeAws, atHand: all }: SmsGround,
  saved: SavedSms,
  secrets: Secrets,
  provider: SmsProvider,
): SetUpProvider {
  const atHand = all.get(provider);
  if (!atHand) throw new Error(`nobody looked around for ${provider.id}`);
  const agreed = !askBeforeAws || environment.wanted === provider.id || saved[agreedName(provider)] === true;
  const { given, defaultValue, foundIn = [] } = atHand;
  const isHeldBack = !agreed && foundIn.some((name) => given[name] !== undefined);
  const values = Object.fromEntries(
    provider.fields
      .filter(({ name }) => !(isHeldBack && foundIn.includes(name)))
      .map((field) => [field.name, given[field.name] ?? savedValue(saved, secrets, provider, field) ?? defaultValue?.[field.name]]),
  );
  const found = { where: atHand.found, agreed };
  return { provider, atHand, values, found, missing: missingOf(provider, values, found) };
}

function savedValue(saved: SavedSms, secrets: Secrets, provider: SmsProvider, field: ProviderField): string | undefined {
  return field.secret === undefined ? savedText(saved, provider, field) : secrets[field.secret];
}

/** The first that is complete, else mock; by name, that one or nothing. */
function chooseSms(wanted: string, providers: readonly SetUpProvider[]): SmsChoice {
  if (wanted === MOCK) return mockChoice();
  if (wanted === "auto") {
    const first = providers.find(({ missing }) => missing.length === 0);
    return first ? choiceOf(first) : mockChoice();
  }
  const named = providers.find(({ provider }) => provider.id === wanted);
  return named ? choiceOf(named) : { id: wanted, label: wanted, missing: [say("sms.newerVersion")] };
}

function mockChoice(): SmsChoice {
  return { id: MOCK, label: say("sms.mock"), missing: [] };
}

function choiceOf(setUp: SetUpProvider): SmsChoice {
  const { id, label } = setUp.provider;
  return { id, label, missing: setUp.missing, setUp };
}

/** One that is incomplete sends nothing and says what is missing. */
function createSender(choice: SmsChoice, print: (block: string) => void): SmsSender | ProviderSms {
  const { id, setUp, missing } = choice;
  if (id === MOCK) return createMockSms(print);
  if (!setUp || missing.length > 0) return sendsNothing(choice);
  return pauseFailing(setUp.atHand.connect(setUp.values));
}

function sendsNothing(choice: SmsChoice): SmsSender {
  const refuse = async (): Promise<never> => {
    throw smsFault(choice, "not_set_up", { params: incompleteParams(choice) });
  };
  return { ...createMockSms(() => undefined), name: choice.id, send: refuse };
}

/** Why the chosen provider cannot send. */
export function problemOf(choice: SmsChoice): string | undefined {
  return choice.missing.length > 0 ? sayError("sms_settings_incomplete", incompleteParams(choice)) : undefined;
}

export function incompleteParams({ label, missing }: SmsChoice) {
  return { reason: "incomplete", provider: label, missing: missing.join("; ") } as const;
}

/** Providers that automatic choice skips only because their setup is not finished. */
export function halfSet({ wanted, providers, choice }: SmsState): readonly SetUpProvider[] {
  if (wanted !== "auto") return [];
  const chosen = providers.findIndex(({ provider }) => provider.id === choice.id);
  return providers.slice(0, chosen === -1 ? undefined : chosen).filter((one) => hasBegun(one) && one.missing.length > 0);
}

function hasBegun({ provider, values }: SetUpProvider): boolean {
  return provider.shared === undefined && Object.values(values).some((value) => value !== undefined);
}

/** What the start prints. */
export function linesOf(state: SmsState): readonly string[] {
  const { label, missing, setUp } = state.choice;
  if (missing.length > 0) return [say("sms.chosenIncomplete", { provider: label, missing: missing.join("; ") })];
  const half = halfSet(state).map((one) => `⚠ ${unusedSentence(one.provider.label, one.missing)}`);
  return [...half, setUp?.provider.configured() ?? say("sms.noProvider")];
}

/** Everything that can be shown. */
export function viewOf({ environment }: SmsGround, state: SmsState, secretsIn: SmsSettings["secretsIn"]): SmsSettings {
  const problem = problemOf(state.choice);
  return {
    provider: { value: state.wanted, locked: environment.wanted !== undefined },
    active: state.choice.id,
    ...present({ problem }),
    providers: state.providers.map((one) => setupView(state, one)),
    warnings: warningsOf(state.sender),
    secretsIn,
  };
}

export function warningsOf(sender: SmsSender | ProviderSms): readonly string[] {
  return "warnings" in sender ? sender.warnings() : [];
}

function setupView({ saved, secrets }: SmsState, setUp: SetUpProvider): SmsProviderSetup {
  const { provider, atHand, values, found, missing } = setUp;
  const { id, label, needs, reports } = provider;
  const field = (of: ProviderField): SmsField => {
    const { name, variable, secret, pattern, rule, folded } = of;
    const given = atHand.given[name];
    const text = given ?? savedText(saved, provider, of) ?? atHand.defaultValue?.[name];
    const isSaved = secret !== undefined && (secrets ? Object.hasOwn(secrets, secret) : saved.secrets.includes(secret));
    return {
      name: fieldName(provider, of),
      variable,
      secret: secret !== undefined,
      value: secret === undefined ? (text ?? "") : "",
      set: secret === undefined ? text !== undefined : given !== undefined || isSaved,
      locked: given !== undefined,
      pattern: pattern.source,
      rule: rule(),
      ...present({ folded }),
    };
  };
  return {
    id,
    label,
    fields: provider.fields.map(field),
    needs: needs.map(({ anyOf, orFound = false }) => ({ anyOf: anyOf.map((names) => names.map((name) => `${id}_${name}`)), orFound })),
    missing,
    begun: hasBegun(setUp),
    ...present({ found: found.where }),
    agreed: found.agreed,
    ...(reports ? { reports: values[reports.with] !== undefined } : {}),
  };
}
