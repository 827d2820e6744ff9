import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends connections whose client sends requests and does not read the answers, which would otherwise stay in memory for as long as the
 * client wants. Some bytes must leave within `timeoutMs`.
 */
export function endSlowReaders(server: Server, timeoutMs: number): void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // Only while something waits: a stream of change events or a long poll may be silent for longer.
  const check = setInterval(() => {
    for (const socket of sockets) {
      if (socket.writableLength > 0) {
        if (socket.timeout !== timeoutMs) socket.setTimeout(timeoutMs);
      } else if (socket.timeout === timeoutMs) socket.setTimeout(0);
    }
  }, timeoutMs / 3).unref();
  server.once("close", () => clearInterval(check));
}
