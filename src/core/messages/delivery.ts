import type { Instant } from "../time.ts";

/** A provider's id, or `mock`. Shown in settings, at start and in the audit trail; records have those of other versions, too. */
export type SmsProviderName = string;

export interface ProviderDetails {
  readonly provider: SmsProviderName;
  /** The provider's own code; absent where it gave none. */
  readonly code?: string;
  /** The kind of fault, for programs. */
  readonly reason: SmsFault;
}

/** Kinds of faults in sending, whatever a provider calls them. */
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

/** What is known of the last text message's way to the phone. */
export interface Delivery {
  readonly state: DeliveryState;
  /** When that became known. */
  readonly at: Instant;
  /** Whether the provider will say more. */
  readonly more: boolean;
  /** The kind of fault (undelivered, failed). */
  readonly fault?: DeliveryFault | SmsFault;
  readonly provider?: SmsProviderName;
  /** The provider's own code. */
  readonly providerCode?: string;
}

/** In the order in which they may follow each other; of the last three none follows another. */
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

/** Whether a report says more than what is known: reports come late, twice, and in any order. */
export function isChangeEvent(delivery: Delivery, known: Delivery | undefined): boolean {
  return known === undefined || RANK[delivery.state] > RANK[known.state];
}
