import type { Agent } from "node:http";
import type { Duplex } from "node:stream";
import type { Instant } from "../core/index.ts";
import type { DeviceCookies } from "./device-cookie.ts";

/** What the doors need to know beside the product: complete and checked. */
export interface DoorSettings {
  readonly localHost: string;
  readonly localPort: number;
  readonly phoneHost: string;
  readonly phonePort: number;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly localTrustProxy: readonly string[];
  readonly trustProxy: readonly string[];
  /** Every route of the local door asks for the admin token: it can be reached from the network. */
  readonly localDoorGated: boolean;
  readonly computerName: string;
  /** Read at each use: the settings page changes them. */
  readonly inUse: () => LiveDoorSettings;
  /** The ports the doors are bound to, once they are. */
  readonly ports: () => { readonly local_port: number; readonly phone_port: number };
  /** What a link to a broker needs on its way out of this computer; absent: nothing. */
  readonly connectBroker?: (url: string) => BrokerConnection;
  /** `Set-Cookie` values that hand a token to the phone's browser; an empty token takes it away. */
  readonly deviceCookies: (token: string, expiresAt: Instant) => readonly string[];
  readonly cookies: DeviceCookies;
}

export interface LiveDoorSettings {
  readonly adminRequired: boolean;
  readonly rateLimitScale: number;
  readonly mqttBroker: AnnouncedBroker | undefined;
  readonly userId: string;
  readonly userName: string;
  readonly country: string;
}

/** A broker of one's own, as phones are told of it and as this server connects to it. */
export interface AnnouncedBroker {
  readonly host: string;
  readonly phoneUrl?: string;
  readonly link?: BrokerLink;
}

export interface BrokerConnection {
  /** For WebSockets. */
  readonly agent?: Agent;
  /** For MQTT itself: a new stream for each connection. */
  readonly stream?: () => Duplex;
}

export interface BrokerLink {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}
