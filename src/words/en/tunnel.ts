/** Why the tunnel isn't running, and what to do. The keys are the kinds of failure, stable for programs. */
export const tunnel = {
  not_installed: "cloudflared isn't installed. Install it, or enter where it is, then start the tunnel again.",
  not_runnable: "cloudflared can't be run. Make its file executable, or reinstall it, then start the tunnel again.",
  not_trusted:
    "This file isn't used because other accounts could replace it. It must be named cloudflared, and the file, the file it links to and the folders above must belong to you or the system and be writable by nobody else. Install cloudflared, or choose another file.",
  no_address: "cloudflared is running but got no address. Check that this computer is online.",
  not_connected: "cloudflared has an address but can't connect. If a firewall blocks port 7844, allow it, or use another network.",
  strange_address:
    "The program that runs as cloudflared gave an address outside trycloudflare.com, so it was stopped. Install Cloudflare's own program.",
  offline: "cloudflared can't reach Cloudflare. Check that this computer is online.",
  busy: "Cloudflare has no free addresses right now. Try again later, or use your own address.",
  ended: "cloudflared stopped unexpectedly.",
  disconnected: "The tunnel lost its connection, so links didn't work. It is restarting, and new links will use its new address.",
  ngrok_not_installed: "The package @ngrok/ngrok isn't installed. Run npm install @ngrok/ngrok in Top Dog's folder, then restart Top Dog.",
  ngrok_sealed: "The packaged desktop app can't load @ngrok/ngrok. Use cloudflared, or your own address.",
  ngrok_not_loadable: "The package @ngrok/ngrok is installed but can't be loaded on this computer. Reinstall it, then restart Top Dog.",
  ngrok_no_authtoken: "ngrok needs an authtoken. Copy yours from dashboard.ngrok.com and save it, then start the tunnel again.",
  ngrok_authtoken_unreadable:
    "The saved ngrok authtoken can't be read. Unlock or repair the place where secrets are stored, or save the authtoken again.",
  ngrok_authtoken_refused:
    "ngrok doesn't accept this authtoken. Copy yours from dashboard.ngrok.com again, save it, then start the tunnel again.",
  ngrok_account_closed: "ngrok has suspended this account. Find the reason at dashboard.ngrok.com, then start the tunnel again.",
  ngrok_account_limit:
    "This ngrok account has reached its limit of tunnels. Stop the one that runs elsewhere, or check your plan at dashboard.ngrok.com.",
  ngrok_too_old:
    "ngrok no longer supports this version of @ngrok/ngrok. Run npm install @ngrok/ngrok@latest in Top Dog's folder, then restart Top Dog.",
  ngrok_refused: "ngrok rejected the tunnel.",
  ngrok_offline: "ngrok's service can't be reached. Check that this computer is online.",
  ngrok_no_address: "ngrok gave no address in time. Check that this computer is online.",
  ngrok_strange_address: "ngrok gave an address that isn't like https://name, so the tunnel was stopped.",
  ngrok_ended: "The ngrok tunnel stopped unexpectedly.",
} as const;
