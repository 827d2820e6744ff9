import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { say } from "../../words/say.ts";
import { trusts } from "../client-address.ts";
import { capConnections, capEachAddress, capsFor, openFilesLimit } from "../connection-caps.ts";
import { hostName, isLoopbackName } from "../host-name.ts";
import type { DoorDeps } from "./door-deps.ts";
import { createDoorServer, DEFAULT_TIMEOUTS, type Timeouts } from "./door-server.ts";
import { listen, stop } from "./listen.ts";
import { openLocalDoor } from "./local.ts";
import { openPhoneDoor } from "./phone.ts";

/** Both addresses are taken and nobody answers yet: requests wait for {@link BoundDoors.open}. */
export interface BoundDoors {
  readonly localPort: number;
  readonly phonePort: number;
  /** Starts answering. */
  open(deps: DoorDeps): Doors;
  /** A request is answered only when this does not throw; otherwise its connection is closed without an answer. */
  answerWhile(check: () => void): void;
  /** Ends all connections at once and takes no more. */
  abort(): void;
  close(): Promise<void>;
}

export interface Doors {
  /** Loads what only some requests need. Never rejects. */
  warmUp(): Promise<unknown>;
  /** Finishes what is in flight, within four seconds. */
  close(): Promise<void>;
}

export interface DoorAddresses {
  readonly localHost: string;
  readonly localPort: number;
  readonly phoneHost: string;
  readonly phonePort: number;
}

/** Takes both addresses, before anything changes on disk. Rejects with `DoorError`. */
export async function bindDoors(
  addresses: DoorAddresses,
  timeouts: Timeouts = DEFAULT_TIMEOUTS,
  openFiles: number = openFilesLimit(),
): Promise<BoundDoors> {
  const caps = capsFor(openFiles);
  const local = createDoorServer(timeouts);
  const phone = createDoorServer(timeouts);
  const servers = [local.server, phone.server];
  capConnections(local.server, caps.local);
  capConnections(phone.server, caps.phone);
  const localPort = await listen(local.server, addresses.localHost, addresses.localPort, say("server.localDoor"), "PAIRING_PORT");
  const phonePort = await listen(
    phone.server,
    addresses.phoneHost,
    addresses.phonePort,
    say("server.phoneDoor"),
    "PAIRING_PHONE_PORT",
  ).catch(async (cause: unknown) => {
    await stop(local.server);
    throw cause;
  });
  const close = async (): Promise<void> => {
    await Promise.all(servers.map(stop));
  };
  return {
    localPort,
    phonePort,
    close,
    answerWhile(check) {
      for (const server of servers) {
        server.prependListener("request", (request: IncomingMessage) => endUnless(check, request.socket));
        // A request that timed out while this process was paused is refused here, before anything else.
        server.prependListener("clientError", (_: Error, socket: Duplex) => endUnless(check, socket));
      }
    },
    abort() {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
    open(deps) {
      const { settings, log } = deps;
      // On loopback every caller is this computer.
      if (!isLoopbackName(hostName(addresses.localHost) ?? ""))
        capEachAddress(local.server, caps.local, trusts(settings.localTrustProxy), log);
      capEachAddress(phone.server, caps.phone, trusts(settings.trustProxy), log);
      const localDoor = openLocalDoor(local, deps);
      const phoneDoor = openPhoneDoor(phone, deps);
      const load = async (): Promise<unknown> => Promise.allSettled([localDoor.load(), phoneDoor.load()]);
      // Express takes a tenth of a second to load: after the doors open, and before the first page is asked for.
      setImmediate(() => void load());
      return {
        warmUp: load,
        async close() {
          localDoor.closeNews();
          await Promise.all([phoneDoor.closeUpgrades(), close()]);
        },
      };
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
