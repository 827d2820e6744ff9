import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";

/** Resolves names for a connection, and refuses what is no public address: a name that is allowed may be made to point inside. */
export const lookupPublic: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = error ? [] : addresses;
    if (error || !first) answer(error ?? new Error("no address"), "");
    else if (!addresses.every(({ address }) => isPublicAddress(address))) answer(new Error("an address that is not public"), "");
    else if (options.all === true) answer(null, addresses);
    else answer(null, first.address, first.family);
  });
};

export function isPublicAddress(text: string): boolean {
  const address = ipaddr.process(text);
  // An IPv6-only network reaches IPv4 through such an address.
  if (address instanceof ipaddr.IPv6 && address.range() === "rfc6052") {
    return isPublicAddress(new ipaddr.IPv4(address.toByteArray().slice(-4)).toString());
  }
  return address.range() === "unicast";
}
