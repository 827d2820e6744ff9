import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Pairing } from "../../core/index.ts";
import { authenticateCarried } from "../carried-token.ts";
import { type ClientAddress, callerOf } from "../client-address.ts";
import type { CountRequest } from "../count-request.ts";
import type { DeviceCookies } from "../device-cookie.ts";
import { HttpError } from "../http-error.ts";
import { errorText } from "../malformed-requests.ts";
import { REQUEST_ID } from "../request-id.ts";
import type { UpgradeHandler } from "../upgrade-handler.ts";
import type { PhoneGuard } from "./guard.ts";

/** The WebSockets of the phone door. */
export interface PhoneUpgrades {
  /** Whether this upgrade is for the handler; any other request is answered without its upgrade. */
  isMeant(request: IncomingMessage): boolean;
  /** Hands the upgrade to the handler, or answers why not. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

interface Deps {
  readonly pairing: Pick<Pairing, "authenticateDevice">;
  readonly handler: UpgradeHandler;
  readonly guard: PhoneGuard;
  readonly addressOf: (request: IncomingMessage) => ClientAddress;
  readonly cookies: Pick<DeviceCookies, "read">;
  readonly requestId: (request: IncomingMessage) => string;
  readonly count: CountRequest;
}

const MAX_CONNECTIONS = 10_000;
const NO_HEADERS = { setHeader: () => undefined };

export function createPhoneUpgrades({ pairing, handler, guard, addressOf, requestId, cookies, count }: Deps): PhoneUpgrades {
  const sockets = new Set<Duplex>();
  let closing = false;

  /** Throws what the request is refused with. */
  const check = (request: IncomingMessage): void => {
    const { headers } = request;
    guard.check(request);
    // The guard lets pages of other origins read what is open to everybody; here nothing is.
    if (headers.origin !== undefined && !guard.isSameOrigin(request)) throw new HttpError("cross_site");
    count(request, NO_HEADERS, "other", addressOf(request));
    const protocols = headers["sec-websocket-protocol"]?.split(",").map((name) => name.trim()) ?? [];
    if (!protocols.includes(handler.protocol) || headers["sec-websocket-version"] !== "13") throw new HttpError("websocket_expected");
    if (closing || sockets.size >= MAX_CONNECTIONS) throw new HttpError("too_many_connections", { headers: { "Retry-After": "60" } });
  };

  return {
    isMeant: ({ url = "", method, headers }) =>
      method === "GET" && headers.upgrade?.toLowerCase() === "websocket" && url.split("?", 1)[0] === handler.path,
    upgrade(request, socket, head) {
      socket.on("error", () => undefined);
      const id = requestId(request);
      const reject = (cause: unknown): void => void socket.end(errorText(cause, id), () => socket.destroy());
      try {
        check(request);
      } catch (cause) {
        reject(cause);
        return;
      }
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      const address = addressOf(request);
      const { origin, cookie } = request.headers;
      // A browser sends a cookie with every request, so only our own page's counts.
      const carried = origin === undefined ? undefined : cookies.read(cookie);
      handler.accept({
        request,
        socket,
        head,
        answerHeaders: [`${REQUEST_ID}: ${id}`],
        reject: () => reject(new HttpError("websocket_expected")),
        caller: callerOf(request, address),
        authenticate: (token) => (token === undefined ? authenticateCarried(pairing, carried) : pairing.authenticateDevice(token)),
        count: (bucket) => count(request, NO_HEADERS, bucket, address),
      });
    },
    async close() {
      closing = true;
      await handler.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
