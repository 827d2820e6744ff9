import type { SmsAdapter } from "../adapters/sms/open-sms.ts";
import { networkAddresses } from "../adapters/system/network-addresses.ts";
import { createReach } from "../adapters/system/reach.ts";
import { loadNgrok } from "../adapters/tunnel/load-ngrok.ts";
import { openReachability, type ReachabilityStore, savedReachabilityFile } from "../adapters/tunnel/reachability-setup.ts";
import { prepareCloudflared } from "../adapters/tunnel/run-cloudflared.ts";
import { prepareNgrok } from "../adapters/tunnel/run-ngrok.ts";
import { createTunnel } from "../adapters/tunnel/tunnel-supervisor.ts";
import { isLoopback } from "../base/loopback.ts";
import type { Reach, Tunnel } from "../core/index.ts";
import type { BoundDoors } from "../http/doors/bind.ts";
import { addressOf, isWildcard, reachableAddressOf } from "../settings/addresses.ts";
import type { HostContext } from "./context.ts";
import type { HostSecrets } from "./open-secrets.ts";

/** The address of the hosted service: what links point to when a provider sends them and no address is known. */
export const PUBLIC_ADDRESS = "https://pair.topdog-ide.com";

/** How phones reach this server. */
export interface Connectivity {
  readonly reach: Reach;
  readonly reachability: ReachabilityStore;
  readonly tunnel: Tunnel;
  /** Where links point, read at each use: a tunnel can come and go, and the address can be saved anew. */
  readonly baseUrl: () => string;
}

/** Starts no tunnel. Rejects when the saved settings cannot be used. */
export async function openConnectivity(
  context: HostContext,
  secrets: HostSecrets,
  sms: SmsAdapter,
  { phonePort }: BoundDoors,
): Promise<Connectivity> {
  const { host, settings, shared } = context;
  const phoneDoor = reachableAddressOf(settings.phoneHost, phonePort);
  const reachability = await openReachability({
    file: shared?.saved.reachability ?? savedReachabilityFile(settings.storageFolder),
    environment: settings,
    secrets: secrets.store,
    loadNgrok: host.loadNgrok ?? loadNgrok,
    phoneDoor: () => phoneDoor,
    localNetwork: () => localNetworkHosts(settings.phoneHost).map((address) => addressOf(address, phonePort)),
  });
  const reach = createReach();
  const tunnel = createHostTunnel(context, reachability, reach, phoneDoor);
  const baseUrl = (): string => {
    const lent = tunnel.state();
    if (settings.baseUrl === undefined && lent.kind === "online") return lent.address;
    return reachability.ownAddress() ?? (sms.sender.name === "mock" ? phoneDoor : PUBLIC_ADDRESS);
  };
  return { reach, reachability, tunnel, baseUrl };
}

/** Under which names computers of the local network reach the phone door. */
function localNetworkHosts(phoneHost: string): readonly string[] {
  if (isWildcard(phoneHost)) return networkAddresses();
  return isLoopback(phoneHost) ? [] : [phoneHost];
}

function createHostTunnel(
  { host, log, clock, changeEvents }: HostContext,
  reachability: ReachabilityStore,
  reach: Reach,
  target: string,
): Tunnel {
  return createTunnel({
    prepare: async () =>
      reachability.runner() === "ngrok"
        ? prepareNgrok({ load: host.loadNgrok ?? loadNgrok, authtoken: reachability.ngrokAuthtoken, target })
        : prepareCloudflared({ find: reachability.findCloudflared, target }),
    probe: reach.ask,
    now: clock.now,
    changed() {
      changeEvents.emit("reachability");
      // Pages read the links' address, and which invites were sent with another, together with the invites.
      changeEvents.emit("invites");
    },
    log,
    timeouts: host.tunnelTimeouts,
  });
}
