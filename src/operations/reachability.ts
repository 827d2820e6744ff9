import { present } from "../base/present.ts";
import type { REACHABILITY } from "../contract/operations/reachability.ts";
import type { AnswerOf } from "../contract/operations.ts";
import { isoSeconds, type Reachability, type ReachabilityChange, type TunnelState } from "../core/index.ts";
import { say } from "../words/say.ts";
import type { Handlers, Input } from "./handlers.ts";

/** The address of the phone door, and its tunnel. */
export const REACHABILITY_HANDLERS: Handlers<keyof typeof REACHABILITY> = {
  async checkReach({ pairing }) {
    const { baseUrl, ...verdict } = await pairing.checkReach();
    return { ...verdict, base_url: baseUrl };
  },

  reachability: async ({ pairing }) => reachabilityBody(await pairing.reachability()),

  saveReachability: async ({ pairing }, change) => reachabilityBody(await pairing.saveReachability(reachabilityChange(change))),

  startTunnel: async ({ pairing }) => reachabilityBody(await pairing.startTunnel()),

  stopTunnel: async ({ pairing }) => reachabilityBody(await pairing.stopTunnel()),
};

function reachabilityBody(reachability: Reachability): AnswerOf<"reachability"> {
  const { path, found, failure } = reachability.cloudflared;
  const { authtoken, failure: ngrokFailure } = reachability.ngrok;
  return {
    base_url: reachability.baseUrl,
    runner: reachability.runner,
    cloudflared: { path, ...present({ found, problem: failure && say(`tunnel.${failure}`) }) },
    ngrok: { authtoken, ...present({ problem: ngrokFailure && say(`tunnel.${ngrokFailure}`) }) },
    tunnel_at_start: reachability.tunnelAtStart,
    tunnel: tunnelBody(reachability.tunnel),
    phone_door: reachability.phoneDoor,
    local_network: [...reachability.localNetwork],
  };
}

function tunnelBody(tunnel: TunnelState): AnswerOf<"reachability">["tunnel"] {
  switch (tunnel.kind) {
    case "off":
      return { state: "off" };
    case "starting":
      return { state: "starting", since: isoSeconds(tunnel.since) };
    case "online":
      return { state: "online", since: isoSeconds(tunnel.since), address: tunnel.address };
    case "failed":
      return {
        state: "failed",
        sentence: say(`tunnel.${tunnel.failure}`),
        ...present({ said: tunnel.output, again_at: tunnel.again === undefined ? undefined : isoSeconds(tunnel.again) }),
      };
    default:
      return tunnel satisfies never;
  }
}

function reachabilityChange(body: Input<"saveReachability">): ReachabilityChange {
  return {
    baseUrl: body.base_url,
    cloudflaredPath: body.cloudflared_path,
    tunnelAtStart: body.tunnel_at_start,
    runner: body.runner,
    ngrokAuthtoken: body.ngrok_authtoken,
  };
}
