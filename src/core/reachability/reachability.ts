import type { SettingField } from "../pairing/sms-settings.ts";
import type { TunnelFailure, TunnelRunner } from "./tunnel-state.ts";

/** How phones get to the phone door, as the settings page shows it. */
export interface ReachabilitySettings {
  /** The person's own public address; empty when there is none. */
  readonly baseUrl: SettingField;
  readonly runner: TunnelRunner;
  readonly cloudflared: {
    /** Where a person said it is; empty: it is looked for. */
    readonly path: SettingField;
    /** The file that would be run. */
    readonly found?: string;
    /** Why none would be. */
    readonly failure?: TunnelFailure;
  };
  readonly ngrok: {
    readonly authtoken: { readonly set: boolean; readonly locked: boolean };
    /** Why it would not start. It is looked for only while it is the one that runs. */
    readonly failure?: TunnelFailure;
  };
  readonly tunnelAtStart: boolean;
  /** The phone door, as a tunnel on this computer reaches it. */
  readonly phoneDoor: string;
  /** Where phones on the same network reach the phone door; empty while it listens on this computer only. */
  readonly localNetwork: readonly string[];
}

/** What is not said stays as it is; an empty text removes what was saved. */
export interface ReachabilityChange {
  readonly baseUrl: string | undefined;
  readonly cloudflaredPath: string | undefined;
  readonly tunnelAtStart: boolean | undefined;
  readonly runner: TunnelRunner | undefined;
  readonly ngrokAuthtoken: string | undefined;
}
