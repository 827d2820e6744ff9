import type { tunnel } from "../../words/en/tunnel.ts";
import type { SettingField } from "../pairing/sms-settings.ts";
import type { Instant } from "../time.ts";

/** How phones reach the phone door, as the settings page shows it. */
export interface ReachabilitySettings {
  /** The person's own public address; empty when there is none. */
  readonly baseUrl: SettingField;
  readonly runner: TunnelRunner;
  readonly cloudflared: {
    /** The path that a person entered; empty: it is searched for. */
    readonly path: SettingField;
    /** The program that would run. */
    readonly found?: string;
    /** Why none was found. */
    readonly failure?: TunnelFailure;
  };
  readonly ngrok: {
    readonly authtoken: { readonly set: boolean; readonly locked: boolean };
    /** Why it cannot start. Checked only while it is the chosen provider. */
    readonly failure?: TunnelFailure;
  };
  readonly tunnelAtStart: boolean;
  /** The phone door's URL for a tunnel on this computer. */
  readonly phoneDoor: string;
  /** The phone door's URL on the local network; empty while it listens on this computer only. */
  readonly localNetwork: readonly string[];
}

/** Absent fields are unchanged; an empty text removes the saved value. */
export interface ReachabilityChange {
  readonly baseUrl: string | undefined;
  readonly cloudflaredPath: string | undefined;
  readonly tunnelAtStart: boolean | undefined;
  readonly runner: TunnelRunner | undefined;
  readonly ngrokAuthtoken: string | undefined;
}

/** Why a requested tunnel does not run. */
export type TunnelFailure = keyof typeof tunnel;

/** Who runs the tunnel. */
export type TunnelRunner = "cloudflared" | "ngrok";

export type TunnelState =
  | { readonly kind: "off" }
  | { readonly kind: "starting"; readonly since: Instant }
  | { readonly kind: "online"; readonly address: string; readonly since: Instant }
  | {
      readonly kind: "failed";
      readonly failure: TunnelFailure;
      /** The program's last output, where it helps. */
      readonly output?: string;
      /** The time of the next attempt; absent if only a person can fix it. */
      readonly again?: Instant;
    };
