import type { tunnel } from "../../words/en/tunnel.ts";
import type { Instant } from "../time.ts";

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
