import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Caller, Device } from "../core/index.ts";

/** A WebSocket upgrade that the phone door has let in: its guard and its request limits have passed it. */
export interface AdmittedUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  /** Header lines that the answer gets. */
  readonly answerHeaders: readonly string[];
  /** Answers that this is no such WebSocket, and ends the connection. */
  readonly reject: () => void;
  readonly caller: Caller;
  /** The phone that a token belongs to; without a token, the phone of our own page's cookie. Rejects with a `PairingError`. */
  readonly authenticate: (token: string | undefined) => Promise<Device>;
  /** Counts against the phone door's request limits. Throws `rate_limited`. */
  readonly count: (bucket: "voice" | "other") => void;
}

/** Speaks another protocol on connections of the phone door. */
export interface UpgradeHandler {
  readonly path: string;
  /** Its `Sec-WebSocket-Protocol`. */
  readonly protocol: string;
  accept(upgrade: AdmittedUpgrade): void;
  close(): Promise<void>;
}
