import type { IncomingMessage, ServerResponse } from "node:http";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Pairing } from "../../core/index.ts";
import type { PhoneAsset } from "./assets.ts";

const EVERY_ANSWER = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  Vary: "Accept-Encoding",
} as const;

/**
 * The page may load its own script, have its own style sheet in it (known by its hash), ask its own door and post its own form;
 * nothing else inline, no frames, no device features.
 */
export function pagePolicy(styleSource: string, more: readonly string[] = []): PageHeaders {
  return {
    "Content-Security-Policy": [
      "default-src 'none'",
      "script-src 'self'",
      `style-src ${styleSource}`,
      "img-src 'self' data:",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      ...more,
    ].join("; "),
  };
}

/** The browser features that are switched off. */
const FEATURES = [
  "accelerometer",
  "autoplay",
  "camera",
  "clipboard-read",
  "clipboard-write",
  "display-capture",
  "encrypted-media",
  "fullscreen",
  "geolocation",
  "gyroscope",
  "hid",
  "identity-credentials-get",
  "idle-detection",
  "magnetometer",
  "microphone",
  "midi",
  "payment",
  "picture-in-picture",
  "publickey-credentials-create",
  "publickey-credentials-get",
  "screen-wake-lock",
  "serial",
  "usb",
  "xr-spatial-tracking",
];
/** A Permissions-Policy header that allows only these features, and only to the page itself. */
export function permissionsPolicy(...own: readonly string[]): string {
  return FEATURES.map((feature) => `${feature}=(${own.includes(feature) ? "self" : ""})`).join(", ");
}

const PAGE_HEADERS = {
  ...EVERY_ANSWER,
  Vary: "Accept-Encoding, Accept-Language, Cookie",
  "Content-Type": "text/html; charset=utf-8",
  "Cache-Control": "no-store",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Permissions-Policy": permissionsPolicy(),
  "X-Frame-Options": "DENY",
  "X-Robots-Tag": "noindex, nofollow, noarchive",
} as const;
const A_YEAR = 31_536_000;
/** Pages are a few kilobytes: a higher effort costs more time than it saves. */
const PAGE_EFFORT = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

export type PageHeaders = Readonly<Record<string, string | readonly string[]>>;

/** Browsers that reached an https address never use http there. */
export function strictTransport({ settings }: Pick<Pairing, "settings">): PageHeaders {
  return settings.baseUrl().startsWith("https:") ? { "Strict-Transport-Security": `max-age=${A_YEAR}` } : {};
}

export function isRead({ method }: IncomingMessage): boolean {
  return method === "GET" || method === "HEAD";
}

export function sendPage(request: IncomingMessage, response: ServerResponse, status: number, markup: string, headers: PageHeaders): void {
  const whole = Buffer.from(markup);
  const encoding = encodingFor(request);
  const body = encoding === "br" ? brotliCompressSync(whole, PAGE_EFFORT) : encoding === "gzip" ? gzipSync(whole) : whole;
  end(request, response, status, body, { ...PAGE_HEADERS, ...headers, ...(encoding && { "Content-Encoding": encoding }) });
}

/** A page whose contents are the same for every request. */
export function sendBuiltPage(request: IncomingMessage, response: ServerResponse, page: PhoneAsset, headers: PageHeaders): void {
  sendBuilt(request, response, page, { ...PAGE_HEADERS, ...headers });
}

/** A file whose name contains its hash: browsers may cache it for ever. */
export function sendAsset(request: IncomingMessage, response: ServerResponse, asset: PhoneAsset): void {
  sendBuilt(request, response, asset, { ...EVERY_ANSWER, "Cache-Control": `public, max-age=${A_YEAR}, immutable` });
}

/** A service worker: its address stays the same, so it is not cached. It may send requests to this door only. */
export function sendWorker(request: IncomingMessage, response: ServerResponse, worker: PhoneAsset, scope: string): void {
  sendBuilt(request, response, worker, {
    ...EVERY_ANSWER,
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
    "Service-Worker-Allowed": scope,
  });
}

function sendBuilt(request: IncomingMessage, response: ServerResponse, asset: PhoneAsset, headers: PageHeaders): void {
  const encoding = encodingFor(request);
  const packed = encoding === "br" ? asset.brotli : encoding === "gzip" ? asset.gzip : undefined;
  end(request, response, 200, packed ?? asset.body, {
    ...headers,
    "Content-Type": asset.type,
    ...(packed && encoding && { "Content-Encoding": encoding }),
  });
}

/** 303: the browser asks for the result with GET, so that neither Back nor reload posts again. */
export function redirect(request: IncomingMessage, response: ServerResponse, location: string, headers: PageHeaders): void {
  end(request, response, 303, Buffer.alloc(0), { ...PAGE_HEADERS, ...headers, Location: location });
}

function end(request: IncomingMessage, response: ServerResponse, status: number, body: Buffer, headers: PageHeaders): void {
  response.writeHead(status, { ...(headers as Record<string, string | string[]>), "Content-Length": body.length });
  response.end(request.method === "HEAD" ? undefined : body);
}

function encodingFor(request: IncomingMessage): "br" | "gzip" | undefined {
  const accepted = new Map(
    (request.headers["accept-encoding"] ?? "")
      .toLowerCase()
      .split(",")
      .map((entry) => {
        const [name = "", ...parameters] = entry.split(";").map((part) => part.trim());
        const weight = parameters.find((parameter) => parameter.startsWith("q="));
        return [name, weight === undefined ? 1 : Number(weight.slice(2))];
      }),
  );
  return (["br", "gzip"] as const).find((name) => (accepted.get(name) ?? 0) > 0);
}
