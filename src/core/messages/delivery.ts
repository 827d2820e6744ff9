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
