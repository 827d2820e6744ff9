import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { readTarget } from "../host-name.ts";
import { refuseMalformed } from "../malformed-requests.ts";
import { endSlowReaders } from "../slow-readers.ts";

/** How long a client may take, in milliseconds. */
export interface Timeouts {
  /** From the first byte of a request, or the connection, to the end of its headers. */
  readonly headers: number;
  /** To the end of its body. */
  readonly request: number;
  /** To take some of an answer. */
  readonly answer: number;
  /** Between two requests. */
  readonly idle: number;
}

export const DEFAULT_TIMEOUTS: Timeouts = { headers: 5000, request: 10_000, answer: 10_000, idle: 30_000 };
/** How often the server checks a request during its timeout. */
const CHECKS_PER_TIMEOUT = 5;

export type RequestListener = (request: IncomingMessage, response: ServerResponse) => void;
type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A server that takes connections before anybody answers them. */
export interface DoorServer {
  readonly server: Server;
  /** Answers the requests that have waited, and all later ones. */
  readonly answerWith: (listener: RequestListener) => void;
  /** Hands over the upgrades that are meant. A request for any other upgrade is answered without it. */
  readonly upgradeWith: (isMeant: (request: IncomingMessage) => boolean, listener: UpgradeListener) => void;
}

export function createDoorServer(timeouts: Timeouts): DoorServer {
  const waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  let answerNow: RequestListener = (request, response) => void waiting.push([request, response]);
  /** The newest response of each connection. Responses leave in the order of the requests: after this one, all have left. */
  const latest = new WeakMap<Duplex, ServerResponse>();
  const answer: RequestListener = (request, response) => {
    latest.set(request.socket, response);
    readTarget(request);
    answerNow(request, response);
  };
  const options: ServerOptions & { shouldUpgradeCallback: (request: IncomingMessage) => boolean } = {
    headersTimeout: timeouts.headers,
    requestTimeout: timeouts.request,
    keepAliveTimeout: timeouts.idle,
    connectionsCheckingInterval: timeouts.request / CHECKS_PER_TIMEOUT,
    maxHeaderSize: 16 * 1024,
    // Of an announced upgrade, Node.js 26 reads the body itself, and it could not be parsed again. Older than 22.21, it does not ask.
    shouldUpgradeCallback: (request) => !hasBody(request),
  };
  const server = createServer(options, answer);
  // A server may ignore an expectation that it does not know (RFC 9110 section 10.1.1).
  server.on("checkExpectation", answer);
  refuseMalformed(server);
  endSlowReaders(server, timeouts.answer);
  return {
    server,
    answerWith(listener) {
      answerNow = listener;
      for (const [request, response] of waiting.splice(0)) listener(request, response);
    },
    upgradeWith(isMeant, listener) {
      server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        afterAnswers(latest.get(socket), socket, () => {
          const url = request.url ?? "";
          readTarget(request);
          if (!hasBody(request) && isMeant(request)) listener(request, socket, head);
          else parseAgain(server, url, request, socket, head);
        });
      });
    },
  };
}

/** A WebSocket's request has none (RFC 6455 section 4.1). */
function hasBody({ headers }: IncomingMessage): boolean {
  return (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
}

/** Calls `go` when the answer has left, unless the connection ends with it. Node.js announces an upgrade earlier. */
function afterAnswers(answer: ServerResponse | undefined, socket: Duplex, go: () => void): void {
  if (!answer || answer.writableFinished || answer.destroyed) {
    go();
    return;
  }
  // Node.js has removed its own listener, and an error without one would end the process.
  socket.on("error", () => undefined);
  answer.once("close", () => {
    if (!socket.destroyed && !socket.writableEnded) go();
  });
}

/** A server may ignore the offer of another protocol (RFC 9110 section 7.8): it parses the request again, without the offer. */
function parseAgain(
  server: Server,
  url: string,
  { method = "", httpVersion, rawHeaders }: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2)
    if (rawHeaders[index]?.toLowerCase() !== "upgrade") lines.push(`${rawHeaders[index]}: ${rawHeaders[index + 1]}`);
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
}
