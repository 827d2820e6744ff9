import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import type { Headless } from "./headless.ts";

export interface Passing {
  readonly door: "local" | "phone";
  /** Method and path: "GET /phone/me". */
  readonly asked: string;
  readonly headers: http.IncomingHttpHeaders;
}

/** What the proxy does beside passing on. */
export interface Lies {
  /** Before a question is passed on, which waits for it. */
  readonly before?: (passing: Passing) => void | Promise<void>;
  /** What is answered in the place of the server's answer. */
  readonly answer?: (
    passing: Passing,
    answer: { readonly status: number; readonly body: any },
  ) => { status: number; body: unknown; headers?: Readonly<Record<string, string>> };
}

export interface LyingProxy {
  /** The local door's. It says itself where its phone door is. */
  readonly port: number;
  close(): void;
}

/** A server that is not what it should be: both doors of an honest one, with another answer here and there. */
export async function startLyingProxy(server: Headless, { before, answer }: Lies): Promise<LyingProxy> {
  const doors = { local: server.localAddress, phone: server.phoneAddress } as const;
  const pass = async (passing: Passing, request: http.IncomingMessage, response: http.ServerResponse, change: Lies["answer"]) => {
    await before?.(passing);
    const { host, port } = new URL(doors[passing.door]);
    const passed = http.request({
      host: "127.0.0.1",
      port,
      path: request.url,
      method: request.method,
      agent: false,
      // The server counts requests by who asks.
      localAddress: request.socket.remoteAddress,
      headers: { ...request.headers, host },
    });
    const [[answered]] = await Promise.all([once(passed, "response") as Promise<[http.IncomingMessage]>, pipeline(request, passed)]);
    const original: ReturnType<NonNullable<Lies["answer"]>> = {
      status: answered.statusCode ?? 0,
      body: JSON.parse((await answered.toArray()).join("")),
    };
    const { status, body, headers = {} } = change?.(passing, original) ?? original;
    const text = JSON.stringify(body);
    response.writeHead(status, { ...answered.headers, ...headers, "content-length": Buffer.byteLength(text) }).end(text);
  };
  const open = (door: keyof typeof doors, change: Lies["answer"]): http.Server =>
    http.createServer((request, response) => {
      const passing = { door, asked: `${request.method} ${request.url}`, headers: request.headers };
      pass(passing, request, response, change).catch(() => response.destroy());
    });

  const phone = open("phone", answer);
  const phonePort = await listen(phone);
  const local = open("local", (passing, original) => {
    if (passing.asked === "GET /healthz") return { ...original, body: { ...original.body, phone_port: phonePort } };
    return answer?.(passing, original) ?? original;
  });
  const port = await listen(local);
  return {
    port,
    close() {
      for (const door of [local, phone]) {
        door.close();
        door.closeAllConnections();
      }
    },
  };
}

async function listen(server: http.Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
