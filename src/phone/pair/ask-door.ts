import type { AnswerOf, LaterOf } from "../../contract/operations.ts";
import type { Problem } from "../../contract/problem.ts";
import { language } from "../../words/phone.ts";
import { code } from "./invite.ts";

export type Reply =
  | { readonly kind: "done" }
  | { readonly kind: "claimed"; readonly claim: LaterOf<"acceptInvite">; readonly now: number }
  | { readonly kind: "refused"; readonly code: string; readonly detail: string }
  | { readonly kind: "lost" };

const MAX_RETRIES = 3;
const TIMEOUT_MS = 12_000;

/** One request to the phone door. Rejects as `fetch` does. */
export async function askDoor(path: string, init: RequestInit = {}): Promise<Response> {
  // `AbortSignal.timeout` is missing before Safari 16.
  const control = new AbortController();
  setTimeout(() => control.abort(), TIMEOUT_MS);
  return fetch(path, { cache: "no-store", referrerPolicy: "no-referrer", signal: control.signal, ...init });
}

/** The invite's status, and the server's time when it was read. */
export async function askStatus(): Promise<readonly [Partial<AnswerOf<"inviteStatus">>, Response]> {
  const response = await askDoor(`/phone/pairing/invite/${encodeURIComponent(code)}`);
  return [(await response.json()) as Partial<AnswerOf<"inviteStatus">>, response];
}

async function post(path: string, body: string, headers?: object, keepalive = false): Promise<Response> {
  return askDoor(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", "x-language": language, ...headers },
    body,
    keepalive,
  });
}

/** The server's clock when it answered, in milliseconds: this phone's own may be wrong. */
export function dateOf(response: Response): number {
  return Date.parse(response.headers.get("date") ?? "") || Date.now();
}

/** Sends until the door answers. A tunnel that is down answers as well, but with neither JSON nor a problem. */
export async function sendAnswer(path: string, body: string, key?: string, retrying?: () => void): Promise<Reply> {
  for (let tries = 0; tries <= MAX_RETRIES; tries++) {
    if (tries > 0) {
      retrying?.();
      await new Promise((resolve) => setTimeout(resolve, 400 * 2 ** tries));
    }
    const reply = await sendOnce(path, body, key);
    if (reply.kind !== "lost") return reply;
  }
  return { kind: "lost" };
}

/** Sends one time. */
export async function sendOnce(path: string, body: string, key?: string): Promise<Reply> {
  try {
    const response = await post(path, body, key === undefined ? {} : { "Idempotency-Key": key });
    const type = response.headers.get("content-type") ?? "";
    if (response.status === 202)
      return { kind: "claimed", claim: (await response.json()) as LaterOf<"acceptInvite">, now: dateOf(response) };
    // The answer holds the token. The browser keeps it in a cookie that no script can read, so it is not read here.
    if (response.ok && type.startsWith("application/json")) return { kind: "done" };
    if (type.startsWith("application/problem+json")) {
      const { code, detail } = (await response.json()) as Problem;
      return { kind: "refused", code, detail };
    }
  } catch {
    // No connection, or one that broke.
  }
  return { kind: "lost" };
}

/**
 * Reports once that a person reads the page. Message apps and scanners open pages and run their scripts too, but touch nothing, so the
 * first touch or key counts. A report that is lost is not repeated.
 */
export function reportOpened(): void {
  const events = ["pointerdown", "touchstart", "keydown"] as const;
  const report = (event: Event): void => {
    if (!event.isTrusted || document.visibilityState !== "visible") return;
    for (const name of events) removeEventListener(name, report, true);
    post("/phone/pairing/opened", JSON.stringify({ code }), {}, true).catch(() => undefined);
  };
  for (const name of events) addEventListener(name, report, { capture: true, passive: true });
}
