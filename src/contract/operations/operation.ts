import type * as z from "zod";
import type { Level } from "../../core/index.ts";

/** One call of the API, as data. */
export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Segments in braces are parameters: `/phone/pairing/invite/{invite_code}`. */
  readonly path: string;
  /** `phone`: served by the phone door too. Everything is served by the local door. */
  readonly door: "phone" | "local";
  /**
   * What the caller must prove. `open`: nothing (a code in the request may be the proof). `gated`: the admin token while the
   * gate is on. `bearer`: a device token.
   */
  readonly auth: "open" | "gated" | "bearer";
  /** For `bearer` operations: the least that a phone must be allowed to. */
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
  /** A list that is paged when `limit` is given. The next page is named by a header (`link`) or a field (`next`). */
  readonly pages?: "link" | "next";
  readonly errors: readonly string[];
}

/** The rate limit buckets of the operation. `none`: for probes, which cost nothing and are never limited. */
export type LimitBucket = "send-sms" | "accept" | "generate-qr" | "pair" | "devices" | "revoke" | "voice" | "other" | "none";
