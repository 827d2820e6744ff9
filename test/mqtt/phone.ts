import { once } from "node:events";
import { createServer } from "node:net";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { expect, vi } from "vitest";
import { createWebSocketStream, WebSocket } from "ws";
import type { HostOptions } from "../../src/host/host-options.ts";
import type { TestServer } from "../http/server.ts";

/** A phone's app: what it receives, in order, and how it sends. */
export interface MqttPhone {
  readonly client: MqttClient;
  readonly tree: string;
  readonly received: any[];
  /** QoS of each that was received. */
  readonly qos: number[];
  readonly closed: Promise<void>;
  say(type: string, payload: unknown, over?: object): Promise<string>;
  /** Resolves with the first message that fits, of those received and to come. */
  receives(fits: (message: any) => boolean): Promise<any>;
  receivesMany(count: number): Promise<any[]>;
  leave(): Promise<void>;
}

export interface PhoneOptions extends IClientOptions {
  readonly deviceId?: string;
  readonly userId?: string;
  readonly token?: string | undefined;
  /** Filters under its own tree, or whole ones. */
  readonly filters?: readonly string[];
}

const clients = new Set<MqttClient>();

/** For `afterEach`. */
export function hangUp(): void {
  for (const client of clients) client.end(true);
  clients.clear();
}

export const urlOf = (server: Pick<TestServer, "phoneAddress">): string => `${server.phoneAddress.replace("http", "ws")}/mqtt`;

let serial = 0;

/** Connects and subscribes to everything of its own, by default. Rejects with the broker's error. */
export async function connectPhone(url: string, options: PhoneOptions): Promise<MqttPhone> {
  const { deviceId = "phone", userId = "ada", token, filters = ["#"], ...more } = options;
  const client = mqtt.connect(url, {
    clientId: deviceId,
    username: deviceId,
    ...(token === undefined ? {} : { password: token }),
    reconnectPeriod: 0,
    connectTimeout: 20_000,
    protocolVersion: 4,
    ...more,
  });
  clients.add(client);
  const tree = `topdog/${userId}/${deviceId}/`;
  const received: any[] = [];
  const qos: number[] = [];
  client.on("message", (topic, payload, packet) => {
    const message = JSON.parse(payload.toString());
    expect(topic).toBe(tree + message.type);
    received.push(message);
    qos.push(packet.qos);
  });
  const closed = new Promise<void>((resolve) => client.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    client.once("connect", () => resolve());
    client.once("error", reject);
    void closed.then(() => reject(new Error("closed")));
  });
  client.on("error", () => undefined);
  if (filters.length > 0) {
    const granted = await client.subscribeAsync(
      filters.map((filter) => (filter.includes("topdog/") ? filter : tree + filter)),
      { qos: 2 },
    );
    for (const one of granted) expect(one.qos).toBeLessThan(128);
  }
  const receives = async (fits: (message: any) => boolean): Promise<any> =>
    vi.waitFor(() => received.find(fits) ?? expect.fail(`not heard among ${JSON.stringify(received)}`), { timeout: 20_000, interval: 2 });
  return {
    client,
    tree,
    received,
    qos,
    closed,
    receives,
    async say(type, payload, over = {}) {
      const message_id = `said-${++serial}`;
      const message = { type, payload, message_id, timestamp: new Date().toISOString(), user_id: userId, device_id: deviceId, ...over };
      await client.publishAsync(tree + type, JSON.stringify(message), { qos: 1 });
      return message_id;
    },
    async receivesMany(count) {
      await vi.waitFor(() => expect(received.length).toBeGreaterThanOrEqual(count), { timeout: 60_000, interval: 5 });
      return received;
    },
    async leave() {
      await client.endAsync();
    },
  };
}

/** What a broker says to one that it does not let in. */
export async function rejectionOf(url: string, options: PhoneOptions): Promise<string> {
  return connectPhone(url, options).then(
    () => "let in",
    (cause: Error & { code?: number }) => (typeof cause.code === "number" ? `code ${cause.code}` : cause.message),
  );
}

/** What a request to open the message channel is answered with. */
export async function upgradeStatus(url: string, headers: Record<string, string> = {}): Promise<number> {
  const socket = new WebSocket(url, "mqtt", { headers });
  return new Promise((resolve, reject) => {
    socket.on("upgrade", ({ statusCode }) => resolve(statusCode ?? 0));
    socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.once("error", reject);
  }).finally(() => socket.terminate()) as Promise<number>;
}

/** For programs that speak MQTT over TCP alone: a port of this computer that forwards to the WebSocket. */
export async function startBridge(url: string): Promise<{ readonly port: number; readonly close: () => void }> {
  const server = createServer((socket) => {
    const stream = createWebSocketStream(new WebSocket(url, "mqtt"));
    for (const end of [socket, stream]) end.on("error", () => socket.destroy());
    stream.on("close", () => socket.destroy());
    // A client that hung up orderly is read to its end: its last message is still on its way to the server.
    socket.on("close", () => !socket.readableEnded && stream.destroy());
    socket.pipe(stream).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return { port: (server.address() as { port: number }).port, close: () => void server.close() };
}

export async function notify(server: TestServer, message: string, over: object = {}): Promise<void> {
  const { status } = await server.local("POST", "/phone/notifications/send", {
    body: { user_id: "ada", build_id: "build-7", project_name: "Top Dog", status: "success", message, ...over },
  });
  expect(status).toBe(200);
}

export async function askApproval(server: TestServer, over: object = {}): Promise<string> {
  const { body } = await server.local("POST", "/phone/approvals/request", {
    body: {
      user_id: "ada",
      build_id: "build-7",
      project_name: "Top Dog",
      plan: "deploy",
      affected_files: [],
      estimated_duration: "5 minutes",
      requires_approval_by: new Date(Date.now() + 600_000).toISOString(),
      ...over,
    },
  });
  return body.approval_id;
}

/** A clock that a test moves. Approvals are gathered for no time by it, and it counts the bursts that were decided on. */
export function movableClock(): { readonly clock: NonNullable<HostOptions["clock"]>; move(milliseconds: number): void; decided(): number } {
  let ahead = 0;
  let decided = 0;
  return {
    clock: {
      now: () => Date.now() + ahead,
      steady: () => performance.now() + ahead,
      pause: async (milliseconds) => {
        // The long pause is the one after a burst.
        if (milliseconds > 1000) decided += 1;
      },
    },
    move: (milliseconds) => (ahead += milliseconds),
    decided: () => decided,
  };
}
