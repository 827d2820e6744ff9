import type { IncomingMessage } from "node:http";
import { hostNameOf, isLoopbackName } from "../host-name.ts";
import { DoorRefusal } from "../problem-response.ts";

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

  const isSameOrigin = ({ headers: { host, origin } }: IncomingMessage): boolean =>
    origin !== undefined && (origin === current().origin || (host !== undefined && origin === `http://${host}`));

  return {
    isSameOrigin,
    isForPublicHost(request) {
      const name = hostNameOf(request);
      return name !== undefined && !isLoopbackName(name) && name === current().hostname;
    },
    check(request) {
      const name = hostNameOf(request);
      if (name === undefined || !(isLoopbackName(name) || name === current().hostname)) throw new DoorRefusal("host_not_allowed");
      const { origin } = request.headers;
      if (origin !== undefined && !isSameOrigin(request) && request.method !== "GET" && request.method !== "HEAD")
        throw new DoorRefusal("cross_site");
    },
  };
}
