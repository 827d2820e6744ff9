import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { say } from "../../words/say.ts";

type PortSetting = "PAIRING_PORT" | "PAIRING_PHONE_PORT" | "PAIRING_METRICS_PORT";
type HostSetting = "PAIRING_HOST" | "PAIRING_PHONE_HOST" | "PAIRING_METRICS_HOST";

/** A door cannot be opened. The message names the address and what to do. */
export class DoorError extends Error {
  override readonly name = "DoorError";
  /** The one setting to change, where that helps. */
  readonly setting: PortSetting | HostSetting | undefined;

  constructor(message: string, setting: DoorError["setting"], cause: unknown) {
    super(message, { cause });
    this.setting = setting;
  }
}

/** Failures that another port, or another host, solves. */
/** What to change when an address cannot be opened: the port, or the host. */
const LISTEN_FAILURES: Readonly<
  Record<
    string,
    { readonly change: "port" | "host"; readonly sentence: `server.${"portInUse" | "portForbidden" | "noSuchAddress" | "unknownHost"}` }
  >
> = {
  EADDRINUSE: { change: "port", sentence: "server.portInUse" },
  EACCES: { change: "port", sentence: "server.portForbidden" },
  EADDRNOTAVAIL: { change: "host", sentence: "server.noSuchAddress" },
  ENOTFOUND: { change: "host", sentence: "server.unknownHost" },
};
const HOST_OF = {
  PAIRING_PORT: "PAIRING_HOST",
  PAIRING_PHONE_PORT: "PAIRING_PHONE_HOST",
  PAIRING_METRICS_PORT: "PAIRING_METRICS_HOST",
} as const;

const FINISH_TIMEOUT_MS = 4000;
/** While a door closes, a connection that has been answered is closed within this time. */
const CLOSE_IDLE_EVERY_MS = 20;

/** Resolves with the port. Rejects with {@link DoorError}. */
export function listen(server: Server, host: string, port: number, door: string, variable: PortSetting): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(doorError(cause, `${host}:${port}`, door, variable)));
    server.listen(port, host.replace(/^\[|\]$/g, ""), () => {
      server.removeAllListeners("error");
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function doorError(cause: NodeJS.ErrnoException, address: string, door: string, variable: PortSetting): DoorError {
  const code = cause.code ?? cause.message;
  const known = LISTEN_FAILURES[code];
  if (!known) return new DoorError(say("server.cannotOpen", { door, address, code }), undefined, cause);
  const setting = known.change === "port" ? variable : HOST_OF[variable];
  return new DoorError(say(known.sentence, { door, address, variable: setting }), setting, cause);
}

/** Answers what is in flight and what still arrives on open connections, each of which closes with its answer. */
export function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.prependListener("request", (_request: IncomingMessage, response: ServerResponse) => {
      response.setHeader("Connection", "close");
    });
    const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
    const force = setTimeout(() => server.closeAllConnections(), FINISH_TIMEOUT_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}
