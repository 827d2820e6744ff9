import { readFile } from "node:fs/promises";
import path from "node:path";
import { type CustomScheme, protocol } from "electron";
import { sayError } from "../words/say.ts";

const SCHEME = "app";
const ORIGIN = `${SCHEME}://bundle`;
/** The page's address: an origin of its own, which no web page and no file can have. */
export const PAGE_ADDRESS = `${ORIGIN}/index.html`;

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".ttf": "font/ttf",
  ".woff2": "font/woff2",
};

/** Its own files and nothing else: what the page wants of the outside it asks over IPC. */
const HEADERS = {
  "Content-Security-Policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "form-action 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
} as const;

/** For the one call of `protocol.registerSchemesAsPrivileged` that an app has: before it is ready, or the scheme has no origin. */
export const PAGE_SCHEME: CustomScheme = { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } };

export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([PAGE_SCHEME]);
}

/** Serves the built settings page, and of the disk nothing else. */
export function servePage(rendererFolder: string): void {
  protocol.handle(SCHEME, async ({ url }) => {
    const file = fileFor(rendererFolder, url);
    const content = file === undefined ? undefined : await readFile(file).catch(() => undefined);
    if (file === undefined || content === undefined) return new Response(sayError("not_found"), { status: 404, headers: HEADERS });
    return new Response(new Uint8Array(content), {
      headers: { ...HEADERS, "Content-Type": TYPES[path.extname(file)] ?? "application/octet-stream" },
    });
  });
}

export function stopServingPage(): void {
  protocol.unhandle(SCHEME);
}

export function isPage(address: string): boolean {
  return address === ORIGIN || address.startsWith(`${ORIGIN}/`);
}

function fileFor(folder: string, address: string): string | undefined {
  try {
    const { host, pathname } = new URL(address);
    const file = path.join(folder, decodeURIComponent(pathname));
    return host === "bundle" && file.startsWith(folder + path.sep) && !file.includes("\0") ? file : undefined;
  } catch {
    return undefined;
  }
}
