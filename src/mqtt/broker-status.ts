/** The status of the connection to the user's own broker. */
export interface BrokerStatus {
  readonly host: string;
  /** `standby`: another server that shares the storage is connected, and this one takes its place when it is gone. */
  readonly state: "connecting" | "connected" | "away" | "standby";
  /** Why the broker cannot be used. */
  readonly sentence?: string;
}
