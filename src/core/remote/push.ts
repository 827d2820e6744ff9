import { say, sayError } from "../../words/say.ts";
import type { Instant } from "../time.ts";

/** A browser's push subscription (RFC 8030, RFC 8291). Its URL is a secret: it allows to send pushes. */
export interface PushSubscription {
  readonly endpoint: string;
  /** The browser's public key: 65 bytes, base64url. */
  readonly p256dh: string;
  /** 16 bytes, base64url. */
  readonly auth: string;
  /** When the browser lets it expire. */
  readonly endsAt?: Instant;
}

export interface PushMessage {
  readonly subscription: PushSubscription;
  /** JSON, encrypted in transit. */
  readonly body: string;
  /** Whole seconds after which it is useless. */
  readonly validSeconds: number;
  readonly urgency: "normal" | "high";
  /** A later push with the same topic replaces a waiting one. At most 32 characters, base64url. */
  readonly topic: string;
}

/**
 * `accepted`: the service accepted it, which does not mean delivery. `gone`: the subscription no longer exists. `why` is a
 * sentence.
 */
export type PushOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "gone" }
  | { readonly kind: "not_allowed" }
  | { readonly kind: "failed"; readonly why: string };

/** Why push is impossible: a subscription belongs to one address, which must be secure. */
export type PushFailure = "not_https" | "changing_address";

const CHANGING = /\.trycloudflare\.com(:\d+)?$/;

/** `lent`: a temporary address of a tunnel. */
export function pushFailure(baseUrl: string, lent: string | undefined): PushFailure | undefined {
  if (baseUrl === lent || CHANGING.test(baseUrl)) return "changing_address";
  return baseUrl.startsWith("https:") ? undefined : "not_https";
}

/** The outcome of a push to one phone. `off`: it has no subscription. */
export type PushTried = { readonly kind: PushOutcome["kind"] | "off"; readonly sentence: string };

const SENTENCES = { accepted: "server.pushAccepted", gone: "server.pushGone", not_allowed: "server.pushNotAllowed" } as const;

/** `undefined`: it has no subscription. */
export function pushTried(outcome: PushOutcome | undefined, failure: PushFailure | undefined): PushTried {
  if (!outcome)
    return { kind: "off", sentence: failure === undefined ? say("server.pushOff") : sayError("push_unavailable", { reason: failure }) };
  if (outcome.kind === "failed") return { kind: "failed", sentence: say("server.pushFailed", { reason: outcome.why }) };
  return { kind: outcome.kind, sentence: say(SENTENCES[outcome.kind]) };
}
