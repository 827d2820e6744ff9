import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

type PortSetting = "PAIRING_PORT" | "PAIRING_PHONE_PORT";
type HostSetting = "PAIRING_HOST" | "PAIRING_PHONE_HOST";

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
const PORT_CODES: ReadonlySet<string> = new Set(["EADDRINUSE", "EACCES"]);
const HOST_CODES: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "ENOTFOUND"]);
const HOST_OF = { PAIRING_PORT: "PAIRING_HOST", PAIRING_PHONE_PORT: "PAIRING_PHONE_HOST" } as const;

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
  const reasons: Record<string, string> = {
    EADDRINUSE: `The ${door} cannot open ${address}: the port is in use. Set ${variable} to another port (0 takes a free one), or stop the program that uses it.`,
    EACCES: `The ${door} cannot open ${address}: this account may not use the port. Set ${variable} to a port above 1023.`,
    EADDRNOTAVAIL: `The ${door} cannot open ${address}: this computer has no such address. Set ${HOST_OF[variable]} to one it has.`,
    ENOTFOUND: `The ${door} cannot open ${address}: the host name is not known. Set ${HOST_OF[variable]} to an address of this computer.`,
  };
  const code = cause.code ?? "";
  const sentence = reasons[code] ?? `The ${door} cannot open ${address} (${cause.code ?? cause.message}).`;
  const setting = PORT_CODES.has(code) ? variable : HOST_CODES.has(code) ? HOST_OF[variable] : undefined;
  return new DoorError(sentence, setting, cause);
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
