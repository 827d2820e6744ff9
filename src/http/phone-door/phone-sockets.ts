import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Device } from "../../core/index.ts";
import type { DeviceConnections } from "./device-connections.ts";

/** The kept-alive HTTP connections on which phones showed their tokens. */
export interface PhoneSockets {
  /** For every request, before it is answered. */
  answering(request: IncomingMessage, response: ServerResponse): void;
  /** The request came with this device's token: its connection ends with it. A proxy's connection is the last phone's on it. */
  authenticated(request: IncomingMessage, response: ServerResponse, device: Device): void;
}

interface Shown {
  jti: string;
  /** Answers leave in the order of the requests: when this one has, all have. */
  latest: ServerResponse;
  letGo: () => void;
}

/** Milliseconds an answer under way may still take. */
const LAST_ANSWER_WITHIN = 1000;

export function createPhoneSockets(connections: DeviceConnections): PhoneSockets {
  const shownOn = new WeakMap<Socket, Shown>();
  return {
    answering(request, response) {
      const shown = shownOn.get(request.socket);
      if (shown) shown.latest = response;
    },
    authenticated({ socket }, response, device) {
      const known = shownOn.get(socket);
      if (known?.jti === device.jti || socket.destroyed) return;
      known?.letGo();
      const shown = known ?? { jti: device.jti, latest: response, letGo: () => undefined };
      shown.jti = device.jti;
      shown.letGo = connections.hold(device, () => endAfterAnswer(socket, shown.latest));
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
  // Said in the answer itself where there is still time, so that nobody sends another request after it.
  if (!latest.headersSent) latest.setHeader("Connection", "close");
  latest.once("close", () => socket.destroySoon());
  const late = setTimeout(() => socket.destroy(), LAST_ANSWER_WITHIN);
  socket.once("close", () => clearTimeout(late));
}
