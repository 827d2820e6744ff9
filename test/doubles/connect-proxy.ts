import http from "node:http";
import net, { type AddressInfo, type Socket } from "node:net";

export interface ConnectProxy {
  readonly address: string;
  /** `host:port` of each CONNECT, in order. */
  readonly targets: readonly string[];
  /** `Proxy-Authorization` of each CONNECT, as far as there was one. */
  readonly logins: readonly string[];
  /** Answers the next ones with this status instead of leading on. */
  refuse(status: number | undefined): void;
  close(): Promise<void>;
}

/** A proxy (RFC 9110, CONNECT) on this computer. Every name resolves to 127.0.0.1, so that nothing leaves it. */
export async function openConnectProxy(): Promise<ConnectProxy> {
  const targets: string[] = [];
  const logins: string[] = [];
  const sockets = new Set<Socket>();
  let status: number | undefined;
  const server = http.createServer((_request, response) => response.writeHead(405).end());
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
  });
  server.on("connect", (request, socket) => {
    targets.push(request.url ?? "");
    const login = request.headers["proxy-authorization"];
    if (login !== undefined) logins.push(Buffer.from(login.replace(/^Basic /, ""), "base64").toString());
    socket.on("error", () => socket.destroy());
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = net.connect(Number((request.url ?? "").split(":").at(-1)), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      onward.pipe(socket).pipe(onward);
    });
    sockets.add(onward);
    onward.on("error", () => socket.destroy());
    socket.on("close", () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    logins,
    refuse(next) {
      status = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
