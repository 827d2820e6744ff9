import { PairingError } from "../errors.ts";
import type { Ports } from "../ports.ts";
import type { ReachabilityChange, ReachabilitySettings, TunnelState } from "./reachability.ts";

/** The reachability settings and state, for the settings page. */
export interface Reachability extends ReachabilitySettings {
  readonly tunnel: TunnelState;
}

export async function readReachability({ tunnel, reachabilitySetup }: Pick<Ports, "tunnel" | "reachabilitySetup">): Promise<Reachability> {
  const settings = await reachabilitySetup.read();
  return { ...settings, tunnel: tunnel.state() };
}

export async function saveReachability(
  deps: Pick<Ports, "tunnel" | "reachabilitySetup" | "changeEvents">,
  change: ReachabilityChange,
): Promise<Reachability> {
  const { runner, ngrokAuthtoken } = change;
  const chosenAnew = runner !== undefined && runner !== (await deps.reachabilitySetup.read()).runner;
  const { kind } = deps.tunnel.state();
  // Changing the tunnel provider must not disconnect phones.
  if (chosenAnew && (kind === "starting" || kind === "online")) throw new PairingError("tunnel_running");
  await deps.reachabilitySetup.save(change);
  // The failure was that of the previous settings, so it is cleared.
  if (kind === "failed" && (chosenAnew || ngrokAuthtoken !== undefined)) await deps.tunnel.stop();
  deps.changeEvents.emit("reachability");
  // Pending invites have links with the previous address.
  deps.changeEvents.emit("invites");
  return readReachability(deps);
}

/** Returns at once; the outcome is a change event. */
export async function startTunnel(deps: Pick<Ports, "tunnel" | "reachabilitySetup">): Promise<Reachability> {
  const { baseUrl } = await deps.reachabilitySetup.read();
  if (baseUrl.locked) {
    throw new PairingError("setting_locked", { params: { reason: "base_url" } });
  }
  deps.tunnel.start();
  return readReachability(deps);
}

export async function stopTunnel(deps: Pick<Ports, "tunnel" | "reachabilitySetup">): Promise<Reachability> {
  await deps.tunnel.stop();
  return readReachability(deps);
}
