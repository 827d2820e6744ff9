import { createDecipheriv, createECDH, createPublicKey, type ECDH, hkdfSync, randomBytes, verify } from "node:crypto";
import http from "node:http";
import type { AddressInfo } from "node:net";

/** What a browser says of itself when it subscribes, and what it needs to read what comes. */
export interface PushedPhone {
  readonly subscription: { readonly endpoint: string; readonly keys: { readonly p256dh: string; readonly auth: string } };
  /** What was pushed, decrypted, in order. */
  readonly received: Pushed[];
}
export interface Pushed {
  readonly body: any;
  readonly headers: http.IncomingHttpHeaders;
  readonly bytes: number;
  /** What the VAPID token says, its signature checked. */
  readonly vapid: { readonly aud: string; readonly exp: number; readonly sub: string; readonly key: string };
}

export interface PushService {
  readonly address: string;
  subscribe(): PushedPhone;
  /** How the next requests for this phone are answered. `hang`: not at all. */
  answer(phone: PushedPhone, how: number | "hang"): void;
  /** Resolves when so many requests have come since the start. */
  came(count: number): Promise<void>;
  close(): Promise<void>;
}

/** A push service (RFC 8030) that reads what only a browser could read: RFC 8291 and 8292 with Node's own cryptography. */
export async function startPushService(): Promise<PushService> {
  const phones = new Map<string, { readonly phone: PushedPhone; readonly curve: ECDH; readonly auth: Buffer }>();
  const moods = new Map<string, number | "hang">();
  const waiting: { readonly count: number; readonly wake: () => void }[] = [];
  let requests = 0;

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const path = request.url ?? "";
      const known = phones.get(path);
      const mood = moods.get(path) ?? 201;
      if (known && mood === 201) {
        const bytes = Buffer.concat(chunks);
        known.phone.received.push({
          body: JSON.parse(decrypt(bytes, known.curve, known.auth)),
          headers: request.headers,
          bytes: bytes.length,
          vapid: readVapid(request.headers.authorization ?? ""),
        });
      }
      if (mood !== "hang") response.writeHead(known ? mood : 404, mood === 302 ? { location: "http://127.0.0.1:1/" } : {}).end("words");
      requests += 1;
      for (const { count, wake } of waiting) if (requests >= count) wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    address,
    subscribe() {
      const curve = createECDH("prime256v1");
      curve.generateKeys();
      const auth = randomBytes(16);
      const path = `/push/${randomBytes(16).toString("base64url")}`;
      const phone: PushedPhone = {
        subscription: {
          endpoint: address + path,
          keys: { p256dh: curve.getPublicKey("base64url"), auth: auth.toString("base64url") },
        },
        received: [],
      };
      phones.set(path, { phone, curve, auth });
      return phone;
    },
    answer: ({ subscription }, how) => void moods.set(subscription.endpoint.slice(address.length), how),
    came: (count) =>
      new Promise((wake) => {
        if (requests >= count) wake();
        else waiting.push({ count, wake });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** `aes128gcm` of one record (RFC 8188), its key as RFC 8291 says. */
function decrypt(bytes: Buffer, curve: ECDH, auth: Buffer): string {
  const salt = bytes.subarray(0, 16);
  const keyLength = bytes.readUInt8(20);
  const serverKey = bytes.subarray(21, 21 + keyLength);
  const sealed = bytes.subarray(21 + keyLength);
  const about = Buffer.concat([Buffer.from("WebPush: info\0"), curve.getPublicKey(), serverKey]);
  const secret = Buffer.from(hkdfSync("sha256", curve.computeSecret(serverKey), auth, about, 32));
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: aes128gcm\0", 16));
  const nonce = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: nonce\0", 12));
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const opened = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  // The last record ends with a 2 and zeros.
  return opened.subarray(0, opened.lastIndexOf(2)).toString("utf8");
}

function readVapid(authorization: string): Pushed["vapid"] {
  const [, head = "", claims = "", signature = "", key = ""] =
    /^vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)$/.exec(authorization) ?? [];
  const raw = Buffer.from(key, "base64url");
  const publicKey = createPublicKey({
    key: { kty: "EC", crv: "P-256", x: raw.subarray(1, 33).toString("base64url"), y: raw.subarray(33).toString("base64url") },
    format: "jwk",
  });
  const good = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key: publicKey, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!good) throw new Error("the VAPID token is not signed by its key");
  return { ...JSON.parse(Buffer.from(claims, "base64url").toString("utf8")), key };
}
