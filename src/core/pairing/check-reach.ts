import type { Ports, ReachFinding } from "../ports.ts";
import type { PairingSettings } from "../settings.ts";

export type ReachResult = ReachFinding | "this_computer_only" | "not_https";

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
    "Only this computer can open the link. To pair a phone, point a tunnel at the phone door and set PAIRING_BASE_URL to its address.",
  not_https: "The public address is not encrypted. Give it an https address, as tunnels have one, and set PAIRING_BASE_URL to it.",
  no_answer: "Nothing answers at the public address. Start the tunnel, or set PAIRING_BASE_URL to where it is.",
  bad_certificate: "The public address has a certificate that phones do not trust. Renew it, or use a tunnel's address.",
  tunnel_broken: "The tunnel answers, but it does not reach Top Dog. Point it at the phone door and start it again.",
  interstitial: "The public address shows a page of its own before the link. Switch that page off, or use another tunnel.",
  another_server: "Another server answers at the public address. Point the tunnel at this computer's phone door, or set PAIRING_BASE_URL.",
};

/** Asked before a message is paid for. It changes nothing and refuses nothing: whoever sends may send anyway. */
export async function checkReach(needs: Pick<Ports, "reach" | "sms">, settings: PairingSettings): Promise<ReachVerdict> {
  const baseUrl = settings.baseUrl();
  const result = await resultOf(needs, baseUrl);
  const reachable = result === "reached" || (result === "this_computer_only" && needs.sms.name === "mock");
  return { result, reachable, baseUrl, sentence: REACH_SENTENCES[result] };
}

async function resultOf({ reach }: Pick<Ports, "reach">, baseUrl: string): Promise<ReachResult> {
  const [, protocol, hostname = ""] = /^(https?):\/\/(\[[^\]]*\]|[^:/]*)/.exec(baseUrl) ?? [];
  if (hostname === "localhost" || hostname === "[::1]" || /^127(\.\d+){3}$/.test(hostname)) return "this_computer_only";
  return protocol === "https" ? reach.ask(baseUrl) : "not_https";
}
