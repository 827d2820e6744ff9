import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { Caller, Log } from "../core/index.ts";
import { forwardedHops, UNKNOWN_HOP } from "./forwarded-hops.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
const KEPT = 1000;
const MAX_USER_AGENT = 256;

/** Who asks, as far as this server can know. */
export interface ClientAddress {
  /** For people and the audit trail: an IP address, or `unknown`. */
  readonly ip: string;
  /** Everybody whose address a proxy does not tell: one of them must not use up what all others may ask. */
  readonly shared: boolean;
}

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
 * Who really asks: the peer, or, when a trusted proxy passes the request on, the last address it tells of that is not itself a
 * trusted proxy. What stands before that address was written by whoever asks, and is not looked at. Where all are trusted, the
 * first of them asks.
 */
export function clientAddress(
  peer: string | undefined,
  headers: IncomingHttpHeaders,
  isTrusted: (address: string | undefined) => boolean,
): ClientAddress {
  let ip = plain(peer);
  if (!isTrusted(peer)) return { ip, shared: false };
  for (const hop of forwardedHops(headers)) {
    if (hop === UNKNOWN_HOP) return { ip: "unknown", shared: true };
    ip = plain(hop);
    if (!isTrusted(hop)) break;
  }
  return { ip, shared: false };
}

export interface AddressRules {
  /** Proxies whose word counts: addresses, networks, `loopback`. */
  readonly proxies: readonly string[];
  /** The setting they come from. */
  readonly setting: string;
  /** Whether a request was sent to an address that only proxies serve: one without a forwarding header is somebody else's, too. */
  readonly isThroughProxy?: (request: IncomingMessage) => boolean;
  readonly log: Pick<Log, "warn">;
}

/** Who asks at one door. Says once in the log when a trusted proxy does not tell its visitors apart. */
export function createAddressOf({ proxies, setting, isThroughProxy, log }: AddressRules): (request: IncomingMessage) => ClientAddress {
  const isTrusted = trusts(proxies);
  let warned = false;
  return (request) => {
    const { headers, socket } = request;
    const client = clientAddress(socket.remoteAddress, headers, isTrusted);
    const silent = isThroughProxy !== undefined && isTrusted(socket.remoteAddress) && forwardedHops(headers).length === 0;
    const shared = client.shared || (silent && isThroughProxy(request));
    if (shared && !warned) {
      warned = true;
      log.warn("a trusted proxy does not say who its visitors are, so they share one request limit", {
        proxy: plain(socket.remoteAddress),
        todo: `Have it write the visitor's address into X-Forwarded-For, or take it out of ${setting}.`,
      });
    }
    return { ip: client.ip, shared };
  };
}

/** Who asks, as the audit trail may say it. */
export function callerOf(request: IncomingMessage, { ip }: ClientAddress): Caller {
  const ua = request.headers["user-agent"]?.slice(0, MAX_USER_AGENT);
  return ua === undefined ? { ip } : { ip, ua };
}

/** Whether an address can only be this computer's. */
export const isLoopbackAddress = trusts(["loopback"]);

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
