import type { Committed } from "../../adapters/stores/measures.ts";
import type { Approval, PushOutcome } from "../../core/index.ts";
import type { AnsweredRequest } from "../../http/observe-requests.ts";

/** The ways on which a message reaches a phone. `inbox`: it was stored for the phone, which fetches it by HTTP or MQTT. */
export type NotificationChannel = "inbox" | "push" | "sms";
export type NotificationOutcome = "sent" | "delivered" | "read" | PushOutcome["kind"];

/** What the seams of a server report while somebody counts. Texts that come from outside are mapped to closed lists by who counts. */
export interface Observations {
  answered(answered: AnsweredRequest): void;
  committed(committed: Committed): void;
  /** A text message came into this state; `printed`: in mock mode. */
  textMessage(provider: string, outcome: string): void;
  settled(approval: Approval): void;
  notified(channel: NotificationChannel, outcome: NotificationOutcome, count: number): void;
}

/** Where observations go. `undefined`: nobody has asked for metrics yet. */
export interface Counting {
  to: Observations | undefined;
}
