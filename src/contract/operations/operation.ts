import type * as z from "zod";
import type { Level } from "../../core/index.ts";

/** One call of the API, as data. */
export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Segments in braces are parameters: `/phone/pairing/invite/{invite_code}`. */
  readonly path: string;
  /** `phone`: served by the phone door too. Everything is served by the local door. */
  readonly door: "phone" | "local";
  /** The least that a caller of the local door must be. `phone`: a caller with a device token, at either door. */
  readonly caller: LeastCaller;
  /** Requires the class `window` while PHONE_DEVICES_REQUIRE_ADMIN is set. */
  readonly gated?: true;
  /** A phone that nobody has confirmed yet may call it, too. */
  readonly unconfirmed?: true;
  /** For operations of phones: the least that a phone must be allowed to. */
  readonly level?: Level;
  readonly limit: LimitBucket;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** How the body is written; without it, JSON. Every field of a form is a text and comes once. */
  readonly encoding?: "form";
  /** The sender signed the body: the handler receives it unparsed, with its headers. */
  readonly signed?: true;
  /** The answer's status; without it, 200. With 204 there is no body. */
  readonly status?: 204;
  /** The `Idempotency-Key` header is passed to the handler. */
  readonly idempotent?: true;
  readonly answer: z.ZodType;
  /** What is answered with status 202 instead, while the result has to wait for a person. */
  readonly later?: z.ZodType;
  /** A list that is paged when `limit` is given. The next page is named by a header (`link`) or a field (`next`). */
  readonly pages?: "link" | "next";
  /** Beside those of {@link callerErrors}. */
  readonly errors: readonly string[];
}

/**
 * Who asks. `anonymous`: nobody known. `local`: this computer's account that runs the server. `window`: a person in front of the
 * desktop app, of an IDE, or of a settings page that was opened with the server's own link. `admin`: who has the admin token.
 * `phone`: a paired phone.
 */
export type CallerClass = "anonymous" | "local" | "window" | "admin" | "phone";
export type LeastCaller = Exclude<CallerClass, "admin">;

const RANK: Readonly<Record<CallerClass, number>> = { anonymous: 0, phone: 0, local: 1, window: 2, admin: 3 };

/** Whether a caller of this class may do what requires at least `least`. A phone's token is checked elsewhere. */
export function isAtLeast(caller: CallerClass, least: LeastCaller): boolean {
  return RANK[caller] >= RANK[least];
}

const WRONG_KEY = ["admin_token_invalid", "rate_limited"] as const;

/** The errors for callers who are not what an operation requires. */
export function callerErrors({ caller, gated }: Pick<Operation, "caller" | "gated">): readonly string[] {
  if (caller === "local") return ["local_key_required", ...(gated ? ["admin_token_required"] : []), ...WRONG_KEY];
  return caller === "window" ? ["window_required", "admin_token_required", ...WRONG_KEY] : [];
}

/** The rate limit buckets of the operation. `none`: for probes, which cost nothing and are never limited. */
export type LimitBucket = "send-sms" | "accept" | "generate-qr" | "pair" | "devices" | "revoke" | "voice" | "other" | "none";
