import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { trusts } from "./client-address.ts";

/** The header of every answer that has the request's id, under which the log has it, too. */
export const REQUEST_ID = "X-Request-Id";

/** 32 hexadecimal digits, also as a UUID. No code, token, number or name of ours has that form, so none gets into the log by this header. */
const FORM = /^[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}$/i;

/** The id of each request at one door: the one that a caller on this computer or one of these proxies sends along, or else a new one. */
export function createRequestIds(proxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = trusts(["loopback", ...proxies]);
  return ({ headers, socket }) => {
    const given = headers["x-request-id"];
    return typeof given === "string" && FORM.test(given) && isTrusted(socket.remoteAddress) ? given : randomUUID();
  };
}

/** The id that was set at the beginning of an answer. */
export function requestIdOf(response: ServerResponse): string {
  return String(response.getHeader(REQUEST_ID));
}
