/** The status of the connection to the user's own broker. */
export interface BrokerStatus {
  readonly host: string;
  readonly state: "connecting" | "connected" | "away";
  /** Why the broker cannot be used. */
  readonly sentence?: string;
}
