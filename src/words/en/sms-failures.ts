import type { Message } from "../message.ts";

/**
 * Why a text message was not sent or did not arrive, and what to do. The keys are the kinds of failure that every provider's codes are
 * mapped to; `{{provider}}` begins a sentence, for where the provider's name is not known it is `sms.theProvider`.
 */
export const smsFailures = {
  // Not sent
  number: "{{provider}} doesn't accept this number. Check it, or use another one.",
  trial_account: "This trial account can text verified numbers only. Verify this number in the provider's console, or upgrade the account.",
  opted_out: "This number has opted out of text messages. Text START from it to the sender's number to opt in again.",
  region: "{{provider}} isn't allowed to text this country. Allow it in the provider's console (geographic permissions).",
  sender: "{{provider}} doesn't accept the sender. Check the number, messaging service or sender ID in the settings.",
  credentials: "{{provider}} doesn't accept the credentials. Check them in the settings or in the environment.",
  account: "{{provider}} has suspended the account. Find the reason in the provider's console (often the balance), then send again.",
  daily_limit: "The sender has reached its daily limit. Send again tomorrow, raise the limit in the provider's console, or show a QR code.",
  budget: "The account has reached its spending limit, so nothing was sent. Raise the limit in the provider's console.",
  busy: "{{provider}} is busy. Wait a moment, then send again.",
  paused: "{{provider}} keeps failing, so sending is paused. Wait a moment, then send again.",
  unreachable: "{{provider}} can't be reached, so nothing was sent. Check this computer's network, then send again.",
  not_set_up: "{{provider}} isn't fully set up. Complete it in the settings.",
  outcome_unknown:
    "{{provider}} didn't answer in time, so we couldn't confirm that the message was sent. Check the phone before you resend.",
  other: "{{provider}} rejected the text message. Look up its error code in the provider's documentation.",
  // Sent, but not delivered
  phone_unreachable: "The phone can't be reached: it's off, out of range, or the number isn't in use. Check the number, then send again.",
  blocked: "The phone's carrier blocks text messages from this sender. Show a QR code instead.",
  not_a_mobile: "This number can't receive text messages. Use a mobile number.",
  filtered: "The phone's carrier filtered the message as spam. Ask the provider how to register the sender, or show a QR code instead.",
  fraud_guard:
    "The provider's fraud protection blocked the message. Allow the number or its country in the provider's console, or show a QR code instead.",
  unregistered_sender: "The sender isn't registered for this country's carriers. Register it with the provider (in the US: A2P 10DLC).",
  sender_suspended:
    "The sender's registration (in the US: its A2P 10DLC campaign) is suspended. Find the reason in the provider's console, or use another sender.",
  too_late: "The message couldn't be delivered before its link expired. Send again, or show a QR code instead.",
  carrier: "The phone's carrier didn't deliver the message. Send again, or show a QR code instead.",
} as const satisfies Record<string, Message>;
