import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Log, Pairing } from "../core/index.ts";
import { type ClientAddress, callerOf } from "../http/client-address.ts";
import type { CountRequest } from "../http/count-request.ts";
import type { DeviceCookies } from "../http/device-cookie.ts";
import { errorText } from "../http/malformed-requests.ts";
import type { PhoneGuard } from "../http/phone-door/guard.ts";
import { HttpError } from "../http/problem-response.ts";
import type { DeviceConnections } from "../operations/device-connections.ts";
import type { EmbeddedBroker } from "./embedded-broker.ts";

/** The message channel of the phone door. */
export interface MqttDoor {
  /** Takes a WebSocket upgrade of {@link isMqttUpgrade}, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

interface Deps {
  readonly pairing: Pairing;
  readonly connections: DeviceConnections;
  readonly guard: PhoneGuard;
  readonly addressOf: (request: IncomingMessage) => ClientAddress;
  readonly cookies: Pick<DeviceCookies, "read">;
  readonly count: CountRequest;
  readonly rateLimitScale: () => number;
  readonly log: Log;
}

const PATH = "/mqtt";
const MAX_CONNECTIONS = 10_000;

/** Whether a request to become something else is for the message channel. */
export function isMqttUpgrade({ url = "", method, headers }: IncomingMessage): boolean {
  return method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && url.split("?", 1)[0] === PATH;
}

export function createMqttDoor({ pairing, connections, guard, addressOf, cookies, count, rateLimitScale, log }: Deps): MqttDoor {
  // The broker is loaded with the first phone that wants it: a start need not wait, and who has no such phone pays nothing.
  let loading: Promise<EmbeddedBroker> | undefined;
  const broker = (): Promise<EmbeddedBroker> =>
    (loading ??= import("./embedded-broker.ts").then(async ({ openEmbeddedBroker }) =>
      openEmbeddedBroker({ pairing, connections, rateLimitScale, log }),
    ));
  const sockets = new Set<Duplex>();
  let closing = false;

  /** Throws what the request is refused with. */
  const check = (request: IncomingMessage): void => {
    guard.check(request);
    // The guard lets pages of others read what is open to everybody; here nothing is.
    if (request.headers.origin !== undefined && !guard.isSameOrigin(request)) throw new HttpError("cross_site");
    count(request, { setHeader: () => undefined }, "other", addressOf(request));
    const protocols = request.headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
    if (!protocols.includes("mqtt") || request.headers["sec-websocket-version"] !== "13") throw new HttpError("websocket_expected");
    if (closing || sockets.size >= MAX_CONNECTIONS) throw new HttpError("too_many_connections", { headers: { "Retry-After": "60" } });
  };

  return {
    upgrade(request, socket, head) {
      socket.on("error", () => undefined);
      try {
        check(request);
      } catch (cause) {
        socket.end(errorText(cause), () => socket.destroy());
        return;
      }
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      const address = addressOf(request);
      const ownPage = request.headers.origin !== undefined;
      broker().then(
        (opened) => {
          if (closing || socket.destroyed) socket.destroy();
          else
            opened.accept({
              request,
              socket,
              head,
              caller: callerOf(request, address),
              // A cookie travels by itself, so only our own page may use it.
              cookieToken: ownPage ? cookies.read(request.headers.cookie) : undefined,
              count: (bucket) => count(request, { setHeader: () => undefined }, bucket, address),
            });
        },
        (cause: unknown) => {
          log.error("the message channel could not be loaded", { reason: String(cause) });
          socket.destroy();
        },
      );
    },
    async close() {
      closing = true;
      await loading?.then(
        (opened) => opened.close(),
        () => undefined,
      );
      for (const socket of sockets) socket.destroy();
    },
  };
}
