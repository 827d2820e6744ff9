import type { IncomingMessage, ServerResponse } from "node:http";
import { present } from "../base/present.ts";
import { OPERATIONS, type Operation, type OperationName } from "../contract/operations.ts";
import type { Device, Log, Pairing } from "../core/index.ts";
import type { RequestContext } from "../operations/handlers.ts";
import { Later } from "../operations/later.ts";
import { WholeList } from "../operations/lists.ts";
import { FieldErrors } from "../operations/problem.ts";
import { inLanguage } from "../operations/request-language.ts";
import type { Operations } from "../operations/run.ts";
import { requestFields } from "../words/en/request-fields.ts";
import { bestLanguage, isLanguage, type Language } from "../words/languages.ts";
import { acceptedLanguages } from "./accept-language.ts";
import { authenticateCarried } from "./carried-token.ts";
import { type ClientAddress, callerOf } from "./client-address.ts";
import { type CountRequest, callerKey } from "./count-request.ts";
import type { DeviceCookies } from "./device-cookie.ts";
import { HttpError, httpProblemOf } from "./http-error.ts";
import { headerOf, type IdentifyCaller } from "./identify-caller.ts";
import { observeRequests, type RequestKind, type RequestObserver } from "./observe-requests.ts";
import { parseBody, readBody, rejectLarge } from "./read-request.ts";
import { REQUEST_ID, requestIdOf } from "./request-id.ts";
import { createRouteTree, type RouteTree } from "./route-tree.ts";

/** What a door adds to the table of operations: its access rules, and how it identifies its clients. */
export interface Door {
  readonly name: "local" | "phone";
  /** Throws for a request that this door does not accept at all. May set headers (CORS). */
  readonly guard: (request: IncomingMessage, response: ServerResponse) => void;
  readonly addressOf: (request: IncomingMessage) => ClientAddress;
  readonly requestId: (request: IncomingMessage) => string;
  /** Identifies who asks. Rejects (after its audit line) for a caller who may not run the operation. */
  readonly identify: IdentifyCaller;
  readonly count: CountRequest;
  readonly cookies: Pick<DeviceCookies, "read">;
  /** Called with the device whose token a request came with. */
  readonly authenticated?: (request: IncomingMessage, response: ServerResponse, device: Device) => void;
  /** Whether the request comes from a page of this door's own origin. */
  readonly isSameOrigin: (request: IncomingMessage) => boolean;
  /** Answers all other requests: pages, documents, files. */
  readonly pages: (request: IncomingMessage, response: ServerResponse) => void;
}

const MAX_URL = 4096;
const PLAIN_HEADERS = {
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  // A browser would show data in a frame, too: to the page around it another port of this computer is the same site.
  "X-Frame-Options": "DENY",
  "Cache-Control": "no-store",
} as const;
/** What every JSON answer has. */
export const JSON_HEADERS = { "Content-Type": "application/json; charset=utf-8", ...PLAIN_HEADERS } as const;

interface Deps {
  readonly pairing: Pick<Pairing, "authenticateDevice">;
  readonly operations: Pick<Operations, "run">;
  readonly log: Pick<Log, "error">;
  readonly requests?: RequestObserver | undefined;
}

/** A request listener for one door: operations by the table, everything else by the door's pages. */
export function createDispatch(deps: Deps, door: Door): (request: IncomingMessage, response: ServerResponse) => void {
  const routes = routesOf(door);
  const observe = observeRequests(deps.requests, door.name);

  const answer = async (request: IncomingMessage, response: ServerResponse, named?: (kind: RequestKind) => void): Promise<void> => {
    const { url = "" } = request;
    if (url.length > MAX_URL) throw new HttpError("uri_too_long");
    door.guard(request, response);
    if (response.writableEnded) return;
    const mark = url.indexOf("?");
    const route = routes.find(mark === -1 ? url : url.slice(0, mark));
    if (!route) {
      named?.("page");
      door.pages(request, response);
      return;
    }
    const operation = operationFor(route.methods, request, door);
    named?.(operation);
    await answerOperation(deps, door, operation, route.params, request, response);
  };

  return (request, response) => {
    response.setHeader(REQUEST_ID, door.requestId(request));
    const answerOrProblem = async (): Promise<void> =>
      answer(request, response, observe(request, response)).catch((thrown: unknown) => {
        sendProblem(request, response, thrown, (reason, request_id) =>
          deps.log.error("request failed", { reason, method: request.method, request_id }),
        );
      });
    // What other programs than our pages read is English, whatever language this process has.
    void inLanguage(pageLanguage(request) ?? "en", answerOrProblem);
  };
}

/** Answers with the problem that an error is. `unexpected` is called, for the log, where the error is not one of the API's. */
export function sendProblem(
  request: IncomingMessage,
  response: ServerResponse,
  thrown: unknown,
  unexpected: (reason: string | undefined, requestId: string) => void,
): void {
  const answer = httpProblemOf(thrown);
  const problem = { ...answer.problem, request_id: requestIdOf(response) };
  if (answer.unexpected) unexpected(thrown instanceof Error ? thrown.stack : "not an error", problem.request_id);
  if (response.headersSent) response.destroy();
  else send(request, response, problem.status, problem, { "Content-Type": "application/problem+json", ...answer.headers });
}

function routesOf({ name: door }: Door): RouteTree<OperationName> {
  const routes = createRouteTree<OperationName>();
  for (const [name, operation] of Object.entries(OPERATIONS) as [OperationName, Operation][])
    if (door === "local" || operation.door === "phone") routes.add(operation.path, operation.method, name);
  return routes;
}

function operationFor(methods: ReadonlyMap<string, OperationName>, { method = "" }: IncomingMessage, door: Door): OperationName {
  const name = methods.get(method === "HEAD" ? "GET" : method);
  if (name !== undefined) return name;
  if (door.name === "phone") throw new HttpError("not_found");
  throw new HttpError("method_not_allowed", { headers: { Allow: [...methods.keys()].join(", ") } });
}

/** The checks come in the order of their cost: limit, caller, device token, body, schema. */
async function answerOperation(
  { pairing, operations }: Deps,
  door: Door,
  name: OperationName,
  params: Readonly<Record<string, string>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const operation: Operation = OPERATIONS[name];
  const address = door.addressOf(request);
  door.count(request, response, operation.limit, address);
  const callerClass = await door.identify(request, operation, address);
  const device = operation.caller === "phone" ? await authenticate(pairing, door, request, operation) : undefined;
  if (device) door.authenticated?.(request, response, device);
  if (operation.body === undefined) rejectLarge(request);
  const { encoding = "json" } = operation;
  const bytes = operation.body && (await readBody(request, encoding));
  const input = {
    params: decoded(params),
    query: operation.query ? queryOf(request) : {},
    body: bytes && parseBody(bytes, encoding),
  };
  const headers: RequestContext["headers"] = {};
  const left = new AbortController();
  response.once("close", () => left.abort(CLIENT_LEFT));
  const answer = await operations.run(name, input, {
    door: door.name,
    caller: callerOf(request, address),
    callerClass: device ? "phone" : callerClass,
    addressKey: callerKey(address.ip, { shared: address.shared, oneLoopback: door.name === "local" }),
    windowKey: headerOf(request, "x-window-key"),
    language: clientLanguage(request),
    idempotencyKey: operation.idempotent ? idempotencyKeyOf(request) : undefined,
    device,
    signed: operation.signed && bytes ? { headers: singleHeaders(request), body: bytes.toString("utf8") } : undefined,
    signal: left.signal,
    headers,
  });
  if (answer instanceof WholeList) await sendWholeList(request, response, answer, headers);
  else if (answer instanceof Later) send(request, response, 202, answer.body, headers);
  else send(request, response, operation.status ?? 200, answer, headers);
}

/** Our own pages name their language. */
function pageLanguage(request: IncomingMessage): Language | undefined {
  const named = headerOf(request, "x-language");
  return isLanguage(named) ? named : undefined;
}

function clientLanguage(request: IncomingMessage): Language | undefined {
  return pageLanguage(request) ?? bestLanguage(acceptedLanguages(request));
}

/** Given as the reason, so that aborting makes no exception with a stack trace for every request. */
const CLIENT_LEFT = "the client has left";

async function authenticate(pairing: Deps["pairing"], door: Door, request: IncomingMessage, operation: Operation): Promise<Device> {
  const rule = { mayBeUnconfirmed: operation.unconfirmed === true };
  const { authorization, cookie } = request.headers;
  if (authorization !== undefined) return pairing.authenticateDevice(/^Bearer[ \t]+(\S+)$/i.exec(authorization)?.[1] ?? "?", rule);
  const carried = door.cookies.read(cookie);
  // A browser sends a cookie with every request, so only our own page's counts.
  if (carried !== undefined && !cameFromOwnPage(door, request)) throw new HttpError("cross_site");
  return authenticateCarried(pairing, carried, rule);
}

function cameFromOwnPage(door: Door, request: IncomingMessage): boolean {
  if (request.headers.origin !== undefined) return door.isSameOrigin(request);
  return (request.method === "GET" || request.method === "HEAD") && request.headers["sec-fetch-site"] === "same-origin";
}

function queryOf({ url = "" }: IncomingMessage): Record<string, string> {
  const mark = url.indexOf("?");
  return mark === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(mark)));
}

/** Sends a JSON answer with the headers that every answer has. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | readonly string[]>> = {},
): void {
  if (status === 204) {
    response.writeHead(204, { ...PLAIN_HEADERS, ...(headers as Record<string, string>) });
    response.end();
    return;
  }
  const text = JSON.stringify(body);
  response.writeHead(status, { ...JSON_HEADERS, "Content-Length": Buffer.byteLength(text), ...(headers as Record<string, string>) });
  // As text it leaves together with the headers, in one write.
  response.end(request.method === "HEAD" ? undefined : text);
}

/** A list up to this length is sent in one write, as any other answer. */
const SHORT_LIST = 64 * 1024;

/** Writes a list slice by slice, each when the one before has left. Stops reading the list when the client leaves. */
async function sendWholeList(
  request: IncomingMessage,
  response: ServerResponse,
  list: WholeList<unknown>,
  headers: Readonly<Record<string, string | readonly string[]>>,
): Promise<void> {
  let waiting = list.field === undefined ? "[" : `{${JSON.stringify(list.field)}:[`;
  const end = list.field === undefined ? "]" : "]}";
  let between = "";
  const begin = (length: number | undefined): void => {
    response.writeHead(200, {
      ...JSON_HEADERS,
      ...present({ "Content-Length": length }),
      ...(headers as Record<string, string>),
    });
  };
  for await (const slice of list.slices()) {
    if (response.destroyed) return;
    for (const item of slice) {
      waiting += between + JSON.stringify(item);
      between = ",";
    }
    if (waiting.length < SHORT_LIST) continue;
    if (!response.headersSent) begin(undefined);
    if (request.method === "HEAD") break;
    const taken = response.write(waiting);
    waiting = "";
    if (!taken) await once(response, "drain", "close");
  }
  if (!response.headersSent) begin(Buffer.byteLength(waiting + end));
  response.end(request.method === "HEAD" ? undefined : waiting + end);
}

function once(response: ServerResponse, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const event of events) response.off(event, done);
      resolve();
    };
    for (const event of events) response.on(event, done);
    if (response.destroyed) done();
  });
}

function decoded(params: Readonly<Record<string, string>>): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const name in params) {
    const text = params[name] ?? "";
    try {
      plain[name] = text.includes("%") ? decodeURIComponent(text) : text;
    } catch {
      throw new FieldErrors([{ field: name, message: requestFields.notDecodable }]);
    }
  }
  return plain;
}

function idempotencyKeyOf(request: IncomingMessage): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || key.length < 1 || key.length > 256)
    throw new FieldErrors([{ field: "Idempotency-Key", message: requestFields.keyLength }]);
  return key;
}

/** Headers that came once, by lower-case name. */
function singleHeaders({ headers }: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}
