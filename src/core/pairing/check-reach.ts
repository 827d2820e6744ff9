import { isLoopback } from "../../base/loopback.ts";
import type { Ports, ReachFinding } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";

export type ReachResult = ReachFinding | "this_computer_only" | "this_network_only" | "not_https";

export interface ReachVerdict {
  readonly result: ReachResult;
  /** Whether a link would work on a phone. */
  readonly reachable: boolean;
  readonly baseUrl: string;
  readonly sentence: string;
}

export const REACH_SENTENCES: Readonly<Record<ReachResult, string>> = {
  reached: "Phones can reach this computer.",
  this_computer_only:
    "Only this computer can open the link. To pair a phone, start the tunnel under Phone reachability, or set a public address there (PAIRING_BASE_URL).",
  this_network_only:
    "The link works only while the phone is on the same network as this computer, and it is not encrypted. For phones elsewhere, start the tunnel under Phone reachability, or set a public address there (PAIRING_BASE_URL).",
  not_https:
    "The public address is not encrypted. Set one that begins with https under Phone reachability (PAIRING_BASE_URL), or start the tunnel there.",
  no_answer:
    "Nothing answers at the public address. Start what leads here from it, or set another one under Phone reachability (PAIRING_BASE_URL).",
  bad_certificate:
    "The public address has a certificate that phones do not trust. Renew it, or start the tunnel under Phone reachability instead.",
  tunnel_broken:
    "The tunnel answers, but it does not reach Top Dog. Point it at the phone door and start it again; Phone reachability has the address.",
  interstitial:
    "The public address shows a page of its own before the link. Switch that page off, or start another tunnel under Phone reachability.",
  another_server:
    "Another server answers at the public address. Point the tunnel at this computer's phone door, or set another address under Phone reachability (PAIRING_BASE_URL).",
};

/** Run before a text message is paid for. It is advisory: the sender may send anyway. */
export async function checkReach(deps: Pick<Ports, "reach" | "sms">, settings: PairingSettings): Promise<ReachVerdict> {
  const baseUrl = settings.baseUrl();
  const result = await resultOf(deps, baseUrl);
  // In mock mode nothing is paid for, and the link is opened on this computer.
  const nearby = result === "this_computer_only" || result === "this_network_only";
  const reachable = result === "reached" || (nearby && deps.sms.name === "mock");
  return { result, reachable, baseUrl, sentence: REACH_SENTENCES[result] };
}

async function resultOf({ reach }: Pick<Ports, "reach">, baseUrl: string): Promise<ReachResult> {
  const [, protocol, hostname = ""] = /^(https?):\/\/(\[[^\]]*\]|[^:/]*)/.exec(baseUrl) ?? [];
  if (isLoopback(hostname)) return "this_computer_only";
  if (protocol === "https") return reach.ask(baseUrl);
  return LOCAL_NETWORK.some((pattern) => pattern.test(hostname)) ? "this_network_only" : "not_https";
}

/** Addresses that only a network of one's own has (RFC 1918, 3927, 4193, 4291, 6598), and names that are known on it alone (RFC 6762). */
const LOCAL_NETWORK = [
  /^10(\.\d+){3}$/,
  /^172\.(1[6-9]|2\d|3[01])(\.\d+){2}$/,
  /^192\.168(\.\d+){2}$/,
  /^169\.254(\.\d+){2}$/,
  /^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])(\.\d+){2}$/,
  /^\[f[cd][0-9a-f]{2}:/i,
  /^\[fe[89ab][0-9a-f]:/i,
  /\.local$/i,
] as const;
