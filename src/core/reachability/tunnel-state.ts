import type { Instant } from "../time.ts";

/** Why a requested tunnel does not run. */
export type TunnelFailure =
  | "not_installed"
  | "not_runnable"
  | "not_trusted"
  | "no_address"
  | "not_connected"
  | "strange_address"
  | "offline"
  | "busy"
  | "ended"
  | "disconnected"
  | "ngrok_not_installed"
  | "ngrok_sealed"
  | "ngrok_not_loadable"
  | "ngrok_no_authtoken"
  | "ngrok_authtoken_unreadable"
  | "ngrok_authtoken_refused"
  | "ngrok_account_closed"
  | "ngrok_account_limit"
  | "ngrok_too_old"
  | "ngrok_refused"
  | "ngrok_offline"
  | "ngrok_no_address"
  | "ngrok_strange_address"
  | "ngrok_ended";

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

export const TUNNEL_SENTENCES: Readonly<Record<TunnelFailure, string>> = {
  not_installed: "cloudflared is not installed. Install it, or say where it is, then start the tunnel again.",
  not_runnable: "cloudflared cannot be run. Make its file executable, or install it anew, then start the tunnel again.",
  not_trusted:
    "This file is not used: it must be called cloudflared (what it links to, too), it and the folders above it must belong to this account or the system, and nobody else may write to them. Install cloudflared, or choose another file.",
  no_address: "cloudflared runs, but got no address. Check that this computer is online.",
  not_connected: "cloudflared has an address, but does not get through. A firewall may block port 7844: allow it, or use another network.",
  strange_address:
    "What runs as cloudflared gave an address that is not of trycloudflare.com. It was stopped. Install Cloudflare's own program.",
  offline: "cloudflared does not reach Cloudflare. Check that this computer is online.",
  busy: "Cloudflare gives out no more addresses for now. Wait, or use an address of your own.",
  ended: "cloudflared ended by itself.",
  disconnected: "The tunnel ran, but had lost its connection: links led nowhere. It is started again, and links get its new address.",
  ngrok_not_installed:
    "The package @ngrok/ngrok is not installed. Run npm install @ngrok/ngrok where Top Dog is installed, then start Top Dog again.",
  ngrok_sealed: "The packed desktop app cannot load the package @ngrok/ngrok. Use cloudflared, or an address of your own.",
  ngrok_not_loadable:
    "The package @ngrok/ngrok is installed, but cannot be loaded on this computer. Install it anew, then start Top Dog again.",
  ngrok_no_authtoken: "ngrok needs an authtoken. Copy yours from dashboard.ngrok.com and save it, then start the tunnel again.",
  ngrok_authtoken_unreadable:
    "The ngrok authtoken that was saved cannot be read. Unlock or repair the place where secrets are kept, or save the authtoken anew.",
  ngrok_authtoken_refused:
    "ngrok does not accept this authtoken. Copy yours from dashboard.ngrok.com again, save it, then start the tunnel again.",
  ngrok_account_closed: "ngrok has closed this account for now. See to it at dashboard.ngrok.com, then start the tunnel again.",
  ngrok_account_limit:
    "This ngrok account may not have another tunnel now. Stop the one that runs elsewhere, or see dashboard.ngrok.com for the plan's limits.",
  ngrok_too_old:
    "ngrok does not serve this version of @ngrok/ngrok any more. Run npm install @ngrok/ngrok@latest where Top Dog is installed, then start Top Dog again.",
  ngrok_refused: "ngrok refused to start the tunnel.",
  ngrok_offline: "ngrok's service is not reached. Check that this computer is online.",
  ngrok_no_address: "ngrok gave no address in time. Check that this computer is online.",
  ngrok_strange_address: "ngrok gave an address that is not of the kind https://name. The tunnel was stopped.",
  ngrok_ended: "The ngrok tunnel ended by itself.",
};
