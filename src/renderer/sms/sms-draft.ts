import type { InputOf } from "../../contract/operations.ts";
import type { SmsSettings } from "../data/page-state.ts";

/** The values that are typed and not saved. An empty text removes the saved value. */
export interface SmsDraft {
  readonly provider?: string | undefined;
  readonly [name: string]: string | boolean | undefined;
}
/** The same as a request to the server. */
export type SmsChange = InputOf<"saveSmsSettings">;

export type SmsProvider = SmsSettings["providers"][number];
export type SmsField = SmsProvider["fields"][number];

export function fieldsOf({ providers }: SmsSettings): readonly SmsField[] {
  return providers.flatMap(({ fields }) => fields);
}

/** The text typed into a field, if any. */
export function typedIn(draft: SmsDraft, { name }: Pick<SmsField, "name">): string | undefined {
  const typed = draft[name];
  return typeof typed === "string" ? typed : undefined;
}

/** Whether credentials that were found may be used, once the draft is saved. */
export function agreedIn(draft: SmsDraft, { id, agreed }: SmsProvider): boolean {
  const ticked = draft[`${id}_agreed`];
  return typeof ticked === "boolean" ? ticked : agreed;
}

/** The content of a text field. */
export function textOf(draft: SmsDraft, field: SmsField): string {
  return field.locked ? field.value : (typedIn(draft, field) ?? field.value);
}

/** Whether there is a text or a secret, once the draft is saved. */
function isFilled(draft: SmsDraft, field: SmsField): boolean {
  if (!field.secret) return textOf(draft, field).trim() !== "";
  const typed = typedIn(draft, field);
  return field.locked || typed === undefined ? field.set : typed !== "";
}

export function providerOf(settings: SmsSettings, draft: SmsDraft): string {
  return settings.provider.locked ? settings.provider.value : (draft.provider ?? settings.provider.value);
}

/** The changes to save: all that differs from the saved settings, except those that the environment sets. */
export function changeOf(settings: SmsSettings, draft: SmsDraft): SmsChange {
  const isChanged = (field: SmsField): boolean => {
    const typed = typedIn(draft, field);
    if (field.locked || typed === undefined) return false;
    return field.secret ? typed !== "" || field.set : typed.trim() !== field.value;
  };
  const changed = fieldsOf(settings).filter(isChanged);
  const provider = providerOf(settings, draft);
  const agreed = settings.providers.filter((one) => agreedIn(draft, one) !== one.agreed);
  return {
    ...(provider === settings.provider.value ? {} : { provider }),
    ...Object.fromEntries(changed.map((field) => [field.name, typedIn(draft, field)?.trim() ?? ""])),
    ...Object.fromEntries(agreed.map((one) => [`${one.id}_agreed`, agreedIn(draft, one)])),
  };
}

/** What is wrong with a field: the rule that its text breaks, or that it is needed. */
export type SmsFault = { readonly rule: string } | { readonly needed: true };
/** By the fields' names. */
export type SmsFaults = Readonly<Record<string, SmsFault | undefined>>;

/** The rule that a text breaks. The server sends the rules, so that page and server never disagree. */
export function brokenRule({ pattern, rule }: SmsField, text: string): SmsFault | undefined {
  return text === "" || new RegExp(pattern).test(text) ? undefined : { rule };
}

export function faultsOf(settings: SmsSettings, draft: SmsDraft): SmsFaults {
  const faults: Record<string, SmsFault> = {};
  for (const name of neededOf(settings, draft)) faults[name] = { needed: true };
  const change = changeOf(settings, draft);
  for (const field of fieldsOf(settings)) {
    const text = typedIn(change, field);
    const fault = text === undefined ? undefined : brokenRule(field, text);
    if (fault) faults[field.name] = fault;
  }
  return faults;
}

/** The fields that a provider chosen by name still needs. Of two alternatives, the first is asked for. */
function neededOf(settings: SmsSettings, draft: SmsDraft): readonly string[] {
  const chosen = settings.providers.find(({ id }) => id === providerOf(settings, draft));
  if (!chosen) return [];
  const filled = new Set(chosen.fields.filter((field) => isFilled(draft, field)).map(({ name }) => name));
  const lacking = (names: readonly string[]): readonly string[] => names.filter((name) => !filled.has(name));
  return chosen.needs.flatMap(({ any_of, or_found }) => {
    const half = any_of.filter((names) => lacking(names).length < names.length).flatMap(lacking);
    if (half.length > 0 || any_of.some((names) => lacking(names).length === 0)) return half;
    return or_found && chosen.found !== undefined && agreedIn(draft, chosen) ? [] : (any_of[0]?.slice(0, 1) ?? []);
  });
}
