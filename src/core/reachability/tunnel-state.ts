import type { Instant } from "../time.ts";

/** Why there is no tunnel, though somebody wants one. */
export type TunnelTrouble =
  | "not_installed"
  | "not_runnable"
  | "not_trusted"
  | "no_address"
  | "not_connected"
  | "strange_address"
  | "offline"
  | "busy"
  | "ended";

export type TunnelState =
  | { readonly kind: "off" }
  | { readonly kind: "starting"; readonly since: Instant }
  | { readonly kind: "online"; readonly address: string; readonly since: Instant }
  | {
      readonly kind: "failed";
      readonly trouble: TunnelTrouble;
      /** What the program itself said last, where that helps. */
      readonly said?: string;
      /** When it is tried again; absent when only a person can mend it. */
      readonly again?: Instant;
    };

export const TUNNEL_SENTENCES: Readonly<Record<TunnelTrouble, string>> = {
  not_installed: "cloudflared is not installed. Install it, or say where it is, then start the tunnel again.",
  not_runnable: "cloudflared cannot be run. Make its file executable, or install it anew, then start the tunnel again.",
  not_trusted:
    "This file is not used: it must be called cloudflared, belong to this account or the system, and be writable by nobody else. Install cloudflared, or choose another file.",
  no_address: "cloudflared runs, but got no address. Check that this computer is online.",
  not_connected: "cloudflared has an address, but does not get through. A firewall may block port 7844: allow it, or use another network.",
  strange_address:
    "What runs as cloudflared gave an address that is not of trycloudflare.com. It was stopped. Install Cloudflare's own program.",
  offline: "cloudflared does not reach Cloudflare. Check that this computer is online.",
  busy: "Cloudflare gives out no more addresses for now. Wait, or use an address of your own.",
  ended: "cloudflared ended by itself.",
};
