/** A sentence with `{{gaps}}`; where a number decides its form, one for each plural form of the language, chosen by `{{count}}`. */
export type Message = string | ({ readonly other: string } & { readonly [Form in Intl.LDMLPluralRule]?: string });

export type Params = Readonly<Record<string, string | number>>;

type Gaps<Text> = Text extends `${string}{{${infer Gap}}}${infer Rest}`
  ? (Gap extends `${infer Name}:${string}` ? Name : Gap) | Gaps<Rest>
  : never;

/** What a message must be filled with, read from its text. */
export type ParamsOf<M extends Message> = {
  readonly [Name in M extends string ? Gaps<M> : "count" | Gaps<M[keyof M]>]: string | number;
};

/** `{{name}}` is filled in as it is, `{{name:duration}}` as a number of seconds in words. */
export function fill(message: Message, params: Params = {}, language = "en"): string {
  const text = typeof message === "string" ? message : (message[pluralForm(Number(params["count"]), language)] ?? message.other);
  return text.replace(/\{\{(\w+)(:duration)?\}\}/g, (gap: string, name: string, format: string | undefined) => {
    const value = params[name];
    if (value === undefined) return gap;
    return format === undefined ? String(value) : duration(Number(value), language);
  });
}

function pluralForm(count: number, language: string): Intl.LDMLPluralRule {
  return new Intl.PluralRules(language).select(count);
}

function duration(seconds: number, language: string): string {
  const [value, unit] = seconds < 100 ? [seconds, "second"] : [Math.ceil(seconds / 60), "minute"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long" }).format(value);
}
