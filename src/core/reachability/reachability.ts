import type { SettingField } from "../pairing/sms-settings.ts";
import type { TunnelFailure, TunnelRunner } from "./tunnel-state.ts";

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
