import { isLoopback } from "../../../base/loopback.ts";

/** A provider refuses or cannot reach an address of this computer for its reports; a stand-in on this computer can. */
export function canBeReached(reportTo: string, baseUrl: string | undefined): boolean {
  return !isOwnComputer(reportTo) || (baseUrl !== undefined && isOwnComputer(baseUrl));
}

function isOwnComputer(address: string): boolean {
  return isLoopback(new URL(address).hostname);
}
