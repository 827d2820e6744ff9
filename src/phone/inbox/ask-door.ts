import { callDoor } from "../../contract/call.ts";
import type { Problem } from "../../contract/problem.ts";
import { noteServerTime } from "./server-clock.ts";

/** `lost`: nobody answered, or somebody who does not speak our words, as a tunnel that is down does. */
export type Reply<Answer> =
  | { readonly kind: "done"; readonly answer: Answer }
  | { readonly kind: "refused"; readonly status: number; readonly problem: Problem; readonly retryAfter: number }
  | { readonly kind: "lost" };

interface Question {
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  /** Milliseconds. */
  readonly within?: number;
  readonly signal?: AbortSignal;
}

const ANSWER_WITHIN = 12_000;
const MORE_TRIES = 3;

/** Asks the phone door. The browser shows the token by itself, in a cookie that no script can read. */
export async function askDoor<Answer>(
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  { body, idempotencyKey, within = ANSWER_WITHIN, signal }: Question = {},
): Promise<Reply<Answer>> {
  const control = new AbortController();
  const abort = (): void => control.abort();
  const late = setTimeout(abort, within);
  signal?.addEventListener("abort", abort);
  try {
    const answer = await callDoor({
      method,
      address: path,
      body: body === undefined ? undefined : JSON.stringify(body),
      idempotencyKey,
      init: { cache: "no-store", referrerPolicy: "no-referrer", signal: control.signal },
      fetch,
    });
    const { status, header } = answer;
    const type = header("content-type") ?? "";
    if (status === 204) return { kind: "done", answer: undefined as Answer };
    if (answer.body === undefined) return { kind: "lost" };
    if (status >= 200 && status < 300 && type.startsWith("application/json")) {
      noteServerTime(header("date"));
      return { kind: "done", answer: answer.body as Answer };
    }
    if (type.startsWith("application/problem+json")) {
      noteServerTime(header("date"));
      return { kind: "refused", status, problem: answer.body as Problem, retryAfter: answer.retryAfter ?? 0 };
    }
  } catch {
    // No connection, or one that broke.
  } finally {
    clearTimeout(late);
    signal?.removeEventListener("abort", abort);
  }
  return { kind: "lost" };
}

/** For what may be asked twice: asks until somebody answers, a few times. */
export async function askUntilAnswered<Answer>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body: unknown,
  retrying: () => void,
  idempotencyKey?: string,
): Promise<Reply<Answer>> {
  for (let tries = 0; ; tries++) {
    const reply = await askDoor<Answer>(method, path, { body, idempotencyKey });
    if (reply.kind !== "lost" || tries === MORE_TRIES) return reply;
    retrying();
    await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** tries));
  }
}
