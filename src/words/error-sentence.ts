import type { ErrorRow } from "./en/errors.ts";
import { fill, type Message, type ParamsOf, type Params as Values } from "./message.ts";

/** `reason` picks the sentence among those of a code; the rest fills its gaps. */
export type ErrorParams = Values & { readonly reason?: string };

/** The parameters that a row takes, read from its sentences. */
export type ReasonParams<Row> = Row extends { readonly default: string }
  ? { [Reason in Exclude<keyof Row, "default">]: { readonly reason: Reason } & ParamsOf<Extract<Row[Reason], Message>> }[Exclude<
      keyof Row,
      "default"
    >]
  : never;

/** The sentence for people. A reason that the row does not know is answered with its `default`. */
export function errorSentence(row: ErrorRow, params: ErrorParams = {}, language = "en"): string {
  if (typeof row === "string" || !("default" in row)) return fill(row, params, language);
  const { reason } = params;
  return fill(
    (reason !== undefined && Object.hasOwn(row, reason) ? (row as Readonly<Record<string, Message>>)[reason] : undefined) ?? row.default,
    params,
    language,
  );
}
