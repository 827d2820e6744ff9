import { errors } from "../../words/en/errors.ts";
import type { Instant } from "../time.ts";

/** Where a phone's browser lets itself be woken, and with which keys (RFC 8030, RFC 8291). The address is a secret: who has it can write to it. */
export interface PushSubscription {
  readonly endpoint: string;
  /** The browser's public key: 65 bytes, base64url. */
  readonly p256dh: string;
  /** 16 bytes, base64url. */
  readonly auth: string;
  /** When the browser gives it up by itself. */
  readonly endsAt?: Instant;
}

export interface PushMessage {
  readonly subscription: PushSubscription;
  /** JSON, encrypted on its way. */
  readonly body: string;
  /** Whole seconds after which it is worth nothing any more. */
  readonly validSeconds: number;
  readonly urgency: "normal" | "high";
  /** A later one of the same topic takes its place while it waits. At most 32 characters, base64url. */
  readonly topic: string;
}

/** `accepted`: the service has taken it, which says nothing of the phone. `gone`: nobody is there any more. `why` is a sentence. */
export type PushOutcome =
  | { readonly kind: "accepted" }
  | { readonly kind: "gone" }
  | { readonly kind: "not_allowed" }
  | { readonly kind: "failed"; readonly why: string };

/** Why no phone can be woken: a subscription belongs to one address, and needs a secure one. */
export type PushFailure = "not_https" | "changing_address";

const CHANGING = /\.trycloudflare\.com(:\d+)?$/;

/** `lent`: the address that a tunnel lends for as long as it runs. */
export function pushFailure(baseUrl: string, lent: string | undefined): PushFailure | undefined {
  if (baseUrl === lent || CHANGING.test(baseUrl)) return "changing_address";
  return baseUrl.startsWith("https:") ? undefined : "not_https";
}

/** What came of trying to wake one phone. `off`: it does not let itself be woken. */
export type PushTried = { readonly kind: PushOutcome["kind"] | "off"; readonly sentence: string };

const TRIED = {
  accepted: "The push service has taken the notification. It shows as soon as the phone has a connection.",
  gone: "The phone's browser takes no notifications any more. Switch them on again in its inbox, under This phone.",
  not_allowed:
    "The push service of this phone's browser is none that Top Dog may ask. Allow it in Top Dog's settings, under More push services.",
  off: "Notifications are off on this phone. Switch them on in its inbox, under This phone.",
} as const;

/** `undefined`: it does not let itself be woken. */
export function pushTried(outcome: PushOutcome | undefined, failure: PushFailure | undefined): PushTried {
  if (!outcome) return { kind: "off", sentence: failure === undefined ? TRIED.off : errors.push_unavailable[failure] };
  if (outcome.kind === "failed") return { kind: "failed", sentence: `The push service did not take the notification. ${outcome.why}` };
  return { kind: outcome.kind, sentence: TRIED[outcome.kind] };
}
