import type { IncomingMessage } from "node:http";
import { authorityOf, hostName, hostNameOf, isLoopbackName } from "../host-name.ts";
import { HttpError } from "../http-error.ts";

export interface PhoneGuard {
  readonly check: (request: IncomingMessage) => void;
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
  /** Whether a request was sent to the public address, and not to this computer by one of its own names. */
  readonly isForPublicHost: (request: IncomingMessage) => boolean;
}

/** Answers to the public address's host and to loopback names; changes nothing for pages of other origins. */
export function createPhoneGuard(baseUrl: () => string): PhoneGuard {
  let address = "";
  let base = { hostname: "", origin: "" };
  const current = (): typeof base => {
    // Parsed anew only when the address changes, as with a tunnel that comes up.
    const now = baseUrl();
    if (now !== address) {
      address = now;
      const { hostname, origin } = new URL(now);
      base = { hostname, origin };
    }
    return base;
  };

  const isSameOrigin = (request: IncomingMessage): boolean => {
    const { origin } = request.headers;
    if (origin === undefined) return false;
    const { origin: own, hostname } = current();
    if (origin === own) return true;
    // Without https anybody on the way could have made that page, so it does not belong to an https address. Requests to this computer's
    // own names do not cross a network.
    const host = authorityOf(request);
    const name = host === undefined ? undefined : hostName(host);
    if (name === undefined || origin !== `http://${host}`) return false;
    return isLoopbackName(name) || (name === hostname && own.startsWith("http:"));
  };

  return {
    isSameOrigin,
    isForPublicHost(request) {
      const name = hostNameOf(request);
      return name !== undefined && !isLoopbackName(name) && name === current().hostname;
    },
    check(request) {
      const name = hostNameOf(request);
      if (name === undefined || !(isLoopbackName(name) || name === current().hostname)) throw new HttpError("host_not_allowed");
      const { origin } = request.headers;
      if (origin !== undefined && !isSameOrigin(request) && request.method !== "GET" && request.method !== "HEAD")
        throw new HttpError("cross_site");
    },
  };
}
