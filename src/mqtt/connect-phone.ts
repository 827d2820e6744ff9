import type { Client, PublishPacket } from "aedes";
import { type Device, deviceKey, type Log, type Pairing, PairingError } from "../core/index.ts";
import type { DeviceConnections } from "../operations/device-connections.ts";
import { callAt } from "./call-at.ts";
import { type Channel, createDrain } from "./drain.ts";
import type { ConnectedPhone, PhoneLink } from "./phone-link.ts";
import { type Qos, topicTree } from "./topics.ts";

export interface ConnectDeps {
  readonly pairing: Pairing;
  readonly connections: DeviceConnections;
  readonly log: Log;
}

/** Return codes of CONNACK (MQTT 3.1.1 section 3.2.2.3). */
const IDENTIFIER_REJECTED = 2;
const UNAVAILABLE = 3;
const BAD_TOKEN = 4;
const NOT_AUTHORISED = 5;

/** Authenticates what a link's phone sends as its password, and sends it its outbox. Rejects, see {@link returnCodeOf}. */
export type ConnectPhone = (link: PhoneLink, client: Client, password: Buffer | undefined) => Promise<void>;

export function createConnectPhone(deps: ConnectDeps): ConnectPhone {
  const { pairing } = deps;
  return async (link, client, password) => {
    const device = await link.authenticate(password?.toString());
    checkClient(link, client.id, device);
    if (device.expiresAt <= pairing.now()) throw new PairingError("token_expired");
    checkOpen(link);
    // Phones choose their ids, which are unique per user only.
    (client as { id: string }).id = deviceKey(device);
    // The next connection waits for the end of this one's drain: else its phone would be sent again what it has just received.
    const ended = await pairing.openConnection(device, async () => {
      link.end();
      await link.phone?.drain.stop();
    });
    link.socket.once("close", () => void ended());
    if (!link.isOpen()) await ended();
    checkOpen(link);
    openPhone(deps, link, client, device);
  };
}

function checkClient({ willTopic }: PhoneLink, clientId: string, device: Device): void {
  // Otherwise one phone could end another's connection, and receive its messages.
  if (clientId !== device.deviceId) throw new ConnectRejection(IDENTIFIER_REJECTED);
  if (willTopic !== undefined && willTopic !== `${topicTree(device)}heartbeat`) throw new ConnectRejection(NOT_AUTHORISED);
}

function checkOpen(link: PhoneLink): void {
  if (!link.isOpen()) throw new ConnectRejection(UNAVAILABLE);
}

function openPhone({ pairing, connections, log }: ConnectDeps, link: PhoneLink, client: Client, device: Device): void {
  const tree = topicTree(device);
  const subscriptions: ConnectedPhone["subscriptions"] = new Map();
  const drain = createDrain({ pairing, log }, device, channelTo(link, client, tree, subscriptions));
  link.phone = { device, tree, drain, subscriptions };
  link.socket.on("pong", (data) => data.length > 0 && drain.arrivedUpTo(Number(data.toString())));
  const closed = [
    connections.hold(device, link.end),
    pairing.listenForMessages(device, () => subscriptions.size > 0 && drain.wake()),
    callAt(device.expiresAt, pairing.now, link.end),
  ];
  link.socket.once("close", () => {
    for (const release of closed) release();
  });
}

function channelTo(link: PhoneLink, client: Client, tree: string, subscriptions: ConnectedPhone["subscriptions"]): Channel {
  return {
    maxQos(type) {
      const granted = [...subscriptions.values()].filter(({ types }) => types.includes(type)).map(({ qos }) => qos);
      return granted.length === 0 ? undefined : (Math.max(...granted) as Qos);
    },
    send: async (message, qos) =>
      new Promise((resolve) => {
        const packet = { cmd: "publish", topic: tree + message.type, payload: JSON.stringify(message), qos, retain: false, dup: false };
        client.publish(packet as PublishPacket, () => resolve());
      }),
    // A phone that answers a ping has received all that was sent before it.
    flushed: (number) => link.isOpen() && link.socket.ping(String(number)),
  };
}

class ConnectRejection extends Error {
  readonly returnCode: number;

  constructor(returnCode: number) {
    super("connection rejected");
    this.returnCode = returnCode;
  }
}

const BAD_TOKENS: ReadonlySet<string> = new Set(["token_missing", "token_invalid", "token_expired"]);
const NO_ACCESS: ReadonlySet<string> = new Set(["token_revoked", "device_suspended"]);

/** The return code that shows a phone why it is not connected. */
export function returnCodeOf(cause: unknown): number {
  if (cause instanceof ConnectRejection) return cause.returnCode;
  if (!(cause instanceof PairingError)) return UNAVAILABLE;
  if (BAD_TOKENS.has(cause.code)) return BAD_TOKEN;
  return NO_ACCESS.has(cause.code) ? NOT_AUTHORISED : UNAVAILABLE;
}
