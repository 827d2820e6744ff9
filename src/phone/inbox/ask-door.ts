import { callDoor } from "../../contract/call.ts";
import type { Problem } from "../../contract/problem.ts";
import { language } from "../../words/phone.ts";
import { noteServerTime } from "./server-clock.ts";

/** `lost`: there was no answer, or one with neither JSON nor a problem, as from a tunnel that is down. */
export type Reply<Answer> =
  | { readonly kind: "done"; readonly answer: Answer }
  | { readonly kind: "refused"; readonly status: number; readonly problem: Problem; readonly retryAfter: number }
  | { readonly kind: "lost" };

interface Question {
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const TIMEOUT_MS = 12_000;
const MAX_RETRIES = 3;

/** Asks the phone door. The browser sends the token itself, in a cookie that no script can read. */
export async function askDoor<Answer>(
  method: "GET" | "POST" | "PATCH" | "DELETE",
  path: string,
  { body, idempotencyKey, timeoutMs = TIMEOUT_MS, signal }: Question = {},
): Promise<Reply<Answer>> {
  const control = new AbortController();
  const abort = (): void => control.abort();
  const late = setTimeout(abort, timeoutMs);
  signal?.addEventListener("abort", abort);
  try {
    const answer = await callDoor({
      method,
      address: path,
      body: body === undefined ? undefined : JSON.stringify(body),
      idempotencyKey,
      language,
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

/** For requests that may be repeated: tries a few times. */
export async function askUntilAnswered<Answer>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body: unknown,
  retrying: () => void,
  idempotencyKey?: string,
): Promise<Reply<Answer>> {
  for (let tries = 0; ; tries++) {
    const reply = await askDoor<Answer>(method, path, { body, idempotencyKey });
    if (reply.kind !== "lost" || tries === MAX_RETRIES) return reply;
    retrying();
    await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** tries));
  }
}

/** The computer does not accept this phone any more. */
export function isTurnedAway({ status }: { readonly status: number }): boolean {
  return status === 401 || status === 403;
}
