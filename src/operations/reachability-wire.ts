import type * as z from "zod";
import type { AnswerOf, OPERATIONS } from "../contract/operations.ts";
import { isoSeconds, type Reachability, type ReachabilityChange, TUNNEL_SENTENCES, type TunnelState } from "../core/index.ts";

/** What the settings page sees and changes of the roads to the phone door: the core's words ↔ the wire's. */
export function reachabilityBody(reachability: Reachability): AnswerOf<"reachability"> {
  const { path, found, failure } = reachability.cloudflared;
  const { authtoken, failure: ngrokFailure } = reachability.ngrok;
  return {
    base_url: reachability.baseUrl,
    runner: reachability.runner,
    cloudflared: {
      path,
      ...(found === undefined ? {} : { found }),
      ...(failure === undefined ? {} : { problem: TUNNEL_SENTENCES[failure] }),
    },
    ngrok: { authtoken, ...(ngrokFailure === undefined ? {} : { problem: TUNNEL_SENTENCES[ngrokFailure] }) },
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
        sentence: TUNNEL_SENTENCES[tunnel.failure],
        ...(tunnel.output === undefined ? {} : { said: tunnel.output }),
        ...(tunnel.again === undefined ? {} : { again_at: isoSeconds(tunnel.again) }),
      };
    default:
      return tunnel satisfies never;
  }
}

export function reachabilityChange(body: z.output<(typeof OPERATIONS)["saveReachability"]["body"]>): ReachabilityChange {
  return {
    baseUrl: body.base_url,
    cloudflaredPath: body.cloudflared_path,
    tunnelAtStart: body.tunnel_at_start,
    runner: body.runner,
    ngrokAuthtoken: body.ngrok_authtoken,
  };
}
