import { present } from "../base/present.ts";
import type { Operation } from "./operations.ts";

/**
 * An operation's input as an HTTP request: path parameters fill the braces, the query takes the fields of its schema, the body
 * takes the rest.
 */
export function requestOf(operation: Operation, input: object): { readonly path: string; readonly body: string | undefined } {
  const rest = new Map<string, unknown>(Object.entries(input).filter(([, value]) => value !== undefined));
  const take = (key: string): string => {
    const value = rest.get(key);
    rest.delete(key);
    return encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value ?? ""));
  };
  const path = operation.path.replace(/\{(\w+)\}/g, (_braces, key: string) => take(key));
  const asked = Object.keys(operation.query?.shape ?? {}).filter((key) => rest.has(key));
  const query = asked.map((key) => `${key}=${take(key)}`).join("&");
  return {
    path: query === "" ? path : `${path}?${query}`,
    body: operation.body ? JSON.stringify(Object.fromEntries(rest)) : undefined,
  };
}

/** Whether an admin token makes a difference. Programs that only ask phones never send it: it could answer in the phone's place. */
export function takesAdminToken({ door, caller, gated }: Operation): boolean {
  return door === "local" && (caller !== "local" || gated === true);
}

/** The credentials, the key that makes a request idempotent, and the language of the answer. */
export interface Credentials {
  readonly adminToken?: string | undefined;
  readonly localKey?: string | undefined;
  readonly windowKey?: string | undefined;
  readonly deviceToken?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Of the sentences in the answer; only our own pages name one. */
  readonly language?: string | undefined;
}

export function headersOf(
  body: string | undefined,
  { adminToken, localKey, windowKey, deviceToken, idempotencyKey, language }: Credentials,
): Record<string, string> {
  return {
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
    ...(deviceToken === undefined ? {} : { Authorization: `Bearer ${deviceToken}` }),
    ...present({
      "x-admin-token": adminToken,
      "x-local-key": localKey,
      "x-window-key": windowKey,
      "Idempotency-Key": idempotencyKey,
      "x-language": language,
    }),
  };
}

/** An answer of a door, success or error. */
export interface DoorAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** Seconds until the same request may succeed. */
  readonly retryAfter: number | undefined;
  /** JSON, or `undefined` for anything else. */
  readonly body: unknown;
}

export function answerOf(status: number, header: DoorAnswer["header"], text: string): DoorAnswer {
  return { status, header, retryAfter: secondsOf(header("retry-after")), body: jsonOf(text) };
}

interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
}

interface CallRequest<Init> extends Credentials {
  readonly method: string;
  /** A path on the page's own origin, or a whole address. */
  readonly address: string;
  readonly body?: string | undefined;
  /** Further options of `fetch`: timeouts, redirects, caches. */
  readonly init: Init;
  /** Given by the caller: the contract's own types know neither browsers nor Node.js. */
  readonly fetch: (
    address: string,
    init: Init & FetchInit,
  ) => Promise<{
    readonly status: number;
    readonly headers: { readonly get: DoorAnswer["header"] };
    readonly text: () => Promise<string>;
  }>;
}

/** Sends one request and reads its answer. Rejects as `fetch` does, also when the connection breaks within the answer. */
export async function callDoor<const Init extends object>(request: CallRequest<Init>): Promise<DoorAnswer> {
  const { method, address, body, init, fetch, ...credentials } = request;
  const response = await fetch(address, { ...init, method, headers: headersOf(body, credentials), ...present({ body }) });
  return answerOf(response.status, (name) => response.headers.get(name), await response.text());
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or a date as RFC 9110 also allows. */
function secondsOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = /^\d+$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
