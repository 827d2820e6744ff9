import { readFileSync } from "node:fs";
import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Log } from "../core/index.ts";
import { limitKey } from "./client-address.ts";

/** How many connections each door may have. */
export interface ConnectionCaps {
  readonly local: number;
  readonly phone: number;
}

/** Descriptors that storage, logs, providers and tunnels need. */
const RESERVED_FOR_FILES = 128;
const MAX_LOCAL_CONNECTIONS = 512;
const MAX_PHONE_CONNECTIONS = 20_000;
/** Used when the system does not report its limit. macOS and Windows allow more. */
const ASSUMED_OPEN_FILES = 8192;
/** The part of a door that one address may have. Many phones of one network come from one address. */
const SHARE_OF_ONE_ADDRESS = 4;

/** Divides the open files of this process: however many connections the phone door has, the local door answers and files can be written. */
export function capsFor(openFiles: number): ConnectionCaps {
  const reserved = Math.min(RESERVED_FOR_FILES, Math.floor(openFiles / 4));
  const local = Math.max(8, Math.min(MAX_LOCAL_CONNECTIONS, Math.floor(openFiles / 8)));
  return { local, phone: Math.max(8, Math.min(MAX_PHONE_CONNECTIONS, openFiles - reserved - local)) };
}

/** How many files and connections this process may have open. Node.js has raised it as far as the system allows. */
export function openFilesLimit(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined || soft === "unlimited" ? ASSUMED_OPEN_FILES : Number(soft);
  } catch {
    return ASSUMED_OPEN_FILES;
  }
}

/** Closes connections of a door beyond its cap; idle ones make room for the next. */
export function capConnections(server: Server, most: number): void {
  server.maxConnections = most;
  server.on("drop", () => server.closeIdleConnections());
}

/**
 * Closes connections of one address beyond its part of the door. Proxies are exempt (`isProxy`), because all phones may come from one.
 * Warns once in the log.
 */
export function capEachAddress(
  server: Server,
  most: number,
  isProxy: (address: string | undefined) => boolean,
  log: Pick<Log, "warn">,
): void {
  const held = new Map<string, number>();
  const seen = new WeakSet<Socket>();
  const share = Math.max(8, Math.floor(most / SHARE_OF_ONE_ADDRESS));
  let warned = false;
  server.on("connection", (socket: Socket) => {
    const { remoteAddress } = socket;
    // A connection is announced again when an upgrade was passed over.
    if (remoteAddress === undefined || seen.has(socket) || isProxy(remoteAddress)) return;
    seen.add(socket);
    const key = limitKey(remoteAddress);
    const count = (held.get(key) ?? 0) + 1;
    if (count > share) {
      if (!warned) log.warn("one address holds too many connections; more of it are closed", { address: remoteAddress, most: share });
      warned = true;
      socket.destroy();
      return;
    }
    held.set(key, count);
    socket.once("close", () => {
      const left = (held.get(key) ?? 1) - 1;
      if (left > 0) held.set(key, left);
      else held.delete(key);
    });
  });
}
