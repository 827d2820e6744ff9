import { randomUUID } from "node:crypto";
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { PairingError } from "../core/index.ts";
import { JSON_HEADERS } from "./dispatch.ts";
import { HttpError, httpProblemOf } from "./http-error.ts";
import { REQUEST_ID } from "./request-id.ts";

/**
 * Answers a request that Node's parser cannot read with a problem document, and closes the connection: the end of such a request is
 * uncertain, so the next one could be a part of it.
 */
export function refuseMalformed(server: Server): void {
  server.on("clientError", (fault: NodeJS.ErrnoException, socket: Duplex) => {
    if (socket.writable && mayAnswer(socket)) socket.write(errorText(errorFor(fault.code), randomUUID()));
    socket.destroy(fault);
  });
}

function errorFor(code: string | undefined): Error {
  if (code === "HPE_HEADER_OVERFLOW") return new HttpError("headers_too_large");
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new HttpError("request_incomplete");
  return new PairingError("invalid_request", { params: { reason: "not_http" } });
}

/** False while a complete request waits for its answer: this one would be taken for it. Node stores the answer under way at its socket. */
function mayAnswer(socket: Duplex & { readonly _httpMessage?: (ServerResponse & { readonly req: IncomingMessage }) | null }): boolean {
  const answer = socket._httpMessage;
  return !answer || (!answer.headersSent && !answer.req.complete);
}

/** A whole answer as text, for connections that Node does not answer any more. */
export function errorText(error: unknown, requestId: string): string {
  const { problem, headers: own } = httpProblemOf(error);
  const body = JSON.stringify({ ...problem, request_id: requestId });
  const headers = {
    ...JSON_HEADERS,
    "Content-Type": "application/problem+json",
    "Content-Length": String(Buffer.byteLength(body)),
    [REQUEST_ID]: requestId,
    ...own,
    Connection: "close",
  };
  const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}\r\n`);
  return `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ""}\r\n${lines.join("")}\r\n${body}`;
}
