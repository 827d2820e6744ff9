import type * as z from "zod";

/** One call of the API, as data. */
export interface Operation {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Segments in braces are parameters: `/phone/pairing/invite/{invite_code}`. */
  readonly path: string;
  /** `phone`: served by the phone door too. Everything is served by the local door. */
  readonly door: "phone" | "local";
  /**
   * What it asks of the caller. `open`: nothing (a code in the request may be the proof). `gated`: the admin token when the gate
   * is on. `bearer`: a device token.
   */
  readonly auth: "open" | "gated" | "bearer";
  readonly limit: LimitBucket;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** How the body is written; without it, JSON. Every field of a form is a text and comes once. */
  readonly encoding?: "form";
  /** The body is signed by whoever sent it: the handler gets it as it came, with its headers. */
  readonly signed?: true;
  /** The answer's status; without it, 200. With 204 there is no body. */
  readonly status?: 204;
  /** Header `Idempotency-Key` is read and handed on. */
  readonly idempotent?: true;
  readonly answer: z.ZodType;
  /** A list, read in pages where `limit` is given. How a page names the one after it: `link` by a header, `next` by a field. */
  readonly pages?: "link" | "next";
  readonly errors: readonly string[];
}

/** Requests are counted in these buckets (CONTRACT section 2). `none`: what probes ask, which cost nothing and must not be refused. */
export type LimitBucket = "send-sms" | "accept" | "generate-qr" | "pair" | "devices" | "revoke" | "voice" | "other" | "none";
