import { createHash } from "node:crypto";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { openPhoneDoor, type PhoneDoor } from "./phone-door.ts";

const opened: PhoneDoor[] = [];
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
});
async function door(baseUrl?: string): Promise<PhoneDoor> {
  const made = await openPhoneDoor(baseUrl === undefined ? {} : { baseUrl });
  opened.push(made);
  return made;
}
/** The addresses of everything that the page, and its manifest, name. */
async function filesOf({ ask }: PhoneDoor): Promise<string[]> {
  const { text } = await ask("GET", "/inbox");
  const named = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file ?? "");
  const manifest = named.find((file) => file.endsWith(".webmanifest")) ?? "";
  const { icons } = JSON.parse((await ask("GET", manifest)).text) as { icons: { src: string }[] };
  return [...new Set([...named, ...icons.map(({ src }) => src)])];
}

describe("the inbox's page", () => {
  it("is the same for everybody, and may load nothing but its own", async () => {
    const { ask } = await door();
    const { status, headers, text } = await ask("GET", "/inbox");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
      "cross-origin-opener-policy": "same-origin",
      "x-robots-tag": "noindex, nofollow, noarchive",
    });
    expect(headers["set-cookie"]).toBeUndefined();
    const [, style = ""] = /<style>([^<]+)<\/style>/.exec(text) ?? [];
    expect(String(headers["content-security-policy"]).split("; ")).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
      "img-src 'self' data:",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "manifest-src 'self' blob:",
      "worker-src 'self'",
      "trusted-types topdog-worker",
    ]);
    expect(headers["permissions-policy"]).toContain("camera=()");
    expect(text).not.toMatch(/\{\{| style=|\son[a-z]+=|<script(?![^>]* src=)|(src|href)="(https?:)?\/\//);
    const other = await ask("GET", "/inbox?whoever", { headers: { Cookie: "topdog_device=x", "User-Agent": "somebody else" } });
    expect(other.text).toBe(text);
    expect((await ask("HEAD", "/inbox")).headers["content-length"]).toBe(String(Buffer.byteLength(text)));
  });

  it("asks for https for good where the public address has it", async () => {
    const { ask } = await door("https://pair.example.com");
    expect((await ask("GET", "/inbox")).headers["strict-transport-security"]).toBe("max-age=31536000");
  });

  it("comes as an app, whose files may be kept for ever", async () => {
    const at = await door();
    const files = await filesOf(at);
    expect(files.map((file) => file.replace(/\.[0-9a-f]{12}\./, ".")).sort()).toEqual(
      ["app.webmanifest", "icon-180.png", "icon-192.png", "icon-512.png", "inbox.js"].map((file) => `/inbox/assets/${file}`),
    );
    for (const file of files) {
      const plain = await at.ask("GET", file);
      expect([file, plain.status, plain.headers["cache-control"]]).toEqual([file, 200, "public, max-age=31536000, immutable"]);
      const packed = await at.ask("GET", file, { headers: { "Accept-Encoding": "br" } });
      if (packed.headers["content-encoding"] === "br") expect(brotliDecompressSync(packed.bytes)).toEqual(plain.bytes);
      else expect([plain.headers["content-type"], packed.bytes]).toEqual(["image/png", plain.bytes]);
    }
    const manifest = JSON.parse((await at.ask("GET", files.find((file) => file.endsWith(".webmanifest")) ?? "")).text) as object;
    expect(manifest).toMatchObject({ id: "/inbox", start_url: "/inbox", display: "standalone", name: "Top Dog" });
    for (const { src, sizes } of (manifest as { icons: { src: string; sizes: string }[] }).icons) {
      const { bytes } = await at.ask("GET", src);
      expect(`${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`).toBe(sizes);
    }
  });

  it("has a worker that nobody keeps, which answers for the inbox alone and may ask this door alone", async () => {
    const { ask } = await door();
    const { status, headers, text } = await ask("GET", "/inbox/worker.js");
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "no-store",
      "service-worker-allowed": "/inbox",
      "content-security-policy": "default-src 'none'; connect-src 'self'",
      "x-content-type-options": "nosniff",
    });
    // It is another worker whenever the page or one of its files is another one.
    const [, build = ""] = /name="build" content="([0-9a-f]{12})"/.exec((await ask("GET", "/inbox")).text) ?? [];
    expect(text).toContain(build);
  });

  it("takes at most 60 KB in all", async () => {
    const at = await door();
    const headers = { "Accept-Encoding": "gzip" };
    const page = await at.ask("GET", "/inbox", { headers });
    expect(gunzipSync(page.bytes).toString("utf8")).toContain("Inbox · Top Dog");
    const sizes = await Promise.all(
      [...(await filesOf(at)), "/inbox/worker.js"].map(async (file) => (await at.ask("GET", file, { headers })).bytes.length),
    );
    expect(sizes.reduce((sum, size) => sum + size, page.bytes.length)).toBeLessThan(60 * 1024);
  });

  it("has no other address: wrong methods and unknown paths are not found", async () => {
    const { ask } = await door();
    for (const [method, target] of [
      ["POST", "/inbox"],
      ["DELETE", "/inbox"],
      ["GET", "/inbox/"],
      ["GET", "/INBOX"],
      ["GET", "/inbox/assets/"],
      ["GET", "/inbox/assets/manifest.json"],
      ["GET", "/inbox/assets/..%2fmanifest.json"],
      ["GET", "/inbox/assets/%ff"],
      ["GET", "/inbox/worker"],
      ["POST", "/inbox/worker.js"],
      ["GET", "/inbox/inbox.html"],
    ] as const)
      expect([method, target, (await ask(method, target)).status]).toEqual([method, target, 404]);
  });
});
