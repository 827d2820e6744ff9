import type { Agent } from "node:http";
import type { Duplex } from "node:stream";

export interface BrokerSettings {
  /** Read at each use: the settings page changes them. */
  readonly inUse: () => {
    readonly mqttBroker: { readonly link?: BrokerLink } | undefined;
    readonly rateLimitScale: number;
  };
  /** Absent: connections need nothing special to leave this computer. */
  readonly connectBroker?: (url: string) => BrokerConnection;
}

/** Where this server connects to. Absent in the settings: phones use the broker, and this server does not. */
export interface BrokerLink {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** How a connection leaves this computer. */
export interface BrokerConnection {
  /** For WebSockets. */
  readonly agent?: Agent;
  /** For MQTT itself: a new stream for each connection. */
  readonly stream?: () => Duplex;
}
