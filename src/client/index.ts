import { callDoor, requestOf, takesAdminToken } from "../contract/call.ts";
import { type AnswerOf, type InputOf, type LaterOf, OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import { outcomeOf, type Problem } from "../contract/problem.ts";

export interface ClientOptions {
  /** A door's address, like `http://127.0.0.1:8000`. In a page of that door it may be left out. */
  readonly address?: string;
  /** The content of `local_key` in the server's storage folder. On Linux, programs of the server's account need none. */
  readonly key?: string;
  /** For operations that require a window, or where PHONE_DEVICES_REQUIRE_ADMIN is set. Never sent with others. */
  readonly adminToken?: string;
  /** For `bearer` operations: what the phone got when it was paired. */
  readonly deviceToken?: string;
  /** How long an answer may take, in milliseconds. Default: ten seconds. */
  readonly answerWithinMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  /** The same key with the same request gets the same answer, however often it is sent (`acceptInvite`, `pairByQr`). */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** One function per operation of `docs/api.md`. Rejects with {@link Refused} or {@link NoAnswer}. */
export type Client = { readonly [N in OperationName]: (input: InputOf<N>, options?: CallOptions) => Promise<AnswerOf<N> | LaterOf<N>> } & {
  /** Reads a list page by page, each answered as by the operation itself: `for await (const page of client.pages("listDevices", {}))`. */
  readonly pages: <N extends ListOperation>(name: N, input: InputOf<N>, options?: CallOptions) => AsyncGenerator<AnswerOf<N>>;
};

type ListOperation = { [N in OperationName]: (typeof OPERATIONS)[N] extends { readonly pages: string } ? N : never }[OperationName];

/** The server rejected the request. Branch on `code`; `message` is for the person. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly problem: Problem;
  readonly code: string;
  readonly status: number;
  /** Seconds until the same request may succeed. */
  readonly retryAfter: number | undefined;

  constructor(problem: Problem, retryAfter: number | undefined) {
    super(problem.detail);
    this.problem = problem;
    this.code = problem.code;
    this.status = problem.status;
    this.retryAfter = retryAfter;
  }
}

/** No answer in time, or one that is not of this API. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

type Call = (input: object, call?: CallOptions) => Promise<unknown>;

const ANSWER_TIMEOUT_MS = 10_000;
const PAGE = 200;

/** A client for either door; runs in Node.js and in browsers. */
export function createClient(options: ClientOptions = {}): Client {
  const names = Object.keys(OPERATIONS) as OperationName[];
  const calls = names.map((name): [OperationName, Call] => [
    name,
    async (input, call = {}) => (await ask(name, input, call, options)).data,
  ]);
  const pages = (name: OperationName, input: object, call: CallOptions = {}) => pagesOf(name, input, call, options);
  return { ...Object.fromEntries(calls), pages } as unknown as Client;
}

async function* pagesOf(name: OperationName, input: object, call: CallOptions, options: ClientOptions): AsyncGenerator {
  const operation: Operation = OPERATIONS[name];
  let asked: object | undefined = { limit: PAGE, ...input };
  while (asked) {
    const { data, link } = await ask(name, asked, call, options);
    yield data;
    const next = operation.pages === "link" ? afterIn(link) : (data as { readonly next?: unknown }).next;
    asked = next === undefined ? undefined : { ...asked, after: next };
  }
}

function afterIn(link: string | null): string | undefined {
  const [, query] = /^<[^?>]*\?([^>]*)>; rel="next"$/.exec(link ?? "") ?? [];
  return query === undefined ? undefined : (new URLSearchParams(query).get("after") ?? undefined);
}

interface Answered {
  readonly data: unknown;
  /** Lists that name their next page in a header. */
  readonly link: string | null;
}

async function ask(name: OperationName, input: object, call: CallOptions, options: ClientOptions): Promise<Answered> {
  const operation: Operation = OPERATIONS[name];
  const { address = "", key, adminToken, deviceToken, answerWithinMs = ANSWER_TIMEOUT_MS, fetch = globalThis.fetch } = options;
  const { path, body } = requestOf(operation, input);
  const where = address === "" ? "this page's address" : address;
  const timeout = AbortSignal.timeout(answerWithinMs);
  const answer = await callDoor({
    method: operation.method,
    address: `${address.replace(/\/$/, "")}${path}`,
    body,
    localKey: operation.door === "local" ? key : undefined,
    adminToken: takesAdminToken(operation) ? adminToken : undefined,
    deviceToken: operation.caller === "phone" ? deviceToken : undefined,
    idempotencyKey: call.idempotencyKey,
    init: { redirect: "error", signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout },
    fetch,
  }).catch((cause: unknown) => {
    call.signal?.throwIfAborted();
    throw new NoAnswer(`Nothing answers at ${where}.`, { cause });
  });
  const outcome = outcomeOf(operation, answer);
  if (outcome.kind === "refused") throw new Refused(outcome.problem, answer.retryAfter);
  if (outcome.kind === "unknown") {
    throw new NoAnswer(`What answers at ${where} is no Top Dog of this version (status ${answer.status}).`);
  }
  return { data: outcome.value, link: answer.header("link") };
}
