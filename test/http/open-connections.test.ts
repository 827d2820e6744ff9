import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import path from "node:path";
import { describe, expect, it, vi } from "vitest";
import { createDeviceConnections } from "../../src/operations/device-connections.ts";
import { phoneBody, startServer, type TestServer } from "./server.ts";

/** A kept-alive connection to the phone door, spoken to by hand, so that nothing opens another one behind our back. */
interface Line {
  readonly socket: Socket;
  readonly received: () => string;
  say(text: string): void;
  /** Resolves when the server has seen the head of a request that waits for this. */
  continued(): Promise<void>;
  /** Asks for the own device and answers the status. */
  me(credential: string): Promise<number>;
  /** Resolves when the server has ended the connection; rejects when it has not for far longer than it may take. */
  ended(): Promise<void>;
}

async function open(server: TestServer): Promise<Line> {
  const { hostname, port } = new URL(server.phoneAddress);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  let received = "";
  socket.setEncoding("utf8").on("data", (text: string) => (received += text));
  // A reset ends a connection as well.
  socket.on("error", () => undefined);
  const gone = once(socket, "close");
  const answers = (): RegExpMatchArray[] => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)];
  return {
    socket,
    received: () => received,
    say: (text) => void socket.write(text),
    continued: () => vi.waitFor(() => expect(received).toContain("100 Continue"), { timeout: 20_000, interval: 2 }),
    async me(credential) {
      const before = answers().length;
      socket.write(`GET /phone/me HTTP/1.1\r\nHost: 127.0.0.1\r\n${credential}\r\n\r\n`);
      await vi.waitFor(() => expect(answers().length > before && received.endsWith("}")).toBe(true), { timeout: 20_000, interval: 2 });
      return Number(answers().at(-1)?.[1]);
    },
    ended: async () => {
      await Promise.race([gone, new Promise((_, reject) => setTimeout(reject, 10_000, new Error("still open")).unref())]);
    },
  };
}

const bearer = (token: string): string => `Authorization: Bearer ${token}`;
const acceptHead = (body: string): string =>
  `POST /phone/pairing/accept-invite HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`;
const cookie = (token: string): string => `Cookie: topdog_device=${token}\r\nSec-Fetch-Site: same-origin`;

let server: TestServer;

/** Two phones of ada's and one of bob's, each with a connection that it showed its token on. */
async function threePhones(): Promise<{ readonly lines: readonly [Line, Line, Line]; readonly tokens: readonly [string, string, string] }> {
  server = await startServer();
  const tokens = [await server.pair("one", "ada"), await server.pair("two", "ada"), await server.pair("one", "bob")] as const;
  const lines = [await open(server), await open(server), await open(server)] as const;
  for (const [index, line] of lines.entries()) expect(await line.me((index === 1 ? cookie : bearer)(tokens[index]!))).toBe(200);
  return { lines, tokens };
}

describe("a phone's open connection", () => {
  it.each<[string, (token: string) => Promise<unknown>]>([
    ["revoked", async () => server.local("DELETE", "/phone/devices/one?user_id=ada")],
    ["suspended", async () => server.local("POST", "/phone/devices/one/suspend?user_id=ada")],
    ["revoked with all others of its user", async () => server.local("POST", "/phone/devices/revoke-all", { body: { user_id: "ada" } })],
    [
      "unpaired by itself elsewhere",
      async (token) => server.phone("DELETE", "/phone/me", { headers: { authorization: `Bearer ${token}` } }),
    ],
    ["paired again", async () => server.pair("one", "ada")],
  ])("ends when the phone is %s, and other phones' stay", async (how, change) => {
    const { lines, tokens } = await threePhones();
    await change(tokens[0]);
    await lines[0].ended();
    if (how.includes("all others")) await lines[1].ended();
    else expect(await lines[1].me(cookie(tokens[1]))).toBe(200);
    expect(await lines[2].me(bearer(tokens[2]))).toBe(200);
  });

  it("stays when the phone is renamed or reactivated, and when a pairing that replaces nobody is made", async () => {
    const { lines, tokens } = await threePhones();
    await server.local("PATCH", "/phone/devices/two", { body: { device_name: "Ada's other phone" } });
    await server.local("POST", "/phone/devices/two/reactivate");
    await server.pair("three", "ada");
    // A revocation afterwards has been seen to by now: so had the others been.
    await server.local("DELETE", "/phone/devices/one?user_id=bob");
    await lines[2].ended();
    expect(await lines[1].me(cookie(tokens[1]))).toBe(200);
  });

  it("ends after the answer when the phone unpairs itself on it", async () => {
    const { lines, tokens } = await threePhones();
    lines[0].say(`DELETE /phone/me HTTP/1.1\r\nHost: 127.0.0.1\r\n${bearer(tokens[0])}\r\n\r\n`);
    await lines[0].ended();
    expect(lines[0].received()).toMatch(/\{"message":"Device unpaired successfully","device_id":"one"\}$/);
  });

  it("ends after the answer that is under way, which says so; or after a second", async () => {
    const { lines } = await threePhones();
    const body = JSON.stringify(phoneBody(await server.invite(), "four"));
    const asked = acceptHead(body);
    for (const line of lines.slice(0, 2)) line.say(asked + body.slice(0, 20));
    for (const line of lines.slice(0, 2)) await line.continued();
    await server.local("POST", "/phone/devices/revoke-all", { body: { user_id: "ada" } });
    lines[0].say(body.slice(20));
    await lines[0].ended();
    expect(lines[0].received()).toMatch(/HTTP\/1\.1 200 OK\r\n(?:[\w-]+: [^\r]*\r\n)*Connection: close\r\n/i);
    expect(lines[0].received()).toMatch(/"device_id":"four","jwt_token":"[^"]+"[^}]*\}$/);
    await lines[1].ended();
    // Who went away in the middle is no fault of the server's.
    await server.close();
    expect(readFileSync(path.join(server.folder, "logs", "Top Dog-topdog.log"), "utf8")).not.toContain("request failed");
  });

  it("is not cut where it carries several phones: its next answer is the last one", async () => {
    const { lines, tokens } = await threePhones();
    expect(await lines[0].me(bearer(tokens[2]))).toBe(200);
    await server.local("DELETE", "/phone/devices/one?user_id=ada");
    await server.local("DELETE", "/phone/devices/two");
    await lines[1].ended();
    expect(await lines[0].me(bearer(tokens[2]))).toBe(200);
    expect(lines[0].received()).not.toMatch(/connection: close/i);
    await server.local("DELETE", "/phone/devices/one?user_id=bob");
    // The phone's own ends at once, so by now the other one has been seen to as well.
    await lines[2].ended();
    expect(await lines[0].me(bearer(tokens[2]))).toBe(401);
    expect(lines[0].received()).toMatch(/HTTP\/1\.1 401 [\s\S]*connection: close/i);
    await lines[0].ended();
  });

  it("is not cut where a proxy carries it: the next phone on it is answered", async () => {
    const { lines, tokens } = await threePhones();
    const shared = await open(server);
    expect(await shared.me(`X-Forwarded-For: 203.0.113.7\r\n${bearer(tokens[0])}`)).toBe(200);
    await server.local("DELETE", "/phone/devices/one?user_id=ada");
    await lines[0].ended();
    expect(await shared.me(`X-Forwarded-For: 203.0.113.8\r\n${bearer(tokens[2])}`)).toBe(200);
    expect(shared.received()).toMatch(/connection: close/i);
    await shared.ended();
  });
});

describe("a kept-alive connection when the server stops", () => {
  it("ends with its answer, while others are still being answered", async () => {
    const { lines } = await threePhones();
    const bodies = await Promise.all(["four", "five"].map(async (deviceId) => JSON.stringify(phoneBody(await server.invite(), deviceId))));
    for (const [index, body] of bodies.entries()) {
      lines[index]!.say(acceptHead(body) + body.slice(0, 20));
      await lines[index]!.continued();
    }
    const closed = server.close();
    for (const [index, body] of bodies.entries()) {
      lines[index]!.say(body.slice(20));
      await lines[index]!.ended();
      expect(lines[index]!.received()).toMatch(/"jwt_token":"[^"]+"[^}]*\}$/);
    }
    await closed;
  });
});

describe("what holds open connections", () => {
  const world = (ended: readonly string[], lowered: readonly string[] = []) => {
    const listeners = new Set<(item: "invites" | "devices") => void>();
    return {
      emit() {
        for (const received of listeners) received("devices");
      },
      pairing: {
        listen: (received: (item: "invites" | "devices") => void) => {
          listeners.add(received);
          return () => void listeners.delete(received);
        },
        levelsOfTokens: vi.fn(
          async (jtis: readonly string[]) =>
            new Map(
              jtis
                .filter((jti) => !ended.includes(jti))
                .map((jti) => [jti, lowered.includes(jti) ? ("view" as const) : ("command" as const)]),
            ),
        ),
      },
    };
  };

  it("ends one whose token ended while it was being opened, and none that was let go of", async () => {
    const ended: string[] = ["late"];
    const { pairing, emit } = world(ended);
    const connections = createDeviceConnections(pairing);
    const late = vi.fn();
    const saved = vi.fn();
    const released = vi.fn();
    connections.hold({ jti: "late" }, late);
    connections.hold({ jti: "kept" }, saved);
    connections.hold({ jti: "kept" }, released)();
    await vi.waitFor(() => expect(late).toHaveBeenCalledTimes(1));
    ended.push("kept");
    emit();
    await vi.waitFor(() => expect(saved).toHaveBeenCalledTimes(1));
    expect(released).not.toHaveBeenCalled();
    connections.close();
  });

  it("ends one whose phone may do something else than when it was opened", async () => {
    const lowered: string[] = [];
    const { pairing, emit } = world([], lowered);
    const connections = createDeviceConnections(pairing);
    const [before, after] = [vi.fn(), vi.fn()];
    connections.hold({ jti: "one", level: "command" }, before);
    lowered.push("one");
    connections.hold({ jti: "one", level: "view" }, after);
    emit();
    await vi.waitFor(() => expect(before).toHaveBeenCalledTimes(1));
    expect(after).not.toHaveBeenCalled();
    connections.close();
  });

  it("looks again when the store could not be read, and few times however much news there is", async () => {
    const ended: string[] = [];
    const { pairing, emit } = world(ended);
    const connections = createDeviceConnections(pairing);
    const end = vi.fn();
    connections.hold({ jti: "one" }, end);
    await vi.waitFor(() => expect(pairing.levelsOfTokens).toHaveBeenCalledTimes(1));
    ended.push("one");
    pairing.levelsOfTokens.mockRejectedValueOnce(new Error("the database is away"));
    for (let times = 0; times < 1000; times += 1) emit();
    await vi.waitFor(() => expect(end).toHaveBeenCalledTimes(1), { timeout: 10_000 });
    expect(pairing.levelsOfTokens.mock.calls.length).toBeLessThan(10);
    connections.close();
  });
});
