import type * as z from "zod";
import { ACCESS } from "./operations/access.ts";
import { ADMIN_OPERATIONS } from "./operations/admin.ts";
import { ADMIN_SETTINGS_OPERATIONS } from "./operations/admin-settings.ts";
import { CLAIMS } from "./operations/claims.ts";
import { DEVICES } from "./operations/devices.ts";
import { INVITES } from "./operations/invites.ts";
import type { Operation } from "./operations/operation.ts";
import { REACHABILITY } from "./operations/reachability.ts";
import { REMOTE } from "./operations/remote.ts";
import { SERVER } from "./operations/server.ts";

export { type CallerClass, callerErrors, isAtLeast, type LimitBucket, type Operation } from "./operations/operation.ts";

/**
 * The whole API as data. Routing, validation, each door's allow-list, OpenAPI, the desktop's IPC channels and both clients are
 * derived from this table. `src/operations/` binds each operation to its handler.
 */
export const OPERATIONS = {
  ...INVITES,
  ...CLAIMS,
  ...DEVICES,
  ...REMOTE,
  ...SERVER,
  ...ADMIN_OPERATIONS,
  ...ADMIN_SETTINGS_OPERATIONS,
  ...REACHABILITY,
  ...ACCESS,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof OPERATIONS;
type Op<N extends OperationName> = (typeof OPERATIONS)[N];
type PartOf<N extends OperationName, P extends string> =
  Op<N> extends { readonly [K in P]: infer S extends z.ZodType } ? z.input<S> : unknown;

/** Everything an operation takes, in one object: path parameters, query and body share no name. */
export type InputOf<N extends OperationName> = PartOf<N, "params"> & PartOf<N, "query"> & PartOf<N, "body">;
export type AnswerOf<N extends OperationName> = z.output<Op<N>["answer"]>;
/** What an operation answers with status 202; `never` for those that do not. */
export type LaterOf<N extends OperationName> = Op<N> extends { readonly later: infer S extends z.ZodType } ? z.output<S> : never;
