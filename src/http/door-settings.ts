import type { Socket } from "node:net";
import type { Instant } from "../core/index.ts";
import type { DeviceCookies } from "./device-cookie.ts";

/** What the doors need to know beside the product: complete and checked. */
export interface DoorSettings {
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly localTrustProxy: readonly string[];
  readonly trustProxy: readonly string[];
  /** Every route of the local door asks for the admin token: it can be reached from the network. */
  readonly localDoorGated: boolean;
  /** The local door identifies its callers. Otherwise everybody on this computer may do everything. */
  readonly localAuth: boolean;
  /** What `x-local-key` must be. */
  readonly localKey: () => string;
  /** The account at the other end of a connection within this computer, where that can be known. */
  readonly uidOfPeer: (socket: Socket) => Promise<number | undefined>;
  readonly computerName: string;
  /** Read at each use: the settings page changes them. */
  readonly inUse: () => { readonly adminRequired: boolean; readonly rateLimitScale: number };
  /** The ports that the doors are bound to. */
  readonly ports: () => { readonly local_port: number; readonly phone_port: number };
  /** `Set-Cookie` values that give a token to the phone's browser; an empty token removes it. */
  readonly deviceCookies: (token: string, expiresAt: Instant) => readonly string[];
  readonly cookies: DeviceCookies;
}
