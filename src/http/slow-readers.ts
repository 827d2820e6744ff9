import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Ends connections whose client asks and does not take the answers: what waits for it would stay in memory for as long as it
 * likes. `within`: milliseconds in which something must have left.
 */
export function endSlowReaders(server: Server, within: number): void {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  // Only while something waits: a stream of news or a long question may be silent for longer.
  const look = setInterval(() => {
    for (const socket of sockets) {
      if (socket.writableLength > 0) {
        if (socket.timeout !== within) socket.setTimeout(within);
      } else if (socket.timeout === within) socket.setTimeout(0);
    }
  }, within / 3);
  look.unref();
  server.once("close", () => clearInterval(look));
}
