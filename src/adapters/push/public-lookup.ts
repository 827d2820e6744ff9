import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { say } from "../../words/say.ts";

/** Resolves names for a connection, and refuses what is no public address: a name that is allowed may be made to point inside. */
export const lookupPublic: LookupFunction = (hostname, options, answer) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    const [first] = error ? [] : addresses;
    if (error || !first) answer(error ?? new Error("no address"), "");
    else if (!addresses.every(({ address }) => isPublicAddress(address))) answer(new Error(say("server.pushNotPublic")), "");
    else if (options.all === true) answer(null, addresses);
    else answer(null, first.address, first.family);
  });
};

/** The one block of IPv6 that is given out for the internet. Of the rest some forms (::127.0.0.1) reach IPv4. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");
/** Within it, what the library does not know as special: documentation (RFC 9637). */
const SPECIAL_IPV6 = [ipaddr.IPv6.parseCIDR("3fff::/20")];

/** Whether an address is one of the internet's: of no special-purpose registry (RFC 6890) and of no private network. */
export function isPublicAddress(text: string): boolean {
  const address = ipaddr.process(text);
  if (!(address instanceof ipaddr.IPv6)) return address.range() === "unicast";
  // An IPv6-only network reaches IPv4 through such an address.
  if (address.range() === "rfc6052") return isPublicAddress(new ipaddr.IPv4(address.toByteArray().slice(-4)).toString());
  const isSpecial = SPECIAL_IPV6.some(([network, bits]) => address.match(network, bits));
  return address.match(...GLOBAL_IPV6) && address.range() === "unicast" && !isSpecial;
}
