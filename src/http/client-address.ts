import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Caller } from "../core/index.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
const KEPT = 1000;
const LONGEST_USER_AGENT = 256;
/** More proxies than anybody has in a row. */
const MOST_HOPS = 32;

/** A list of addresses, networks and the word `loopback` → a test. Throws on an entry that is none of these. */
export function trusts(entries: readonly string[]): (address: string | undefined) => boolean {
  const networks = entries.flatMap((entry): (readonly [Address, number])[] => {
    if (entry === "loopback") return [ipaddr.parseCIDR("127.0.0.0/8"), ipaddr.parseCIDR("::1/128")];
    return [unmapped(entry.includes("/") ? ipaddr.parseCIDR(entry) : ipaddr.parseCIDR(`${entry}/${isIP(entry) === 4 ? 32 : 128}`))];
  });
  if (networks.length === 0) return () => false;
  return (address) => {
    const read = parse(address);
    return read !== undefined && networks.some(([network, bits]) => network.kind() === read.kind() && read.match(network, bits));
  };
}

/** `::ffff:10.0.0.0/104` → `10.0.0.0/8`: addresses are compared as IPv4 wherever they can be. */
function unmapped(network: readonly [Address, number]): readonly [Address, number] {
  const [address, bits] = network;
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && bits >= 96 ? [address.toIPv4Address(), bits - 96] : network;
}

/**
 * Who really asks: the peer, or, when a trusted proxy passes the request on, the last address in `X-Forwarded-For` that is not
 * itself a trusted proxy. What stands before that address was written by whoever asks, and is not looked at. Nonsense counts as
 * not there.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  isTrusted: (address: string | undefined) => boolean,
): string {
  const own = plain(peer);
  if (forwardedFor === undefined || !isTrusted(peer)) return own;
  for (const text of forwardedFor.split(",").slice(-MOST_HOPS).reverse()) {
    const hop = text.trim();
    const read = parse(hop);
    if (!read) return own;
    if (!isTrusted(hop)) return read.toString();
  }
  return own;
}

/** Who asks, as the audit trail may say it. */
export function callerOf(request: IncomingMessage, ip: string): Caller {
  const ua = request.headers["user-agent"]?.slice(0, LONGEST_USER_AGENT);
  return ua === undefined ? { ip } : { ip, ua };
}

/** The key that rotating addresses cannot widen: an IPv4 address, or the /56 that one customer's IPv6 addresses come from. */
export const limitKey = remembered((address) => {
  const read = parse(address);
  if (read?.kind() !== "ipv6") return address;
  return `${(read as ipaddr.IPv6).parts
    .slice(0, 4)
    .map((part, index) => (index === 3 ? part & 0xff00 : part).toString(16))
    .join(":")}::/56`;
});

const spelled = remembered((address) => parse(address)?.toString() ?? "unknown");

function plain(address: string | undefined): string {
  return address === undefined ? "unknown" : spelled(address);
}

function parse(address: string | undefined): Address | undefined {
  // ipaddr.js alone would read 1, 010.1 and 0x7f000001, too.
  if (address === undefined || isIP(address) === 0) return undefined;
  try {
    // Unmaps ::ffff:127.0.0.1, which a dual-stack listener reports for IPv4 clients.
    return ipaddr.process(address);
  } catch {
    return undefined;
  }
}

/** The same few clients ask all day: what was read of an address is kept, and the oldest forgotten first. */
function remembered(read: (address: string) => string): (address: string) => string {
  const kept = new Map<string, string>();
  return (address) => {
    const known = kept.get(address);
    if (known !== undefined) return known;
    if (kept.size >= KEPT) kept.delete(kept.keys().next().value ?? "");
    const fresh = read(address);
    kept.set(address, fresh);
    return fresh;
  };
}
