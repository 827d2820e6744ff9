import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { rt, strict } from "./runtime.js";

/**
 * Chromium cannot navigate to `app://`, so `app://bundle/x` is shown to it as `http://bundle.app.standin.localhost/x`
 * (a trustworthy origin) and answered from protocol.handle(). Main-process code only ever sees app:// URLs.
 * Renderer code that reads location.protocol sees the difference.
 */
const handlers = new Map<string, (r: Request) => Response | Promise<Response>>();
const SUFFIX = ".standin.localhost";

export function toPageUrl(url: string) {
  const m = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)(.*)$/i.exec(url);
  return m && handlers.has(m[1]!.toLowerCase()) ? `http://${m[2]}.${m[1]}${SUFFIX}${m[3] || "/"}` : url;
}
export function fromPageUrl(url: string) {
  const m = /^http:\/\/(.+)\.([a-z][a-z0-9+-]*)\.standin\.localhost(\/.*)?$/i.exec(url);
  return m ? `${m[2]}://${m[1]}${m[3] ?? "/"}` : url;
}
export async function serve(url: string, request: { method: string; headers: Record<string, string>; postData?: string }) {
  const h = handlers.get(url.split(":")[0]!.toLowerCase());
  if (!h) return undefined;
  let res: Response;
  try {
    res = await h(
      new Request(url, { method: request.method, headers: request.headers, ...(request.postData ? { body: request.postData } : {}) }),
    );
  } catch (e) {
    rt.log(`protocol handler failed for ${url}: ${(e as Error).message}`);
    res = new Response("", { status: 500 });
  }
  return {
    responseCode: res.status,
    responseHeaders: [...res.headers].map(([name, value]) => ({ name, value })),
    body: Buffer.from(await res.arrayBuffer()).toString("base64"),
  };
}

export const protocol = strict(
  {
    registerSchemesAsPrivileged(_s: Electron.CustomScheme[]) {
      if (rt.ready) throw new Error("protocol.registerSchemesAsPrivileged should be called before app is ready");
    },
    handle(scheme: string, h: (r: Request) => Response | Promise<Response>) {
      if (handlers.has(scheme)) throw new Error(`The scheme has been intercepted or registered: ${scheme}`);
      handlers.set(scheme, h as any);
    },
    unhandle(scheme: string) {
      handlers.delete(scheme);
    },
    isProtocolHandled(scheme: string) {
      return handlers.has(scheme);
    },
  } as Pick<Electron.Protocol, "registerSchemesAsPrivileged" | "handle" | "unhandle" | "isProtocolHandled">,
  "protocol",
);

const MIME: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".json": "application/json",
  ".woff2": "font/woff2",
};
export const net = strict(
  {
    async fetch(input: any, init?: any): Promise<Response> {
      const url = typeof input === "string" ? input : input.url;
      if (!url.startsWith("file:")) return globalThis.fetch(input, init);
      const file = fileURLToPath(url);
      try {
        return new Response(await readFile(file), { headers: { "content-type": MIME[path.extname(file)] ?? "application/octet-stream" } });
      } catch {
        throw new Error("net::ERR_FILE_NOT_FOUND");
      }
    },
    isOnline() {
      return true;
    },
    online: true,
  } as Pick<Electron.Net, "fetch" | "isOnline" | "online">,
  "net",
);
