import { connect, createServer, type Socket } from "node:net";
import { freePort } from "./ports.ts";

/** Passes connections on to a port of this computer, which may be another one for the next connection. */
export async function startForwarder(target: () => number): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const open = new Set<Socket>();
  const port = await freePort();
  const server = createServer((near) => {
    const far = connect(target(), "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
