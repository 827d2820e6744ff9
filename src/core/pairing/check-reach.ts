import { isLoopback } from "../../base/loopback.ts";
import { say } from "../../words/say.ts";
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

/** Run before a text message is paid for. It is advisory: the sender may send anyway. */
export async function checkReach(deps: Pick<Ports, "reach" | "sms">, settings: PairingSettings): Promise<ReachVerdict> {
  const baseUrl = settings.baseUrl();
  const result = await resultOf(deps, baseUrl);
  // In mock mode nothing is paid for, and the link is opened on this computer.
  const nearby = result === "this_computer_only" || result === "this_network_only";
  const reachable = result === "reached" || (nearby && deps.sms.name === "mock");
  return { result, reachable, baseUrl, sentence: say(`reach.${result}`) };
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
