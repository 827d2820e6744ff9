import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { present } from "../base/present.ts";
import type { Caller, Log } from "../core/index.ts";
import { forwardedHops, UNKNOWN_HOP } from "./forwarded-hops.ts";

type Address = ipaddr.IPv4 | ipaddr.IPv6;
const MAX_REMEMBERED = 1000;
const MAX_USER_AGENT = 256;

/** The client of a request, as far as this server can know it. */
export interface ClientAddress {
  /** For people and the audit trail: an IP address, or `unknown`. */
  readonly ip: string;
  /** Whether this stands for all clients whose address a proxy does not report: one of them must not use up the limit of the others. */
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
 * The client: the peer, or, when a trusted proxy forwards the request, the last address in its headers that is not itself a trusted
 * proxy. Addresses before that one are ignored, because the client may have invented them. If all are trusted, the first one is the
 * client.
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

/** The client of each request at one door. Warns once when a trusted proxy does not report its clients' addresses. */
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

/** The client, for the audit trail. */
export function callerOf(request: IncomingMessage, { ip }: ClientAddress): Caller {
  return present({ ip, ua: request.headers["user-agent"]?.slice(0, MAX_USER_AGENT) });
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

/** Caches the results for the latest addresses: most requests come from the same few clients. */
function remembered(read: (address: string) => string): (address: string) => string {
  const results = new Map<string, string>();
  return (address) => {
    const known = results.get(address);
    if (known !== undefined) return known;
    if (results.size >= MAX_REMEMBERED) results.delete(results.keys().next().value ?? "");
    const fresh = read(address);
    results.set(address, fresh);
    return fresh;
  };
}
