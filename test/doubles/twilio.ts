import { createHmac, randomBytes, randomUUID } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Twilio's own test numbers, and what it answers to them. */
export const MAGIC: Readonly<Record<string, readonly [status: number, code: number, message: string]>> = {
  "+15005550001": [400, 21211, "Invalid 'To' Phone Number: +1500555XXXX"],
  "+15005550002": [400, 21612, "Message cannot be sent with the current combination of 'To' and/or 'From' parameters"],
  "+15005550003": [400, 21408, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number"],
  "+15005550004": [400, 21610, "Attempt to send to unsubscribed recipient"],
  "+15005550009": [400, 21614, "'To' number is not a valid mobile number"],
};

/** Ways in which an answer fails to be one. */
export type Mischief =
  | "hang"
  | "reset"
  | "half an answer"
  | "drip"
  | "html 200"
  | "html 502"
  | "garbage 201"
  | "no sid 201"
  | "json without code"
  | "rfc 9457"
  | "redirect"
  | "empty 500";

type TwilioAnswer = readonly [number, number | undefined, string] | Mischief;

export interface TwilioMessage {
  readonly sid: string;
  readonly form: Readonly<Record<string, string>>;
  readonly headers: http.IncomingHttpHeaders;
}

export interface TwilioDouble {
  readonly url: string;
  readonly port: number;
  /** What was taken. */
  readonly messages: readonly TwilioMessage[];
  /** Every request for a message, taken or not. */
  readonly asked: readonly string[];
  /** Answers to messages to this number, from now on; nothing: the default. */
  answer(to: string, how?: TwilioAnswer | ((form: Readonly<Record<string, string>>) => TwilioAnswer | undefined)): void;
  /** Reports to this host are refused from now on, as Twilio refuses addresses that it cannot reach. */
  refuseReportsTo(host: string): void;
  /** The account's type and status: "Full" or "Trial", "active" or "suspended". */
  account: { type: string; status: string };
  /** A report as Twilio signs and sends it, to the address it was given. `via` is the server behind that address in this test. */
  report(
    message: TwilioMessage,
    status: string,
    more?: { readonly code?: number; readonly via?: string; readonly token?: string },
  ): Promise<number>;
  close(): Promise<void>;
}

const HTML = "<!doctype html><html><body><h1>Bad gateway</h1></body></html>";

/** A stand-in for Twilio's Messages API on this computer: it checks what Twilio checks, and answers by Twilio's own OpenAPI. */
export async function openTwilioDouble(account: {
  readonly sid: string;
  readonly token: string;
  readonly keys?: Readonly<Record<string, string>>;
}): Promise<TwilioDouble> {
  const messages: TwilioMessage[] = [];
  const asked: string[] = [];
  const answers = new Map<string, NonNullable<Parameters<TwilioDouble["answer"]>[1]>>();
  const unreachable = new Set<string>();
  const state = { type: "Full", status: "active" };

  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer(request, response, Buffer.concat(chunks).toString("utf8")));
  });

  function answer(request: IncomingMessage, response: ServerResponse, body: string): unknown {
    const send = (status: number, value: unknown): unknown => {
      response.writeHead(status, { "content-type": "application/json", "twilio-concurrent-requests": "1" });
      return response.end(JSON.stringify(value));
    };
    const refuse = (status: number, code: number | undefined, message: string): unknown =>
      send(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status });
    const [user = "", ...rest] = Buffer.from((request.headers.authorization ?? "").replace(/^Basic /, ""), "base64")
      .toString()
      .split(":");
    const password = rest.join(":");
    const known = (user === account.sid && password === account.token) || (user !== "" && account.keys?.[user] === password);
    if (!known) return refuse(401, 20003, "Authenticate");
    const { pathname } = new URL(request.url ?? "", "http://twilio");
    const base = `/2010-04-01/Accounts/${account.sid}`;
    if (request.method === "GET" && pathname === `${base}.json`) {
      if (user !== account.sid) return refuse(403, 20403, "Forbidden");
      return send(200, {
        sid: account.sid,
        auth_token: account.token,
        friendly_name: "Top Dog's own",
        owner_account_sid: account.sid,
        date_created: now(),
        date_updated: now(),
        ...state,
        uri: `${base}.json`,
        subresource_uris: {},
      });
    }
    if (pathname !== `${base}/Messages.json`) return refuse(404, 20404, `The requested resource ${pathname} was not found`);
    if (request.method === "GET") {
      return send(200, {
        messages: [],
        page: 0,
        page_size: 1,
        start: 0,
        end: 0,
        uri: `${base}/Messages.json`,
        first_page_uri: `${base}/Messages.json`,
      });
    }
    const form = Object.fromEntries(new URLSearchParams(body));
    const { To = "", From, MessagingServiceSid, Body = "", ValidityPeriod, StatusCallback } = form;
    asked.push(To);
    if (!/^application\/x-www-form-urlencoded/.test(request.headers["content-type"] ?? ""))
      return refuse(415, 20415, "Unsupported Media Type");
    if (To === "") return refuse(400, 21604, "A 'To' phone number is required.");
    if (Body === "") return refuse(400, 21602, "Message body is required.");
    if (Body.length > 1600) return refuse(400, 21617, "The concatenated message body exceeds the 1600 character limit");
    if (From === undefined && MessagingServiceSid === undefined) return refuse(400, 21603, "A 'From' phone number is required.");
    if (ValidityPeriod !== undefined && !(Number(ValidityPeriod) >= 1 && Number(ValidityPeriod) <= 36_000)) {
      return refuse(400, 21620, "ValidityPeriod must be between 1 and 36000");
    }
    if (StatusCallback !== undefined && (!URL.canParse(StatusCallback) || unreachable.has(new URL(StatusCallback).hostname)))
      return refuse(400, 21609, "Invalid 'StatusCallback' url");
    const answered = answers.get(To) ?? MAGIC[To];
    const how = typeof answered === "function" ? answered(form) : answered;
    if (typeof how === "string") return misbehave(how, request, response);
    if (how) return refuse(...how);
    const message: TwilioMessage = { sid: `SM${randomBytes(16).toString("hex")}`, form, headers: request.headers };
    messages.push(message);
    send(201, resource(message, base));
  }

  function resource({ sid, form }: TwilioMessage, base: string): unknown {
    const service = form["MessagingServiceSid"];
    return {
      account_sid: account.sid,
      api_version: "2010-04-01",
      body: form["Body"],
      date_created: now(),
      date_sent: null,
      date_updated: now(),
      direction: "outbound-api",
      error_code: null,
      error_message: null,
      from: form["From"] ?? null,
      messaging_service_sid: service ?? null,
      num_media: "0",
      num_segments: service === undefined ? "1" : "0",
      price: null,
      price_unit: null,
      sid,
      status: service === undefined ? "queued" : "accepted",
      subresource_uris: { media: `${base}/Messages/${sid}/Media.json` },
      to: form["To"],
      uri: `${base}/Messages/${sid}.json`,
    };
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    messages,
    asked,
    account: state,
    answer(to, how) {
      if (how === undefined) answers.delete(to);
      else answers.set(to, how);
    },
    refuseReportsTo: (host) => void unreachable.add(host),
    async report({ sid, form }, status, { code, via, token = account.token } = {}) {
      const address = form["StatusCallback"];
      if (address === undefined) throw new Error("the message asked for no report");
      const fields: Record<string, string> = {
        AccountSid: account.sid,
        ApiVersion: "2010-04-01",
        From: form["From"] ?? "",
        MessageSid: sid,
        MessageStatus: status,
        SmsSid: sid,
        SmsStatus: status,
        To: form["To"] ?? "",
        ...(code === undefined ? {} : { ErrorCode: String(code) }),
      };
      const response = await fetch(via === undefined ? address : address.replace(new URL(address).origin, via), {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          "x-twilio-signature": signReport(token, address, fields),
          "i-twilio-idempotency-token": randomUUID(),
        },
        body: new URLSearchParams(fields),
      });
      await response.text();
      return response.status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Twilio's own rule, written down a second time so that it can be compared. */
export function signReport(token: string, address: string, fields: Readonly<Record<string, string>>): string {
  const signed = Object.keys(fields)
    .sort()
    .reduce((text, name) => `${text}${name}${fields[name]}`, address);
  return createHmac("sha1", token).update(signed).digest("base64");
}

function misbehave(how: Mischief, request: IncomingMessage, response: ServerResponse): unknown {
  const say = (status: number, type: string, body: string): unknown => {
    response.writeHead(status, { "content-type": type });
    return response.end(body);
  };
  switch (how) {
    case "hang":
      return;
    case "reset":
      request.socket.resetAndDestroy();
      return;
    case "half an answer":
      response.writeHead(201, { "content-type": "application/json", "content-length": "500" });
      response.write('{"sid":"SM');
      setImmediate(() => request.socket.destroy());
      return;
    case "drip": {
      response.writeHead(201, { "content-type": "application/json" });
      const timer = setInterval(() => response.write(" "), 20);
      request.socket.once("close", () => clearInterval(timer));
      return;
    }
    case "html 200":
      return say(200, "text/html", HTML);
    case "html 502":
      return say(502, "text/html", HTML);
    case "garbage 201":
      return say(201, "application/json", '{"sid": "SM');
    case "no sid 201":
      return say(201, "application/json", '{"status":"queued"}');
    case "json without code":
      return say(400, "application/json", '{"error":"gateway"}');
    case "rfc 9457":
      return say(
        400,
        "application/problem+json",
        JSON.stringify({ type: "https://www.twilio.com/docs/api/errors/21211", title: "Invalid number", status: 400, code: 21211 }),
      );
    case "redirect":
      response.writeHead(302, { location: "http://127.0.0.1:1/" });
      response.end();
      return;
    case "empty 500":
      return say(500, "text/plain", "");
    default:
      how satisfies never;
  }
}

function now(): string {
  return new Date().toUTCString().replace("GMT", "+0000");
}
