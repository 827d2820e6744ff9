import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Operation, OperationName } from "../contract/operations.ts";
import { OPERATIONS } from "../contract/operations.ts";
import type { Reply } from "../contract/pairing-api.ts";
import type { Log, Pairing } from "../core/index.ts";
import { createBrokerSupervisor } from "../mqtt/broker-supervisor.ts";
import { createMqttDoor, isMqttUpgrade, type MqttDoor } from "../mqtt/mqtt-door.ts";
import { createDeviceConnections, type DeviceConnections } from "../operations/device-connections.ts";
import { WholeList } from "../operations/lists.ts";
import { createLongPolls } from "../operations/long-polls.ts";
import { createRemoteHandlers } from "../operations/remote-routes.ts";
import { createHandlers } from "../operations/routes.ts";
import { type AdminGate, createAdminGate } from "./admin-gate.ts";
import { callerOf, createAddressOf, trusts } from "./client-address.ts";
import { capConnections, capEachAddress, capsFor, openFilesLimit } from "./connection-caps.ts";
import { createCountRequest } from "./count-request.ts";
import { createDispatch, type Door, send } from "./dispatch.ts";
import type { DoorSettings } from "./door-settings.ts";
import { hostName, isLoopbackName, readTarget } from "./host-name.ts";
import { createLocalGuard } from "./local-door/guard.ts";
import { createNewsStream } from "./local-door/news-stream.ts";
import { refuseMalformed } from "./malformed-requests.ts";
import { createPhoneGuard } from "./phone-door/guard.ts";
import { createPhoneSockets } from "./phone-door/phone-sockets.ts";
import { problemOf } from "./problem-response.ts";
import { readInput } from "./read-request.ts";
import { endSlowReaders } from "./slow-readers.ts";

export interface DoorFiles {
  /** Where the build put the settings page and the phone's pages. */
  readonly rendererFolder: string;
  readonly phoneFolder: string;
  readonly version: string;
}

export interface Doors {
  /** One operation asked from inside this process, as the desktop's page does; its own door, so no limits and no gate. */
  readonly ask: (operation: OperationName, input: unknown) => Promise<Reply<unknown>>;
  /** Loads what only some requests need. Never rejects. */
  warmUp(): Promise<void>;
  /** Finishes what is in flight, at most four seconds. */
  close(): Promise<void>;
}

type DoorVariable = "PAIRING_PORT" | "PAIRING_PHONE_PORT";
type HostVariable = "PAIRING_HOST" | "PAIRING_PHONE_HOST";

/** A door could not be opened. The message names the address and the way out. */
export class DoorError extends Error {
  override readonly name = "DoorError";
  /** The setting that has to be another, when that would do. */
  readonly setting: DoorVariable | HostVariable | undefined;

  constructor(message: string, setting: DoorError["setting"], cause: unknown) {
    super(message, { cause });
    this.setting = setting;
  }
}

/** Reasons that another port, or another host, is the answer to. */
const PORT_REASONS: ReadonlySet<string> = new Set(["EADDRINUSE", "EACCES"]);
const HOST_REASONS: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "ENOTFOUND"]);
const HOST_OF = { PAIRING_PORT: "PAIRING_HOST", PAIRING_PHONE_PORT: "PAIRING_PHONE_HOST" } as const;

const FINISH_WITHIN = 4000;
/** While a door closes, this is how long a connection that has been answered may stay open. */
const CLOSE_ANSWERED_EVERY = 20;

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

const PATIENCE: Timeouts = { headers: 5000, request: 10_000, answer: 10_000, idle: 30_000 };
/** How often a request is looked at before it has taken too long. */
const LOOKS = 5;

/** Both addresses taken, nobody answered yet: requests wait until the product is there. */
export interface BoundDoors {
  readonly localPort: number;
  readonly phonePort: number;
  /** Starts answering. */
  open(pairing: Pairing, settings: DoorSettings, files: DoorFiles, log: Log): Doors;
  /** A request is answered only when this does not throw: else its connection ends without a word. */
  answerWhile(check: () => void): void;
  /** Ends all connections at once, and takes no more. */
  abort(): void;
  close(): Promise<void>;
}

export interface DoorAddresses {
  readonly localHost: string;
  readonly localPort: number;
  readonly phoneHost: string;
  readonly phonePort: number;
}

/** Takes both addresses before anything is touched on disk. Rejects with {@link DoorError}. */
export async function bindDoors(
  addresses: DoorAddresses,
  timeouts: Timeouts = PATIENCE,
  openFiles: number = openFilesLimit(),
): Promise<BoundDoors> {
  const caps = capsFor(openFiles);
  const local = waitingServer(timeouts);
  const phone = waitingServer(timeouts);
  capConnections(local.server, caps.local);
  capConnections(phone.server, caps.phone);
  const localPort = await listen(local.server, addresses.localHost, addresses.localPort, "local door", "PAIRING_PORT");
  const phonePort = await listen(phone.server, addresses.phoneHost, addresses.phonePort, "phone door", "PAIRING_PHONE_PORT").catch(
    async (cause: unknown) => {
      await stop(local.server);
      throw cause;
    },
  );
  const close = async (): Promise<void> => {
    await Promise.all([stop(local.server), stop(phone.server)]);
  };
  return {
    localPort,
    phonePort,
    close,
    answerWhile(check) {
      for (const { server } of [local, phone]) {
        server.prependListener("request", (request: IncomingMessage) => endUnless(check, request.socket));
        // A request whose time ran out while this process was paused gets its refusal before anything else is done.
        server.prependListener("clientError", (_: Error, socket: Duplex) => endUnless(check, socket));
      }
    },
    abort() {
      for (const { server } of [local, phone]) {
        server.close();
        server.closeAllConnections();
      }
    },
    open(pairing, settings, files, log) {
      // On loopback all callers are this computer's own.
      if (!isLoopbackName(hostName(addresses.localHost) ?? ""))
        capEachAddress(local.server, caps.local, trusts(settings.localTrustProxy), log);
      capEachAddress(phone.server, caps.phone, trusts(settings.trustProxy), log);
      return openDoors(pairing, settings, files, log, local, phone, close);
    },
  };
}

function endUnless(check: () => void, socket: Duplex): void {
  try {
    check();
  } catch {
    socket.destroy();
  }
}

function openDoors(
  pairing: Pairing,
  settings: DoorSettings,
  files: DoorFiles,
  log: Log,
  localServer: WaitingServer,
  phoneServer: WaitingServer,
  close: () => Promise<void>,
): Doors {
  const connections = createDeviceConnections(pairing);
  const polls = createLongPolls();
  const broker = createBrokerSupervisor(pairing, settings, log);
  const handlers = createHandlers(pairing, settings, createRemoteHandlers(pairing, connections, polls), broker.status);
  const gate = createAdminGate(pairing, settings);
  const changeEvents = createNewsStream(pairing, () => settings.localDoorGated || settings.inUse().adminRequired);
  const local = localDoor(pairing, settings, files, log, gate, changeEvents.open);
  const phone = phoneDoor(pairing, settings, files, log, connections);

  localServer.answerWith(createDispatch(pairing, handlers, local.door, log));
  phoneServer.answerWith(createDispatch(pairing, handlers, phone.door, log));
  phoneServer.upgradeWith(isMqttUpgrade, phone.mqtt.upgrade);
  // Express takes a tenth of a second to load: after the doors are open, before the first page is asked for.
  setImmediate(() => void Promise.allSettled([local.load(), phone.load()]));

  return {
    async ask(name, input) {
      try {
        const operation: Operation = OPERATIONS[name];
        const read = readInput(operation, { params: input, query: input, body: input });
        const handle = handlers[name] as (input: unknown, context: unknown) => Promise<unknown>;
        const answer = await handle(read, {
          door: "local",
          caller: { ua: "desktop" },
          idempotencyKey: undefined,
          device: undefined,
          headers: {},
          signed: undefined,
          whenLeft: () => undefined,
        });
        return { ok: true, value: answer instanceof WholeList ? await answer.collect() : answer };
      } catch (thrown) {
        const { problem, retryAfter, unexpected } = problemOf(thrown);
        if (unexpected) log.error("question failed", { operation: name, reason: thrown instanceof Error ? thrown.stack : "not an error" });
        return { ok: false, problem: retryAfter === undefined ? problem : { ...problem, retry_after: retryAfter } };
      }
    },
    async warmUp() {
      await Promise.allSettled([local.load(), phone.load(), import("../operations/qr-picture.ts")]);
    },
    async close() {
      changeEvents.closeAll();
      polls.closeAll();
      await Promise.all([phone.mqtt.close(), broker.close(), close()]);
      connections.close();
    },
  };
}

interface LazyDoor {
  readonly door: Door;
  readonly load: () => Promise<unknown>;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Pages that are loaded once, at the first request or before. While they cannot be, each request is answered with a problem. */
function lazily(load: () => Promise<Listener>, log: Log): { pages: Listener; load: () => Promise<Listener> } {
  let loaded: Promise<Listener> | undefined;
  let failure: string | undefined;
  const once = (): Promise<Listener> => {
    loaded ??= load().then(
      (listener) => {
        failure = undefined;
        return listener;
      },
      (cause: unknown) => {
        // The next request tries again: what was missing may be there.
        loaded = undefined;
        const reason = String(cause);
        // Once, however many ask while it lasts.
        if (reason !== failure) log.error("pages unavailable", { reason });
        failure = reason;
        throw cause;
      },
    );
    return loaded;
  };
  return {
    load: once,
    pages(request, response) {
      once().then(
        (listener) => listener(request, response),
        (cause: unknown) => {
          const { problem, headers } = problemOf(cause);
          send(request, response, problem.status, problem, { "Content-Type": "application/problem+json", ...headers });
        },
      );
    },
  };
}

function localDoor(pairing: Pairing, settings: DoorSettings, files: DoorFiles, log: Log, gate: AdminGate, openNews: Listener): LazyDoor {
  const guard = createLocalGuard(settings);
  const addressOf = createAddressOf({ proxies: settings.localTrustProxy, setting: "PAIRING_LOCAL_TRUST_PROXY", log });
  const { pages, load } = lazily(async () => {
    const [{ createPages }, { localPages }] = await Promise.all([import("./pages.ts"), import("./local-door/pages.ts")]);
    const router = localPages({
      rendererFolder: files.rendererFolder,
      version: files.version,
      gated: settings.localDoorGated,
      admit: (request, _response, next) => {
        gate.checkPage(request, addressOf(request)).then(() => next(), next);
      },
      admitToNews: (request, _response, next) => {
        gate.checkNews(request, addressOf(request)).then(() => next(), next);
      },
      openNews,
    });
    return createPages(router, "local", log);
  }, log);
  return {
    load,
    door: {
      name: "local",
      guard: guard.check,
      isSameOrigin: guard.isSameOrigin,
      addressOf,
      cookies: settings.cookies,
      checkAdmin: gate.checkOperation,
      count: createCountRequest(() => settings.inUse().rateLimitScale, pairing.now, { unlimited: ["other"], oneLoopback: true }),
      pages,
    },
  };
}

function phoneDoor(
  pairing: Pairing,
  settings: DoorSettings,
  files: DoorFiles,
  log: Log,
  connections: DeviceConnections,
): LazyDoor & { readonly mqtt: MqttDoor } {
  const guard = createPhoneGuard(pairing.settings.baseUrl);
  const sockets = createPhoneSockets(connections);
  const addressOf = createAddressOf({
    proxies: settings.trustProxy,
    setting: "PAIRING_TRUST_PROXY",
    isThroughProxy: guard.isForPublicHost,
    log,
  });
  const rateLimitScale = (): number => settings.inUse().rateLimitScale;
  const count = createCountRequest(rateLimitScale, pairing.now);
  const { pages, load } = lazily(async () => {
    const [{ createPages }, { phonePages }, { readPhoneAssets }] = await Promise.all([
      import("./pages.ts"),
      import("./phone-door/pages.ts"),
      import("./phone-door/assets.ts"),
    ]);
    const router = phonePages(readPhoneAssets(files.phoneFolder), {
      pairing,
      computerName: settings.computerName,
      callerOf: (request) => callerOf(request, addressOf(request)),
      count: (request, bucket, response) => count(request, response, bucket, addressOf(request)),
      deviceCookies: settings.deviceCookies,
      isSameOrigin: guard.isSameOrigin,
    });
    return createPages(router, "phone", log);
  }, log);
  return {
    load,
    mqtt: createMqttDoor({ pairing, connections, guard, addressOf, cookies: settings.cookies, count, rateLimitScale, log }),
    door: {
      name: "phone",
      guard(request, response) {
        sockets.answering(request, response);
        guard.check(request);
      },
      isSameOrigin: guard.isSameOrigin,
      addressOf,
      cookies: settings.cookies,
      // Nothing at this door is the admin's: what is gated is not served here at all.
      checkAdmin: async () => undefined,
      count,
      authenticated: sockets.authenticated,
      pages,
    },
  };
}

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface WaitingServer {
  readonly server: Server;
  readonly answerWith: (listener: Listener) => void;
  /** Hands over the upgrades that are meant. Who asks for any other one gets its answer without. */
  readonly upgradeWith: (isMeant: (request: IncomingMessage) => boolean, listener: UpgradeListener) => void;
}

/** A server whose first visitors wait until there is somebody to answer them. */
function waitingServer(timeouts: Timeouts): WaitingServer {
  const waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  let answerNow: Listener = (request, response) => void waiting.push([request, response]);
  /** Of each connection: answers leave in the order of the requests, so when this one has left, all have. */
  const latest = new WeakMap<Duplex, ServerResponse>();
  const answer: Listener = (request, response) => {
    latest.set(request.socket, response);
    readTarget(request);
    answerNow(request, response);
  };
  const server = createServer(
    {
      headersTimeout: timeouts.headers,
      requestTimeout: timeouts.request,
      keepAliveTimeout: timeouts.idle,
      connectionsCheckingInterval: timeouts.request / LOOKS,
      maxHeaderSize: 16 * 1024,
    },
    answer,
  );
  // An expectation that nobody knows is no reason to refuse (RFC 9110 section 10.1.1).
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
          const asked = request.url ?? "";
          readTarget(request);
          if (isMeant(request)) listener(request, socket, head);
          else askAgain(server, asked, request, socket, head);
        });
      });
    },
  };
}

/** Calls `go` once the answer has left, if the connection goes on then. Node.js hands an upgrade over before. */
function afterAnswers(answer: ServerResponse | undefined, socket: Duplex, go: () => void): void {
  if (!answer || answer.writableFinished || answer.destroyed) {
    go();
    return;
  }
  // Nobody else listens to it meanwhile.
  socket.on("error", () => undefined);
  answer.once("close", () => {
    if (!socket.destroyed && !socket.writableEnded) go();
  });
}

/** An offer to speak another protocol may be passed over (RFC 9110 section 7.8): the request is read once more, without it. */
function askAgain(
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

function listen(server: Server, host: string, port: number, door: string, variable: DoorVariable): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const place = `${host}:${port}`;
      const reasons: Record<string, string> = {
        EADDRINUSE: `The ${door} cannot open ${place}: the port is in use. Set ${variable} to another port (0 takes a free one), or stop the program that uses it.`,
        EACCES: `The ${door} cannot open ${place}: this account may not use the port. Set ${variable} to a port above 1023.`,
        EADDRNOTAVAIL: `The ${door} cannot open ${place}: this computer has no such address. Set ${HOST_OF[variable]} to one it has.`,
        ENOTFOUND: `The ${door} cannot open ${place}: the host name is not known. Set ${HOST_OF[variable]} to an address of this computer.`,
      };
      const code = cause.code ?? "";
      const sentence = reasons[code] ?? `The ${door} cannot open ${place} (${cause.code ?? cause.message}).`;
      const setting = PORT_REASONS.has(code) ? variable : HOST_REASONS.has(code) ? HOST_OF[variable] : undefined;
      reject(new DoorError(sentence, setting, cause));
    });
    server.listen(port, host.replace(/^\[|\]$/g, ""), () => {
      server.removeAllListeners("error");
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** Answers what was asked before and what still comes on open connections, each of which ends with its answer. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
      response.setHeader("Connection", "close");
    });
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_ANSWERED_EVERY);
    const force = setTimeout(() => server.closeAllConnections(), FINISH_WITHIN);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
