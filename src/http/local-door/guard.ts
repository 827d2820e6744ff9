import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { trusts } from "../client-address.ts";
import type { DoorSettings } from "../door-settings.ts";
import { authorityOf, hostName, hostNameOf, isLoopbackName } from "../host-name.ts";
import { HttpError } from "../http-error.ts";

/** The headers that tunnels and proxies add. At this door they show that strangers can reach it. */
const TUNNEL_HEADERS = ["x-forwarded-for", "forwarded", "cf-connecting-ip", "tailscale-user-login"] as const;

export interface LocalGuard {
  readonly check: (request: IncomingMessage, response: ServerResponse) => void;
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
}

/**
 * Keeps web pages and tunnels out of the local door: own host names only (a rebound name is rejected),
 * own and allowed origins only, no forwarded requests. Answers preflight requests of allowed origins itself.
 */
export function createLocalGuard(settings: DoorSettings): LocalGuard {
  const allowedHosts = new Set(settings.allowedHosts.map((name) => hostName(name) ?? name.toLowerCase()));
  const allowedOrigins = new Set(settings.allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, "")));
  const isProxy = trusts(settings.localTrustProxy);

  const isSameOrigin = (request: IncomingMessage): boolean => {
    const { origin, "sec-fetch-site": site } = request.headers;
    const host = authorityOf(request);
    if (host === undefined || site === "cross-site" || site === "same-site") return false;
    if (origin === `https://${host}`) return true;
    // Without https anybody on the way could have made that page. Behind a proxy only its headers and the browser's show that there is
    // https. An https page is accepted either way: of two proxies in a row, the inner one often reports http.
    return origin === `http://${host}` && !(isProxy(request.socket.remoteAddress) && saysHttps(request.headers));
  };

  return {
    isSameOrigin,
    check(request, response) {
      const name = hostNameOf(request);
      if (name === undefined || !(isLoopbackName(name) || allowedHosts.has(name))) throw new HttpError("host_not_allowed");
      const { headers } = request;
      if (TUNNEL_HEADERS.some((header) => headers[header] !== undefined) && !isProxy(request.socket.remoteAddress)) {
        throw new HttpError("tunnel_at_local_door", {
          params: { reason: "port", port: settings.ports().phone_port },
        });
      }
      const { origin } = headers;
      if (origin !== undefined && !isSameOrigin(request)) {
        if (!allowedOrigins.has(origin.toLowerCase())) throw new HttpError("cross_site");
        allow(request, response, origin);
        return;
      }
      if (headers["sec-fetch-site"] === "cross-site") throw new HttpError("cross_site");
    },
  };
}

/** Whether a proxy on the way was reached over https. */
function saysHttps(headers: IncomingHttpHeaders): boolean {
  const schemes = [headers["x-forwarded-proto"] ?? []].flat().join(",").split(",");
  return (
    schemes.some((scheme) => /^\s*"?https"?\s*$/i.test(scheme)) ||
    /(?:^|[,;])\s*proto\s*=\s*"?https"?\s*(?:[,;]|$)/i.test(headers.forwarded ?? "")
  );
}

function allow(request: IncomingMessage, response: ServerResponse, origin: string): void {
  response.setHeader("Access-Control-Allow-Origin", origin);
  response.setHeader("Vary", "Origin");
  response.setHeader("Access-Control-Expose-Headers", "Retry-After, RateLimit, RateLimit-Policy, X-Request-Id");
  if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] === undefined) return;
  response.writeHead(204, {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE",
    "Access-Control-Allow-Headers": "content-type, x-admin-token, x-local-key, x-window-key, authorization, idempotency-key",
    "Access-Control-Max-Age": "600",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
  });
  response.end();
}
