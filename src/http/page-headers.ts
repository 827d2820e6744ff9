import type { RequestHandler } from "express";
import helmet from "helmet";

/** The policy of every page: its own files, nothing inline, in no frame. `connectSrc` and `formAction` as the page needs them. */
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
      // A loopback page has no https.
      strictTransportSecurity: false,
    }),
    (_request, response, next) => {
      response.setHeader("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), display-capture=()");
      response.setHeader("Cache-Control", "no-store");
      next();
    },
  ];
}
