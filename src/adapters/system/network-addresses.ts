import { networkInterfaces } from "node:os";

/** The ranges that home and office networks use (RFC 1918). */
const PRIVATE = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/;

/** This computer's own addresses on the networks around it. Read anew each time: a laptop moves. */
export function networkAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ family, internal, address }) => family === "IPv4" && !internal && PRIVATE.test(address))
    .map(({ address }) => address);
}
