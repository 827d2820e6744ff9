import { createHash, randomUUID } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { SignJWT } from "jose";

/** How a message is answered: status, code and detail of a problem (RFC 7807), or a way in which an answer fails to be one. */
export type VonageAnswer =
  | readonly [status: number, code: string, detail?: string]
  | "hang"
  | "reset"
  | "html 200"
  | "html 502"
  | "no id 202"
  | "redirect";

export interface VonageMessage {
  readonly uuid: string;
  readonly content: Readonly<Record<string, any>>;
}

export interface ReportChoice {
  readonly code?: string;
  /** The server behind the report's address in this test. */
  readonly via?: string;
  readonly secret?: string;
  /** What the token says instead. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface VonageDouble {
  readonly url: string;
  readonly port: number;
  /** What was taken. */
  readonly messages: readonly VonageMessage[];
  /** Every request for a message, taken or not. */
  readonly asked: readonly string[];
  /** Answers to messages to this number, from now on; nothing: the default. */
  answer(to: string, how?: VonageAnswer | ((content: Readonly<Record<string, any>>) => VonageAnswer | undefined)): void;
  /** A report as Vonage signs and sends it, to the address it was given. */
  report(message: VonageMessage, status: string, choice?: ReportChoice): Promise<number>;
  close(): Promise<void>;
}

const TYPES = "https://developer.vonage.com/api-errors";

/** A token as Vonage's webhooks carry it. */
export async function signedBy(secret: string, apiKey: string, body: string, claims: Readonly<Record<string, unknown>> = {}) {
  const hash = createHash("sha256").update(body).digest("hex");
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ api_key: apiKey, payload_hash: hash, iss: "Vonage", iat: now, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .sign(new TextEncoder().encode(secret));
}

/** A stand-in for Vonage's Messages API, version 1, on this computer, by its public description. */
export async function openVonageDouble(account: {
  readonly key: string;
  readonly secret: string;
  readonly signatureSecret: string;
}): Promise<VonageDouble> {
  const messages: VonageMessage[] = [];
  const asked: string[] = [];
  const answers = new Map<string, NonNullable<Parameters<VonageDouble["answer"]>[1]>>();

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(request, response, Buffer.concat(chunks).toString("utf8")));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: string): unknown {
    const send = (status: number, value: unknown, type = "application/json"): unknown => {
      response.writeHead(status, { "content-type": type });
      return response.end(JSON.stringify(value));
    };
    const refuse = (status: number, code: string, detail = "Look it up."): unknown =>
      send(
        status,
        { type: `${TYPES}${/^\d+$/.test(code) ? "/messages" : ""}#${code}`, title: code, detail, instance: randomUUID() },
        "application/problem+json",
      );
    const basic = Buffer.from(`${account.key}:${account.secret}`).toString("base64");
    if (request.headers.authorization !== `Basic ${basic}`) return refuse(401, "unauthorized");
    if (request.method === "GET" && request.url === "/account/get-balance") return send(200, { value: 10.28, autoReload: false });
    if (request.method !== "POST" || request.url !== "/v1/messages") return refuse(404, "not-found");
    const content = JSON.parse(body) as Record<string, any>;
    const { to, from, text, ttl, message_type, channel, webhook_url } = content;
    asked.push(to);
    if (message_type !== "text" || channel !== "sms" || typeof text !== "string" || text === "") return refuse(422, "1010");
    if (!/^[1-9]\d{6,14}$/.test(to)) return refuse(422, "1170");
    if (typeof from !== "string" || from.startsWith("+")) return refuse(422, "1120");
    if (text.length > 1000) return refuse(422, "1090");
    if (ttl !== undefined && !(Number.isInteger(ttl) && ttl >= 20 && ttl <= 604_800)) return refuse(422, "1130", "Invalid ttl");
    if (webhook_url !== undefined && !URL.canParse(webhook_url)) return refuse(422, "1020", "Invalid webhook_url");
    const answered = answers.get(to);
    const how = typeof answered === "function" ? answered(content) : answered;
    if (typeof how === "object") return refuse(...how);
    switch (how) {
      case "hang":
        return undefined;
      case "reset":
        return request.socket.resetAndDestroy();
      case "html 200":
      case "html 502":
        response.writeHead(Number(how.slice(5)), { "content-type": "text/html" });
        return response.end("<!doctype html><h1>Sign in</h1>");
      case "no id 202":
        return send(202, { ok: true });
      case "redirect":
        response.writeHead(302, { location: "https://example.com/" });
        return response.end();
      default: {
        const message = { uuid: randomUUID(), content };
        messages.push(message);
        return send(202, { message_uuid: message.uuid });
      }
    }
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    messages,
    asked,
    answer(to, how) {
      if (how === undefined) answers.delete(to);
      else answers.set(to, how);
    },
    async report({ uuid, content }, status, { code, via, secret = account.signatureSecret, claims } = {}) {
      const address = content["webhook_url"] as string | undefined;
      if (address === undefined) throw new Error("the message asked for no report");
      const body = JSON.stringify({
        channel: "sms",
        message_uuid: uuid,
        to: content["to"],
        from: content["from"],
        timestamp: new Date().toISOString(),
        status,
        usage: { currency: "EUR", price: "0.0333" },
        ...(code === undefined ? {} : { error: { type: `${TYPES}/messages#${code}`, title: Number(code), detail: "-", instance: uuid } }),
      });
      const response = await fetch(via === undefined ? address : address.replace(new URL(address).origin, via), {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${await signedBy(secret, account.key, body, claims)}` },
        body,
      });
      return response.status;
    },
    close: async () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
