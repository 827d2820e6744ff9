import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Device } from "../../core/index.ts";
import type { DeviceConnections } from "../../operations/device-connections.ts";

/** The keep-alive HTTP connections on which phones have sent their tokens. */
export interface PhoneSockets {
  /** For every request, before it is answered. */
  answering(request: IncomingMessage, response: ServerResponse): void;
  /**
   * The request came with this device's token: its connection ends with it. A connection that a proxy shares between phones is not cut:
   * its next answer announces that it is the last one, so that no other phone's request is lost.
   */
  authenticated(request: IncomingMessage, response: ServerResponse, device: Device): void;
}

interface Shown {
  jti: string;
  level: Device["level"];
  /** Answers leave in the order of the requests: when this one has, all have. */
  latest: ServerResponse;
  /** Other phones may be on it as well. */
  shared: boolean;
  /** Its next answer is the last one. */
  closing: boolean;
  letGo: () => void;
}

const LAST_ANSWER_TIMEOUT_MS = 1000;

/** The headers that proxies and tunnels add. A phone that sends one gains nothing: on the connection it keeps, its token is invalid. */
const PROXY_HEADERS = ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-real-ip", "forwarded", "via"] as const;

function cameByProxy({ headers }: IncomingMessage): boolean {
  return PROXY_HEADERS.some((name) => headers[name] !== undefined);
}

export function createPhoneSockets(connections: DeviceConnections): PhoneSockets {
  const shownOn = new WeakMap<Socket, Shown>();
  const end = (socket: Socket, shown: Shown): void => {
    if (!shown.shared) {
      endAfterAnswer(socket, shown.latest);
      return;
    }
    shown.closing = true;
    if (!shown.latest.headersSent) shown.latest.setHeader("Connection", "close");
  };
  return {
    answering(request, response) {
      const shown = shownOn.get(request.socket);
      if (!shown) return;
      shown.latest = response;
      shown.shared ||= cameByProxy(request);
      if (shown.closing) response.setHeader("Connection", "close");
    },
    authenticated(request, response, device) {
      const { socket } = request;
      const known = shownOn.get(socket);
      if ((known?.jti === device.jti && known.level === device.level) || socket.destroyed) return;
      known?.letGo();
      const shown = known ?? {
        jti: "",
        level: undefined,
        latest: response,
        shared: cameByProxy(request),
        closing: false,
        letGo: () => undefined,
      };
      shown.shared ||= known !== undefined && known.jti !== device.jti;
      shown.jti = device.jti;
      shown.level = device.level;
      shown.letGo = connections.hold(device, () => end(socket, shown));
      if (known) return;
      shownOn.set(socket, shown);
      socket.once("close", () => shown.letGo());
    },
  };
}

/** At once when nothing is being answered, else after the answer. */
function endAfterAnswer(socket: Socket, latest: ServerResponse): void {
  if (latest.writableFinished || latest.destroyed) {
    socket.destroy();
    return;
  }
  // The answer itself announces the end where there is still time, so that the client sends no further request.
  if (!latest.headersSent) latest.setHeader("Connection", "close");
  latest.once("close", () => socket.destroySoon());
  const late = setTimeout(() => socket.destroy(), LAST_ANSWER_TIMEOUT_MS);
  socket.once("close", () => clearTimeout(late));
}
