import type { IncomingMessage } from "node:http";

/**
 * The one host name a request was sent to, in lower case without port and trailing dot. `undefined` when there is none, more than
 * one, or a request target that names another server (RFC 9112 section 3.2: such a target overrides Host).
 */
export function hostNameOf(request: IncomingMessage): string | undefined {
  if (!request.url?.startsWith("/")) return undefined;
  let host: string | undefined;
  const { rawHeaders } = request;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length !== 4 || name.toLowerCase() !== "host") continue;
    if (host !== undefined) return undefined;
    host = rawHeaders[index + 1];
  }
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
