import { Aedes, type AedesOptions, type AedesPublishPacket, type Client, type ConnectPacket } from "aedes";
import { WebSocketServer } from "ws";
import { deviceKey, SECOND } from "../core/index.ts";
import type { AdmittedUpgrade } from "../http/upgrade-handler.ts";
import { createBucketLimits } from "../operations/bucket-limits.ts";
import { openByteStream } from "./byte-stream.ts";
import { type ConnectDeps, createConnectPhone, returnCodeOf } from "./connect-phone.ts";
import { createMessageHandler } from "./handle-message.ts";
import { openPhoneLink, type PhoneLink } from "./phone-link.ts";
import { fromPhoneTopic, subscribedTypes } from "./topics.ts";

export interface PhoneChannelDeps extends ConnectDeps {
  readonly rateLimitScale: () => number;
}

type LinkOf = (client: Client | null) => PhoneLink | undefined;

/** How long a closing server waits for what phones asked, and for their side of the WebSockets. */
const CLOSE_TIMEOUT_MS = 500;
const GOING_AWAY = 1001;

/**
 * MQTT 3.1.1 for phones that come over a WebSocket. The broker stores nothing: sessions are clean, and what a phone has not received is
 * in its outbox. No phone receives another one's messages.
 */
export async function openEmbeddedBroker(deps: PhoneChannelDeps) {
  const links = new WeakMap<Client, PhoneLink>();
  const open = new Set<PhoneLink>();
  const linkOf: LinkOf = (client) => (client ? links.get(client) : undefined);
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: 64 * 1024,
    perMessageDeflate: false,
    handleProtocols: () => "mqtt",
  });
  const receive = createReceive(deps);
  const broker = await Aedes.createBroker({
    connectTimeout: 10 * SECOND,
    // The client chooses its keep-alive (MQTT 3.1.1 section 3.1.2.10). The WebSocket finds out which connections are dead.
    keepaliveLimit: 0,
    drainTimeout: 15 * SECOND,
    maxTopicLevels: 4,
    maxClientsIdLength: 256,
    maxInflightInbound: 100,
    ...connectRules(deps, linkOf),
    ...topicRules(linkOf),
    published(packet, client, done) {
      const link = linkOf(client);
      const { topic, payload } = packet;
      if (link) void link.queue.run(async () => receive(link, topic, payload)).finally(() => done(null));
      else done(null);
    },
  });
  trackSubscriptions(broker, linkOf);
  // The broker ends the connection of a client that misbehaves. That is no error of the server.
  broker.on("clientError", () => undefined);
  broker.on("connectionError", () => undefined);

  return {
    accept(upgrade: AdmittedUpgrade): void {
      const { request, socket, head, answerHeaders, reject } = upgrade;
      const addHeaders = (lines: string[]): void => void lines.push(...answerHeaders);
      server.on("headers", addHeaders);
      server.on("wsClientError", reject);
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const link = openPhoneLink(upgrade, webSocket);
        open.add(link);
        webSocket.once("close", () => open.delete(link));
        links.set(broker.handle(openByteStream(webSocket), request), link);
      });
      // The answer has been written: these were for it alone.
      server.off("headers", addHeaders);
      server.off("wsClientError", reject);
    },
    async close(): Promise<void> {
      const late = new Promise((resolve) => setTimeout(resolve, CLOSE_TIMEOUT_MS).unref());
      await Promise.race([Promise.all([...open].map(close)), late]);
      for (const link of open) link.end();
      await new Promise<void>((resolve) => broker.close(() => resolve()));
    },
  };
}

async function close({ socket, queue, phone }: PhoneLink): Promise<void> {
  await Promise.all([queue.idle(), phone?.drain.stop()]);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.close(GOING_AWAY);
  await closed;
}

type Receive = (link: PhoneLink, topic: string, payload: AedesPublishPacket["payload"]) => Promise<void>;

function createReceive({ pairing, rateLimitScale, log }: PhoneChannelDeps): Receive {
  const countMessage = createBucketLimits(rateLimitScale, pairing.now);
  const handleMessage = createMessageHandler({ pairing, log });
  return async (link, topic, payload) => {
    const { phone, caller, count } = link;
    const type = fromPhoneTopic(topic)?.type;
    if (!phone || type === undefined) return;
    const { device, drain } = phone;
    if (countMessage("mqtt-message", [deviceKey(device)])) {
      link.end();
      return;
    }
    const handled = await handleMessage(
      { type, payload: Buffer.from(payload) },
      { device: async () => pairing.noteDeviceSeen(device), caller, drain, admit: count },
    );
    if (handled === "invalid") link.countRejection();
  };
}

function connectRules(deps: ConnectDeps, linkOf: LinkOf): Pick<AedesOptions, "preConnect" | "authenticate"> {
  const connectPhone = createConnectPhone(deps);
  return {
    preConnect(client, packet: ConnectPacket, done) {
      const link = linkOf(client);
      // A will is never published: a phone's messages only count while it is connected. Its topic is still checked.
      if (link) link.willTopic = packet.will?.topic;
      delete packet.will;
      packet.clean = true;
      done(null, link !== undefined);
    },
    authenticate(client, _username, password, done) {
      const link = linkOf(client);
      if (!link) return;
      connectPhone(link, client, password).then(
        () => done(null, true),
        (cause: unknown) => done(Object.assign(new Error("not authenticated"), { returnCode: returnCodeOf(cause) }), false),
      );
    },
  };
}

function topicRules(linkOf: LinkOf): Pick<AedesOptions, "authorizeSubscribe" | "authorizePublish" | "authorizeForward"> {
  return {
    authorizeSubscribe(client, subscription, done) {
      const link = linkOf(client);
      const allowed = link?.phone && subscribedTypes(subscription.topic, link.phone.tree) !== undefined;
      if (link && !allowed) link.countRejection();
      done(null, allowed ? subscription : null);
    },
    authorizePublish(client, packet, done) {
      const link = linkOf(client);
      const type = fromPhoneTopic(packet.topic)?.type;
      if (type !== undefined && link?.phone && link.isOpen() && link.phone.tree + type === packet.topic) {
        packet.retain = false;
        done(null);
        return;
      }
      link?.countRejection();
      // The broker closes the connection with this error.
      done(new Error("not this phone's topic"));
    },
    // Phones receive the outbox alone: neither each other's messages nor their own.
    authorizeForward: (_client, packet) => (fromPhoneTopic(packet.topic) ? null : packet),
  };
}

function trackSubscriptions(broker: Aedes, linkOf: LinkOf): void {
  broker.on("subscribe", (subscriptions, client) => {
    const phone = linkOf(client)?.phone;
    if (!phone) return;
    for (const { topic, qos } of subscriptions) {
      const types = subscribedTypes(topic, phone.tree);
      if (types && qos <= 2) phone.subscriptions.set(topic, { types, qos });
    }
    if (phone.subscriptions.size > 0) phone.drain.subscribedToMore();
  });
  broker.on("unsubscribe", (topics, client) => {
    for (const topic of topics) linkOf(client)?.phone?.subscriptions.delete(topic);
  });
  broker.on("ack", (_packet, client) => linkOf(client)?.phone?.drain.handshakeCompleted());
}
