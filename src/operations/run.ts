import { randomUUID } from "node:crypto";
import type * as z from "zod";
import { OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import type { Reply } from "../contract/pairing-api.ts";
import type { Log } from "../core/index.ts";
import { ACCESS_HANDLERS } from "./access.ts";
import { ADMIN_HANDLERS } from "./admin.ts";
import { APPROVAL_HANDLERS } from "./approvals.ts";
import { checkOperationLevel } from "./check-operation-level.ts";
import { CLAIM_HANDLERS } from "./claims.ts";
import { DEVICE_HANDLERS } from "./devices.ts";
import type { HandlerDeps, Handlers, RequestContext } from "./handlers.ts";
import { INBOX_HANDLERS } from "./inbox.ts";
import { INVITE_HANDLERS } from "./invites.ts";
import { WholeList } from "./lists.ts";
import { createLongPolls } from "./long-polls.ts";
import { NOTIFICATION_HANDLERS } from "./notifications.ts";
import { FieldErrors, replyProblem } from "./problem.ts";
import { REACHABILITY_HANDLERS } from "./reachability.ts";
import { createRecentLinks } from "./recent-links.ts";
import { SERVER_HANDLERS } from "./server.ts";
import { SETTINGS_HANDLERS } from "./settings.ts";
import { VOICE_HANDLERS } from "./voice.ts";

/** What each operation of the table in `src/contract/operations.ts` does. */
const HANDLERS: Handlers = {
  ...INVITE_HANDLERS,
  ...CLAIM_HANDLERS,
  ...DEVICE_HANDLERS,
  ...NOTIFICATION_HANDLERS,
  ...APPROVAL_HANDLERS,
  ...INBOX_HANDLERS,
  ...VOICE_HANDLERS,
  ...SERVER_HANDLERS,
  ...ADMIN_HANDLERS,
  ...SETTINGS_HANDLERS,
  ...REACHABILITY_HANDLERS,
  ...ACCESS_HANDLERS,
};

/** The parts of a request that an operation's schemas read. */
export type InputParts = Readonly<Record<"params" | "query" | "body", unknown>>;

/** The operations of one server, for every way in: HTTP, IPC and the plugin. */
export interface Operations {
  /**
   * Validates the input and runs one operation. Resolves with its answer, or with a {@link WholeList}. Rejects with a `PairingError` or
   * {@link FieldErrors}. Who may run it is decided before.
   */
  run(name: OperationName, input: InputParts, context: RequestContext): Promise<unknown>;
  /** Runs one operation for a caller inside this process, such as the desktop's window: no limits, no keys. Never rejects. */
  ask(name: OperationName, input: unknown): Promise<Reply<unknown>>;
  /** Answers every request that waits for a change, now and from now on. */
  endWaiting(): void;
}

type Deps = Pick<HandlerDeps, "pairing" | "settings" | "connections" | "windows" | "brokerStatus" | "checkReady"> & {
  readonly log: Pick<Log, "error">;
};

const IN_PROCESS = { door: "local", caller: { ua: "desktop" }, callerClass: "window", addressKey: "" } as const;

export function createOperations({ log, ...given }: Deps): Operations {
  const { pairing } = given;
  const polls = createLongPolls();
  const deps: HandlerDeps = {
    ...given,
    polls,
    runId: randomUUID(),
    links: createRecentLinks(pairing.now, pairing.emitInviteChange),
  };
  const run: Operations["run"] = async (name, input, context) => {
    if (context.device) checkOperationLevel(name, context.device);
    const handle = HANDLERS[name] as (deps: HandlerDeps, input: unknown, context: RequestContext) => Promise<unknown>;
    return handle(deps, readInput(OPERATIONS[name], input), context);
  };
  return {
    run,
    async ask(name, input) {
      try {
        const context = { ...IN_PROCESS, signal: new AbortController().signal, headers: {} };
        const answer = await run(name, { params: input, query: input, body: input }, context);
        return { ok: true, value: answer instanceof WholeList ? await answer.collect() : answer };
      } catch (thrown) {
        const { problem, unexpected } = replyProblem(thrown);
        if (!unexpected) return { ok: false, problem };
        const request_id = randomUUID();
        log.error("question failed", { operation: name, reason: thrown instanceof Error ? thrown.stack : "not an error", request_id });
        return { ok: false, problem: { ...problem, request_id } };
      }
    },
    endWaiting: polls.closeAll,
  };
}

/** Path, query and body, each read once by its schema. Throws {@link FieldErrors} that name every field. */
function readInput(operation: Operation, parts: InputParts): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  const errors: { field: string; message: string }[] = [];
  for (const part of ["params", "query", "body"] as const) {
    const schema: z.ZodObject | undefined = operation[part];
    if (!schema) continue;
    const read = schema.safeParse(parts[part]);
    // A body cannot replace what the path says.
    if (read.success) Object.assign(input, { ...read.data, ...input });
    else for (const issue of read.error.issues) errors.push({ field: issue.path.join(".").slice(0, 64) || part, message: issue.message });
  }
  if (errors.length > 0) throw new FieldErrors(errors);
  return input;
}
