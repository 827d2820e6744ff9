import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { isLoopback } from "../../base/loopback.ts";
import { say } from "../../words/say.ts";
import { hostNameOf, isLoopbackName, readTarget } from "../host-name.ts";
import { listen, stop } from "./listen.ts";

/** Metrics as text, with its media type. */
export interface Exposition {
  readonly type: string;
  readonly text: string;
}

const TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 64;
const HEADERS = { "Content-Type": "text/plain; charset=utf-8", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store" } as const;

/** Answers `GET /metrics` and nothing else, without asking who wants to know. Rejects with `DoorError` when the address is not free. */
export async function openMetricsDoor(
  host: string,
  port: number,
  read: () => Promise<Exposition>,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer(
    { headersTimeout: TIMEOUT_MS, requestTimeout: TIMEOUT_MS, keepAliveTimeout: TIMEOUT_MS * 12 },
    (request, response) => {
      answer(request, response).catch(() => response.destroy());
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    readTarget(request);
    if (!isMeant(request, host)) {
      response.writeHead(404, HEADERS).end();
      return;
    }
    const { type, text } = await read();
    response.writeHead(200, { ...HEADERS, "Content-Type": type }).end(request.method === "HEAD" ? undefined : text);
  };
  const taken = await listen(server, host, port, say("server.metricsDoor"), "PAIRING_METRICS_PORT");
  return { port: taken, close: async () => stop(server) };
}

function isMeant(request: IncomingMessage, host: string): boolean {
  const { method, url = "" } = request;
  if ((method !== "GET" && method !== "HEAD") || !/^\/metrics(?:\?|$)/.test(url)) return false;
  // A page on the web whose name points to this computer could read them otherwise.
  return !isLoopback(host) || isLoopbackName(hostNameOf(request) ?? "");
}
