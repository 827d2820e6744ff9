import { randomUUID } from "node:crypto";
import { Aedes, type Client, type PublishPacket } from "aedes";
import { createWebSocketStream, type WebSocket, WebSocketServer } from "ws";
import {
  createRequestLimits,
  type Device,
  deviceKey,
  type Limit,
  type Log,
  MINUTE,
  type Pairing,
  PairingError,
  SECOND,
} from "../core/index.ts";
import type { AdmittedUpgrade } from "../http/upgrade-handler.ts";
import type { DeviceConnections } from "../operations/device-connections.ts";
import { createDrain, type Drain } from "./drain.ts";
import { createMessageHandler } from "./handle-message.ts";
import { createPacketGuard } from "./packet-guard.ts";
import { askedTypes, fromPhoneTopic, type Qos, type ToPhone, topicTree } from "./topics.ts";

export interface EmbeddedBroker {
  accept(upgrade: AdmittedUpgrade): void;
  close(): Promise<void>;
}

export interface PhoneChannelDeps {
  readonly pairing: Pairing;
  readonly connections: DeviceConnections;
  readonly rateLimitScale: () => number;
  readonly log: Log;
}

/** A connection of which it is known whose it is. */
interface Phone {
  readonly device: Device;
  readonly tree: string;
  readonly drain: Drain;
  /** Filter → what it asks for. */
  readonly asked: Map<string, { readonly types: readonly ToPhone[]; readonly qos: Qos }>;
}

interface Link extends Pick<AdmittedUpgrade, "caller" | "authenticate" | "count"> {
  readonly socket: WebSocket;
  /** The topic on which something is to be said when the connection breaks. */
  willTopic: string | undefined;
  phone: Phone | undefined;
  /** What came is dealt with in this order. */
  last: Promise<unknown>;
  readonly whenEnded: (() => void)[];
}

const MAX_TIMER = 2 ** 31 - 1;
/** Messages in a minute of one phone, of all kinds. */
const FLOOD: Limit = { quota: 1200, window: MINUTE };
/** What a closing server waits for: the end of what phones asked, and their farewells. */
const FINISH_WITHIN = 500;
const GOING_AWAY = 1001;
/** How often each line is asked whether its phone is still there. */
const LIVENESS_TURN_MS = 60_000;
const MAX_SILENT_TURNS = 2;

/** Return codes of CONNACK (MQTT 3.1.1 section 3.2.2.3). */
const IDENTIFIER_REJECTED = 2;
const UNAVAILABLE = 3;
const BAD_TOKEN = 4;
const NOT_AUTHORISED = 5;

/**
 * MQTT 3.1.1 for phones that a WebSocket brings. It keeps nothing: sessions are clean, and what a phone has not had is in its
 * outbox. No phone ever hears another one.
 */
export async function openEmbeddedBroker({ pairing, connections, rateLimitScale, log }: PhoneChannelDeps): Promise<EmbeddedBroker> {
  const links = new WeakMap<Client, Link>();
  const open = new Set<Link>();
  const live = new Map<string, Link>();
  /** Connections that have ended, until what their phones had is written down. */
  const ending = new Map<string, Promise<unknown>>();
  const floods = createRequestLimits();
  const messageHandler = createMessageHandler({ ...pairing, randomId: randomUUID, log });
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
    handleProtocols: () => "mqtt",
  });

  const linkOf = (client: Client | null): Link | undefined => (client ? links.get(client) : undefined);

  const end = (link: Link): void => {
    link.socket.terminate();
  };

  const admitted = (link: Link, { deviceId, userId }: Device): boolean => {
    const limit = { ...FLOOD, quota: Math.max(1, Math.floor(FLOOD.quota * rateLimitScale())) };
    const { admitted: within } = floods.count("mqtt", limit, [deviceKey({ deviceId, userId })], pairing.now());
    if (!within) end(link);
    return within;
  };

  /** Counts something that was refused: who tries it over and over is cut off. */
  const countRejection = (link: Link): void => {
    try {
      link.count("other");
    } catch {
      end(link);
    }
  };

  const letIn = async (link: Link, client: Client, password: Buffer | undefined): Promise<void> => {
    const device = await link.authenticate(password?.toString());
    // Else one phone could end another's connection, and hear in its place.
    if (client.id !== device.deviceId) throw new ConnectRejection(IDENTIFIER_REJECTED);
    const tree = topicTree(device);
    if (link.willTopic !== undefined && link.willTopic !== `${tree}heartbeat`) throw new ConnectRejection(NOT_AUTHORISED);
    const remaining = device.expiresAt - pairing.now();
    if (remaining <= 0) throw new PairingError("token_expired");
    if (link.socket.readyState !== link.socket.OPEN) throw new ConnectRejection(UNAVAILABLE);
    // Ids are chosen by phones and count per user.
    const key = deviceKey(device);
    (client as { id: string }).id = key;
    const former = live.get(key);
    if (former) end(former);
    live.set(key, link);
    link.whenEnded.push(() => live.get(key) === link && live.delete(key));
    // Else the phone is sent again what it had a moment ago.
    await Promise.all([former?.phone?.drain.stop(), ending.get(key)]);
    if (link.socket.readyState !== link.socket.OPEN) throw new ConnectRejection(UNAVAILABLE);

    const asked: Phone["asked"] = new Map();
    const drain = createDrain(
      pairing,
      device,
      {
        takes(type) {
          const taken = [...asked.values()].filter(({ types }) => types.includes(type)).map(({ qos }) => qos);
          return taken.length === 0 ? undefined : (Math.max(...taken) as Qos);
        },
        send: async (message, qos) =>
          new Promise((resolve) => {
            const packet = { cmd: "publish", topic: tree + message.type, payload: JSON.stringify(message), qos, retain: false, dup: false };
            client.publish(packet as PublishPacket, () => resolve());
          }),
        // What answers a ping has had all that was sent before it.
        flushed: (number) => link.socket.readyState === link.socket.OPEN && link.socket.ping(String(number)),
      },
      log,
    );
    link.phone = { device, tree, drain, asked };
    link.socket.on("pong", (data) => data.length > 0 && drain.arrived(Number(data.toString())));
    const letGo = connections.hold(device, () => end(link));
    const stopListening = pairing.listenForMessages(device, () => asked.size > 0 && drain.wake());
    // What lasts longer than a timer can be set for is looked at again then.
    const expire = (): NodeJS.Timeout =>
      setTimeout(
        () => {
          if (pairing.now() >= device.expiresAt) end(link);
          else timer = expire();
        },
        Math.max(1, Math.min(device.expiresAt - pairing.now(), MAX_TIMER)),
      ).unref();
    let timer = expire();
    link.whenEnded.push(
      letGo,
      stopListening,
      () => clearTimeout(timer),
      () => {
        const written = drain.stop().finally(() => ending.get(key) === written && ending.delete(key));
        ending.set(key, written);
      },
    );
  };

  const receive = async (link: Link, { topic, payload }: { readonly topic: string; readonly payload: Uint8Array }): Promise<void> => {
    const { phone } = link;
    const type = fromPhoneTopic(topic)?.type;
    if (!phone || type === undefined || !admitted(link, phone.device)) return;
    const { device, drain } = phone;
    const topicFound = await messageHandler.handle(
      { type, payload },
      { device: async () => pairing.noteDeviceSeen(device), caller: link.caller, drain, admit: link.count },
    );
    if (topicFound === "invalid") countRejection(link);
  };

  const broker = await Aedes.createBroker({
    connectTimeout: 10 * SECOND,
    // Any keep-alive is the client's to choose (MQTT 3.1.1 section 3.1.2.10). Whose line is dead, the WebSocket finds out.
    keepaliveLimit: 0,
    drainTimeout: 15 * SECOND,
    maxTopicLevels: 4,
    maxClientsIdLength: 256,
    maxInflightInbound: 100,
    preConnect(client, packet, done) {
      const link = linkOf(client);
      // A will is never said: what a phone says only counts while it is there. Whether it might have been is still checked.
      if (link && packet.will) link.willTopic = packet.will.topic;
      delete packet.will;
      packet.clean = true;
      done(null, link !== undefined);
    },
    authenticate(client, _username, password, done) {
      const link = linkOf(client);
      if (!link) return;
      letIn(link, client, password).then(
        () => done(null, true),
        (cause: unknown) => done(Object.assign(new Error("not let in"), { returnCode: returnCodeOf(cause) }), false),
      );
    },
    authorizeSubscribe(client, subscription, done) {
      const link = linkOf(client);
      const allowed = link?.phone && askedTypes(subscription.topic, link.phone.tree) !== undefined;
      if (link && !allowed) countRejection(link);
      done(null, allowed ? subscription : null);
    },
    authorizePublish(client, packet, done) {
      const link = linkOf(client);
      const phone = link?.phone;
      const topicFound = fromPhoneTopic(packet.topic);
      if (phone && link.socket.readyState === link.socket.OPEN && topicFound && phone.tree + topicFound.type === packet.topic) {
        packet.retain = false;
        done(null);
        return;
      }
      if (link) countRejection(link);
      // The connection is closed with it.
      done(new Error("not this phone's topic"));
    },
    // Phones hear the outbox alone: neither each other nor themselves.
    authorizeForward: (_client, packet) => (fromPhoneTopic(packet.topic) ? null : packet),
    published(packet, client, done) {
      const link = linkOf(client);
      if (!link) {
        done(null);
        return;
      }
      const { topic, payload } = packet;
      const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
      link.last = link.last.then(async () => receive(link, { topic, payload: bytes })).finally(() => done(null));
    },
  });

  broker.on("subscribe", (subscriptions, client) => {
    const phone = linkOf(client)?.phone;
    if (!phone) return;
    for (const { topic, qos } of subscriptions) {
      const types = askedTypes(topic, phone.tree);
      if (types && qos <= 2) phone.asked.set(topic, { types, qos });
    }
    if (phone.asked.size > 0) phone.drain.listensToMore();
  });
  broker.on("unsubscribe", (topics, client) => {
    for (const topic of topics) linkOf(client)?.phone?.asked.delete(topic);
  });
  broker.on("ack", (_packet, client) => linkOf(client)?.phone?.drain.shaken());
  // Who misbehaves is cut off by the broker; that is no fault of the server's.
  broker.on("clientError", () => undefined);
  broker.on("connectionError", () => undefined);

  return {
    accept({ request, socket, head, caller, authenticate, count }) {
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const link: Link = {
          socket: webSocket,
          caller,
          authenticate,
          count,
          willTopic: undefined,
          phone: undefined,
          last: Promise.resolve(),
          whenEnded: [],
        };
        open.add(link);
        const fits = createPacketGuard();
        link.whenEnded.push(endDeadLine(webSocket, () => end(link)));
        webSocket.on("message", (data: Buffer, isBinary) => {
          if (!isBinary || !fits(data)) end(link);
        });
        webSocket.once("close", () => {
          open.delete(link);
          for (const ended of link.whenEnded.splice(0)) ended();
        });
        const stream = createWebSocketStream(webSocket, { allowHalfOpen: false });
        stream.on("error", () => undefined);
        links.set(broker.handle(stream, request), link);
      });
    },
    async close() {
      const ended = [...open].map(async ({ socket, last, phone }) => {
        await Promise.all([last, phone?.drain.stop()]);
        const closed = new Promise((resolve) => socket.once("close", resolve));
        socket.close(GOING_AWAY);
        await closed;
      });
      const late = new Promise((resolve) => setTimeout(resolve, FINISH_WITHIN).unref());
      await Promise.race([Promise.all(ended), late]);
      for (const link of open) end(link);
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

/** Ends a line on which nothing came for two turns, not even the answer to a ping. Answers how to stop. */
function endDeadLine(socket: WebSocket, end: () => void): () => void {
  let silentTurns = 0;
  const topicFound = (): void => {
    silentTurns = 0;
  };
  socket.on("message", topicFound);
  socket.on("pong", topicFound);
  const turn = setInterval(() => {
    silentTurns += 1;
    if (silentTurns > MAX_SILENT_TURNS) end();
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, LIVENESS_TURN_MS);
  turn.unref();
  return () => clearInterval(turn);
}

class ConnectRejection extends Error {
  readonly returnCode: number;

  constructor(returnCode: number) {
    super("refused");
    this.returnCode = returnCode;
  }
}

const BAD_TOKENS: ReadonlySet<string> = new Set(["token_missing", "token_invalid", "token_expired"]);
const NO_ACCESS: ReadonlySet<string> = new Set(["token_revoked", "device_suspended"]);

function returnCodeOf(cause: unknown): number {
  if (cause instanceof ConnectRejection) return cause.returnCode;
  if (!(cause instanceof PairingError)) return UNAVAILABLE;
  if (BAD_TOKENS.has(cause.code)) return BAD_TOKEN;
  return NO_ACCESS.has(cause.code) ? NOT_AUTHORISED : UNAVAILABLE;
}
