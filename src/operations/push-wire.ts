import type { AnswerOf } from "../contract/operations.ts";
import { isoSeconds, type PushStatus, type PushSubscription, type TestedPhone } from "../core/index.ts";
import { errors } from "../words/en/errors.ts";
import type { Input } from "./handlers.ts";

/** Notifications that wake a phone: between the core's words and the wire's. */
export function pushBody({ publicKey, failure, subscribed }: PushStatus): AnswerOf<"pushStatus"> {
  return {
    available: failure === undefined,
    ...(failure === undefined ? {} : { reason: errors.push_unavailable[failure] }),
    ...(publicKey === undefined ? {} : { public_key: publicKey }),
    subscribed,
  };
}

export function subscriptionOf({ endpoint, keys, expirationTime }: Input<"subscribeToPush">): PushSubscription {
  return { endpoint, ...keys, ...(expirationTime === undefined || expirationTime === null ? {} : { endsAt: expirationTime }) };
}

export function testedBody({ notificationId, inbox: { state, at }, push, sms }: TestedPhone): AnswerOf<"testDevice"> {
  return {
    notification_id: notificationId,
    inbox: { state, ...(at === undefined ? {} : { at: isoSeconds(at) }) },
    push: { state: push.kind, sentence: push.sentence },
    sms: { state: sms.kind, sentence: sms.sentence },
  };
}
