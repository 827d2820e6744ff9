import type { RequestHandler } from "express";
import helmet from "helmet";

/** What every page of ours is allowed: its own files, nothing inline, nobody's frame. `connect` and forms as the page needs them. */
export function pageHeaders(
  directives: { readonly connectSrc?: "'self'"; readonly formAction?: "'self'" } = {},
): readonly RequestHandler[] {
  return [
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'"],
          imgSrc: ["'self'", "data:"],
          fontSrc: ["'self'"],
          connectSrc: [directives.connectSrc ?? "'none'"],
          formAction: [directives.formAction ?? "'none'"],
          baseUri: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
      crossOriginOpenerPolicy: { policy: "same-origin" },
      crossOriginResourcePolicy: { policy: "same-origin" },
      referrerPolicy: { policy: "no-referrer" },
      xFrameOptions: { action: "deny" },
      // The address decides about https, not we: a loopback page has none.
      strictTransportSecurity: false,
    }),
    (_request, response, next) => {
      response.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()");
      response.setHeader("Cache-Control", "no-store");
      next();
    },
  ];
}
