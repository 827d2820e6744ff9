import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Server } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startServer } from "./server.ts";

/** A fraction of what real clients get. */
const timeouts = { headers: 1000, request: 1500, answer: 1000, idle: 3000 };
const MANY = 15;
const eventually = { timeout: 20_000, interval: 20 };
const POST = "POST /phone/pairing/accept-invite HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

/** The server's ends of its connections, and the servers, as Node reports them. */
let accepted: Socket[];
let servers: Set<Server>;
const noteSocket = (message: unknown): void => void accepted.push((message as { socket: Socket }).socket);
const noteServer = (message: unknown): void => void servers.add((message as { server: Server }).server);
const clients: Socket[] = [];
beforeEach(() => {
  accepted = [];
  servers = new Set();
  subscribe("net.server.socket", noteSocket);
  subscribe("http.server.request.start", noteServer);
});
afterEach(() => {
  unsubscribe("net.server.socket", noteSocket);
  unsubscribe("http.server.request.start", noteServer);
  for (const client of clients.splice(0)) client.destroy();
});

interface Client {
  readonly received: () => string;
  readonly closed: () => boolean;
}

/** Sends some bytes at once and one more at a time after that, for as long as it may. */
function slowly(address: string, first: string, more: string): Client {
  let received = "";
  let closed = false;
  let drip: NodeJS.Timeout | undefined;
  const socket = connect(Number(new URL(address).port), "127.0.0.1", () => {
    socket.write(first);
    drip = setInterval(() => socket.writable && socket.write(more), 40);
  });
  clients.push(socket);
  socket.on("data", (bytes) => (received += bytes.toString()));
  socket.on("error", () => undefined);
  socket.on("close", () => {
    closed = true;
    clearInterval(drip);
  });
  return { received: () => received, closed: () => closed };
}

describe("who never finishes a request", () => {
  it("is cut off at both doors, and holds nobody up", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" }, { timeouts });
    const slow = [server.localAddress, server.phoneAddress].flatMap((address) =>
      Array.from({ length: MANY }, () => [
        slowly(address, "", ""),
        slowly(address, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n", "X: y\r\n"),
        slowly(address, `${POST}Content-Length: 10000\r\n\r\n`, " "),
        slowly(address, `${POST}Transfer-Encoding: chunked\r\n\r\n`, "1\r\n \r\n"),
      ]).flat(),
    );
    await vi.waitFor(() => expect(accepted).toHaveLength(slow.length), eventually);
    const probe = async () => {
      for (const door of ["local", "phone"] as const) expect((await server[door]("GET", "/healthz")).status).toBe(200);
    };
    await probe();
    // Held up by them, it would have come after them.
    expect(slow.some(({ closed }) => !closed())).toBe(true);
    await vi.waitFor(() => expect(slow.filter(({ closed }) => !closed())).toEqual([]), eventually);
    for (const { received } of slow) {
      expect(received()).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request_incomplete"/);
      expect(received().match(/HTTP\/1\.1/g)).toHaveLength(1);
    }
    await probe();
  });
});

describe("who asks and does not take the answers", () => {
  it("is cut off, and holds nobody up", async () => {
    const server = await startServer({ PAIRING_RATE_LIMIT_SCALE: "1000" }, { timeouts });
    // More than the kernel takes for a reader that sleeps.
    const asked = `GET /pair?code=${await server.invite()} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(1000);
    accepted.length = 0;
    const socket = connect(Number(new URL(server.phoneAddress).port), "127.0.0.1", () => socket.write(asked));
    clients.push(socket);
    socket.pause();
    socket.on("error", () => undefined);
    await vi.waitFor(() => expect(accepted[0]?.writableLength ?? 0).toBeGreaterThan(0), eventually);
    expect((await server.phone("GET", "/healthz")).status).toBe(200);
    expect(accepted[0]?.destroyed).toBe(false);
    await vi.waitFor(() => expect(accepted[0]?.destroyed).toBe(true), eventually);
    expect((await server.phone("GET", "/healthz")).status).toBe(200);
  });
});

describe("who has nothing to take", () => {
  it("is not cut off: news may be silent for longer", async () => {
    const server = await startServer({}, { timeouts });
    const stream = await fetch(`${server.localAddress}/admin/news`);
    const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain("listening");
    const slow = slowly(server.localAddress, "GET /healthz HTTP/1.1\r\n", "X: y\r\n");
    const pending = accepted.find((each) => each.writableLength === 0);
    await vi.waitFor(() => expect(slow.closed()).toBe(true), { timeout: 20_000 });
    expect(pending?.destroyed).toBe(false);
    await server.invite();
    expect((await reader.read()).value).toContain("data: invites");
    await reader.cancel();
  });
});

describe("real clients", () => {
  it("have ten seconds for a request, and no more", async () => {
    const server = await startServer();
    await server.local("GET", "/healthz");
    await server.phone("GET", "/healthz");
    expect(servers.size).toBe(2);
    for (const { headersTimeout, requestTimeout } of servers) {
      for (const limit of [headersTimeout, requestTimeout]) {
        expect(limit).toBeGreaterThan(0);
        expect(limit).toBeLessThanOrEqual(10_000);
      }
    }
  });
});
