import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

/** More proxies than anybody has in a row. */
const MAX_HOPS = 32;

/** A hop whose address is missing or unreadable. */
export const UNKNOWN_HOP = "unknown";

/**
 * The addresses in the forwarding headers, the last one first: an IP address, or {@link UNKNOWN_HOP}. Empty without such headers.
 * `X-Forwarded-For` takes precedence, because nearly every proxy writes it and passes on a `Forwarded` that a stranger invented;
 * otherwise `Forwarded` (RFC 7239) is read. Several header lines are one list.
 */
export function forwardedHops(headers: IncomingHttpHeaders): readonly string[] {
  const addresses = elementsOf(headers["x-forwarded-for"]).map(readNode);
  return addresses.length > 0 ? addresses : elementsOf(headers["forwarded"]).map(readElement);
}

/**
 * The elements of a list that are not empty, the last first. Commas divide even between quotes: no address contains one, and a
 * stranger's open quote must not hide what a proxy wrote after it.
 */
function elementsOf(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  const elements = (typeof header === "string" ? header : header.join(",")).split(",").map((element) => element.trim());
  return elements
    .filter((element) => element !== "" && element !== '""')
    .slice(-MAX_HOPS)
    .reverse();
}

/** One element of `Forwarded`: `for=192.0.2.60;proto=https;by=203.0.113.43`. */
function readElement(element: string): string {
  const nodes = element.split(";").flatMap((pair) => {
    const [, node] = /^\s*for\s*=(.*)$/i.exec(pair) ?? [];
    return node === undefined ? [] : [node];
  });
  const [node] = nodes;
  // With two values it is unknown which one the proxy wrote.
  return node === undefined || nodes.length > 1 ? UNKNOWN_HOP : readNode(node);
}

/** The port may be obfuscated (RFC 7239 section 6). */
const PORT = String.raw`(?::(?:\d{1,5}|_[\w.-]+))?`;
const BRACKETED = new RegExp(String.raw`^\[([0-9a-f:.]+)(?:%[\w.~-]+)?\]${PORT}$`, "i");
const IPV4 = new RegExp(String.raw`^([\d.]+)${PORT}$`);
const BARE_IPV6 = /^([0-9a-f:.]+)(?:%[\w.~-]+)?$/i;

/** `203.0.113.7:51234`, `"[2001:db8::1]:4711"`, `2001:db8::1` → the address. A zone has no meaning on another computer. */
function readNode(text: string): string {
  const trimmed = text.trim();
  const quoted = /^"(.*)"$/.exec(trimmed)?.[1];
  const node = quoted === undefined ? trimmed : quoted.replace(/\\(.)/g, "$1").trim();
  const address = [BRACKETED, IPV4, BARE_IPV6]
    .map((form) => form.exec(node)?.[1])
    .find((found) => found !== undefined && isIP(found) !== 0);
  return address ?? UNKNOWN_HOP;
}
