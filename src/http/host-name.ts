import type { IncomingMessage } from "node:http";

/** Hosts that request targets named, which count instead of the header Host. `""`: none that can be read. */
const targetHosts = new WeakMap<IncomingMessage, string>();

/**
 * Makes `GET http://host/path` a `GET /path`, as every server must take it (RFC 9112 section 3.2.2), and remembers the host. Call it
 * before anybody reads the request's address.
 */
export function readTarget(request: IncomingMessage): void {
  const [whole, authority = "", rest = ""] = /^https?:\/\/([^/?#]*)([^#]*)$/i.exec(request.url ?? "") ?? [];
  if (whole === undefined) return;
  targetHosts.set(request, authority);
  request.url = rest.startsWith("/") ? rest : `/${rest}`;
}

/** Host and port that a request was sent to. `undefined` when there are none, or more than one. */
export function authorityOf(request: IncomingMessage): string | undefined {
  let host: string | undefined;
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== 4 || name.toLowerCase() !== "host") continue;
    if (host !== undefined) return undefined;
    host = rawHeaders[index + 1];
  }
  return targetHosts.get(request) ?? host;
}

/**
 * The one host name a request was sent to, in lower case without port and trailing dot. `undefined` when there is none, more than
 * one, or a request target that is no address here.
 */
export function hostNameOf(request: IncomingMessage): string | undefined {
  if (!request.url?.startsWith("/")) return undefined;
  const host = authorityOf(request);
  return host === undefined ? undefined : hostName(host);
}

const HOST = /^(?:(\[[0-9a-f:]+\])|([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)\.?)(?::\d{1,5})?$/;

/** `LOCALHOST.:8000` → `localhost`; `undefined` when it is no host. */
export function hostName(host: string): string | undefined {
  const [, address, name] = HOST.exec(host.toLowerCase()) ?? [];
  return address ?? name;
}

const LOOPBACK_NAMES: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"]);

export function isLoopbackName(name: string): boolean {
  return LOOPBACK_NAMES.has(name);
}
