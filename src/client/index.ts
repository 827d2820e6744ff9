import { present } from "../base/present.ts";
import { type AnswerOf, type InputOf, OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import { type Problem, ProblemBody } from "../contract/problem.ts";
import { requestOf } from "../contract/request.ts";

export interface ClientOptions {
  /** A door's address, like `http://127.0.0.1:8000`. In a page of that door it may be left out. */
  readonly address?: string;
  /** For `gated` operations where the gate is on. */
  readonly adminToken?: string;
  /** For `bearer` operations: what the phone got when it was paired. */
  readonly deviceToken?: string;
  /** How long an answer may take; ten seconds unless said. */
  readonly answerWithinMs?: number;
  readonly fetch?: typeof globalThis.fetch;
}

export interface CallOptions {
  /** The same key with the same request gets the same answer, however often it is sent (`acceptInvite`, `pairByQr`). */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

/** One function per operation of `docs/api.md`. Rejects with {@link Refused} or {@link NoAnswer}. */
export type Client = { readonly [N in OperationName]: (input: InputOf<N>, options?: CallOptions) => Promise<AnswerOf<N>> } & {
  /** Reads a list page by page, each answered as by the operation itself: `for await (const page of client.pages("listDevices", {}))`. */
  readonly pages: <N extends ListOperation>(name: N, input: InputOf<N>, options?: CallOptions) => AsyncGenerator<AnswerOf<N>>;
};

type ListOperation = { [N in OperationName]: (typeof OPERATIONS)[N] extends { readonly pages: string } ? N : never }[OperationName];

/** The server said no. Branch on `code`; `message` is for the person. */
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

/** Nobody answered in time, or not in the words of this API. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

type Call = (input: object, call?: CallOptions) => Promise<unknown>;

const ANSWER_WITHIN = 10_000;
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
  /** The header, for lists that name their next page in it. */
  readonly link: string | null;
}

async function ask(name: OperationName, input: object, call: CallOptions, options: ClientOptions): Promise<Answered> {
  const operation: Operation = OPERATIONS[name];
  const { address = "", adminToken, deviceToken, answerWithinMs = ANSWER_WITHIN, fetch = globalThis.fetch } = options;
  const { path, body } = requestOf(operation, input);
  const where = address === "" ? "this page's address" : address;
  const headers: Record<string, string> = {
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(adminToken === undefined || operation.auth !== "gated" ? {} : { "x-admin-token": adminToken }),
    ...(deviceToken === undefined || operation.auth !== "bearer" ? {} : { Authorization: `Bearer ${deviceToken}` }),
    ...present({ "Idempotency-Key": call.idempotencyKey }),
  };
  const timeouts = AbortSignal.timeout(answerWithinMs);
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${address.replace(/\/$/, "")}${path}`, {
      method: operation.method,
      headers,
      redirect: "error",
      signal: call.signal ? AbortSignal.any([call.signal, timeouts]) : timeouts,
      ...present({ body }),
    });
    text = await response.text();
  } catch (cause) {
    call.signal?.throwIfAborted();
    throw new NoAnswer(`Nothing answers at ${where}.`, { cause });
  }
  const json = parsed(text);
  if (response.ok) {
    const answer = operation.answer.safeParse(json);
    if (answer.success) return { data: answer.data, link: response.headers.get("link") };
  } else {
    const problem = ProblemBody.safeParse(json);
    const wait = response.headers.get("retry-after") ?? "";
    if (problem.success) throw new Refused(problem.data, /^\d+$/.test(wait) ? Number(wait) : undefined);
  }
  throw new NoAnswer(`What answers at ${where} is no Top Dog of this version (status ${response.status}).`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
