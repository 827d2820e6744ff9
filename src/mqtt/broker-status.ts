/** How the link to a broker of one's own stands. */
export interface BrokerStatus {
  readonly host: string;
  readonly state: "connecting" | "connected" | "away";
  /** What is in the way, and what to do. */
  readonly sentence?: string;
}
