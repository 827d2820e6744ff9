/** A door's address as it is printed. */
export function addressOf(host: string, port: number): string {
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${port}`;
}

/** Listening addresses that no client can connect to. */
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", "[::]"]);

/** Whether a door with this address listens on every network of the computer. */
export function isWildcard(host: string): boolean {
  return WILDCARDS.has(host);
}

/** The address at which this computer reaches a door that listens there. */
export function reachableAddressOf(host: string, port: number): string {
  return addressOf(isWildcard(host) ? "127.0.0.1" : host, port);
}
