import type * as z from "zod";
import type { AnswerOf, OPERATIONS, OperationName } from "../contract/operations.ts";
import type { Caller, Device } from "../core/index.ts";
import type { WholeList } from "./lists.ts";

/** What a handler knows of the request beside its input. */
export interface RequestContext {
  readonly door: "local" | "phone";
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
  /** The phone that asks; there for `bearer` operations. */
  readonly device: Device | undefined;
  /** A request as it came, for whoever checks its signature; there for `signed` operations. Headers by lower-case name. */
  readonly signed: { readonly headers: Readonly<Record<string, string | undefined>>; readonly body: string } | undefined;
  /** Calls `heard` when nobody waits for the answer any more, or has got it. */
  readonly whenLeft: (listener: () => void) => void;
  /** Headers the answer goes out with. */
  readonly headers: Record<string, string | readonly string[]>;
}

type Part<N extends OperationName, P extends string> = (typeof OPERATIONS)[N] extends { readonly [K in P]: infer S extends z.ZodType }
  ? z.output<S>
  : unknown;
export type Input<N extends OperationName> = Part<N, "params"> & Part<N, "query"> & Part<N, "body">;
export type Handlers = { readonly [N in OperationName]: (input: Input<N>, context: RequestContext) => Promise<HandledAnswer<N>> };
type HandledAnswer<N extends OperationName> =
  | AnswerOf<N>
  | ((typeof OPERATIONS)[N] extends { readonly pages: string } ? WholeList<AnswerOf<N>> : never);

/** The phone that asks; operations with a `bearer` have one. */
export function asking(device: Device | undefined): Device {
  if (!device) throw new Error("a bearer operation was dispatched without its device");
  return device;
}
