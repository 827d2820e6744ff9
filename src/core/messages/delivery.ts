import type { Instant } from "../time.ts";

/** A provider's id, or `mock`. Shown in settings, at start and in the audit trail. Records can contain ids of other versions. */
export type SmsProviderName = string;

export interface ProviderDetails {
  readonly provider: SmsProviderName;
  /** The provider's own code; absent where it gave none. */
  readonly code?: string;
  /** The kind of fault, for programs. */
  readonly reason: SmsFault;
}

/** The failure reasons of sending, independent of the provider. */
export type SmsFault =
  | "number"
  | "opted_out"
  | "region"
  | "trial_account"
  | "sender"
  | "credentials"
  | "account"
  | "budget"
  | "daily_limit"
  | "busy"
  | "paused"
  | "unreachable"
  | "not_set_up"
  | "outcome_unknown"
  | "other";

/** The delivery of the last text message. */
export interface Delivery {
  readonly state: DeliveryState;
  /** When this state became known. */
  readonly at: Instant;
  /** Whether the provider will send further reports. */
  readonly more: boolean;
  /** The kind of fault (undelivered, failed). */
  readonly fault?: DeliveryFault | SmsFault;
  readonly provider?: SmsProviderName;
  /** The provider's own code. */
  readonly providerCode?: string;
}

/** In the order in which they can follow each other. The last three are final. */
export type DeliveryState = "unknown" | "handed_over" | "sent" | "delivered" | "undelivered" | "failed";

/** Why a message that a provider had taken did not arrive. */
export type DeliveryFault =
  | "phone_unreachable"
  | "blocked"
  | "not_a_mobile"
  | "filtered"
  | "fraud_guard"
  | "unregistered_sender"
  | "sender_suspended"
  | "too_late"
  | "carrier";

const RANK: Record<DeliveryState, number> = { unknown: 0, handed_over: 1, sent: 2, delivered: 3, undelivered: 3, failed: 3 };

/** Whether a report is newer than the known state: reports arrive late, twice and in any order. */
export function isNewer(delivery: Delivery, known: Delivery | undefined): boolean {
  return known === undefined || RANK[delivery.state] > RANK[known.state];
}

/** What the person at the computer can do about each failure reason. The provider's own code is shown beside it. */
const PROBLEMS: Record<DeliveryFault | SmsFault, string> = {
  phone_unreachable:
    "The phone cannot be reached: it is off, has no network, or the number is not in use. Check the number, then send again.",
  blocked: "The phone's network refuses text messages from this sender. Show a QR code instead.",
  not_a_mobile: "This number cannot get text messages. Use a mobile number.",
  filtered: "The phone's network took the message for spam. Ask the provider how to register the sender, or show a QR code instead.",
  unregistered_sender: "The sender is not registered for this country's networks. Register it with the provider (in the US: A2P 10DLC).",
  fraud_guard:
    "The provider's protection against fraud stopped the message. Allow the number or its country in the provider's console, or show a QR code instead.",
  sender_suspended:
    "The registration of the sender (in the US: its A2P 10DLC campaign) is suspended. See why in the provider's console, or use another sender.",
  too_late: "The message could not be delivered before its link ended. Send again, or show a QR code instead.",
  carrier: "The phone's network did not deliver the message. Send again, or show a QR code instead.",
  number: "The provider does not accept this number. Check it, or use another.",
  opted_out: "This number has opted out of text messages. Text START from it to the sender to allow them again.",
  region: "The provider may not send to this country. Allow it in the provider's geographic permissions.",
  trial_account: "The provider's trial account sends to verified numbers only. Verify this number there, or upgrade the account.",
  sender: "The provider does not accept the sender. Check the sender's number in the settings.",
  credentials: "The provider does not accept the credentials. Check them in the settings.",
  account: "The provider has suspended the account. See why in the provider's console (often its balance), then send again.",
  daily_limit:
    "The sender has sent as many messages as it may in a day. Send again tomorrow, raise the limit there, or show a QR code instead.",
  budget: "The provider's spending limit is reached. Raise it there.",
  busy: "The provider was busy. Wait a moment, then send again.",
  paused: "The provider failed several times in a row. Wait a moment, then send again.",
  unreachable: "The provider could not be reached. Check this computer's network, then send again.",
  not_set_up: "The provider is not set up completely. See the settings.",
  outcome_unknown: "Nobody knows whether the message was sent. Look at the phone before you send another.",
  other: "The provider refused the message. Look its code up in the provider's list of errors.",
};

/** Why a message did not arrive and what to do. Nothing for one that may still arrive or has. */
export function deliveryProblem({ state, fault }: Delivery): string | undefined {
  if (state !== "undelivered" && state !== "failed") return undefined;
  return Object.hasOwn(PROBLEMS, fault ?? "") ? PROBLEMS[fault ?? "other"] : PROBLEMS.other;
}
