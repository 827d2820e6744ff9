import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { ReachabilityChange, ReachabilitySettings } from "./reachability.ts";
import type { TunnelState } from "./tunnel-state.ts";

/** What the settings page shows of the roads to the phone door. */
export interface Reachability extends ReachabilitySettings {
  readonly tunnel: TunnelState;
}

export async function readReachability({ tunnel, reachabilitySetup }: Pick<Ports, "tunnel" | "reachabilitySetup">): Promise<Reachability> {
  const settings = await reachabilitySetup.read();
  return { ...settings, tunnel: tunnel.state() };
}

export async function saveReachability(
  needs: Pick<Ports, "tunnel" | "reachabilitySetup" | "news">,
  change: ReachabilityChange,
): Promise<Reachability> {
  const { runner, ngrokAuthtoken } = change;
  const chosenAnew = runner !== undefined && runner !== (await needs.reachabilitySetup.read()).runner;
  const { kind } = needs.tunnel.state();
  // A click on a choice must not cut off phones.
  if (chosenAnew && (kind === "starting" || kind === "online")) throw new PairingError("tunnel_running");
  await needs.reachabilitySetup.save(change);
  // What failed did so without what was saved now.
  if (kind === "failed" && (chosenAnew || ngrokAuthtoken !== undefined)) await needs.tunnel.stop();
  needs.news.tell("reachability");
  // Links of invites that wait point to the former address.
  needs.news.tell("invites");
  return readReachability(needs);
}

/** Answers at once: what becomes of it is news. */
export async function startTunnel(needs: Pick<Ports, "tunnel" | "reachabilitySetup">): Promise<Reachability> {
  const { baseUrl } = await needs.reachabilitySetup.read();
  if (baseUrl.locked) {
    throw new PairingError("setting_locked", {
      sentence:
        "PAIRING_BASE_URL says where links point, so a tunnel would not be used. Remove it from the environment and start Top Dog again.",
    });
  }
  needs.tunnel.start();
  return readReachability(needs);
}

export async function stopTunnel(needs: Pick<Ports, "tunnel" | "reachabilitySetup">): Promise<Reachability> {
  await needs.tunnel.stop();
  return readReachability(needs);
}
