import { randomUUID } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import mqtt, { type IClientOptions } from "mqtt";
import {
  createRequestLimits,
  type Device,
  deviceKey,
  type Limit,
  type ListPage,
  type ListPosition,
  type Log,
  MINUTE,
  type Pairing,
  PairingError,
  SECOND,
} from "../core/index.ts";
import { createBucketLimits, rateLimited } from "../operations/bucket-limits.ts";
import type { BrokerConnection, BrokerLink } from "./broker-settings.ts";
import type { BrokerStatus } from "./broker-status.ts";
import { createDrain, type Drain } from "./drain.ts";
import {
  addPhone,
  allowWriting,
  type Command,
  createDynamicSecurity,
  DYNSEC_ANSWERS,
  type KnownClient,
  listPhones,
  removePhone,
} from "./dynamic-security.ts";
import { createMessageHandler } from "./handle-message.ts";
import { MAX_PACKET } from "./packet-guard.ts";
import { FROM_PHONE, fromPhoneTopic, topicTree } from "./topics.ts";

/** A link to a broker of one's own. */
export interface OutsideBroker {
  status(): Omit<BrokerStatus, "host">;
  close(): Promise<void>;
}

interface Deps {
  readonly pairing: Pairing;
  readonly link: BrokerLink;
  /** What it takes to get there. */
  readonly connection?: BrokerConnection;
  readonly rateLimitScale: number;
  readonly log: Log;
}

/** What is carried between the broker and one active phone. */
interface Line {
  readonly drain: Drain;
  readonly stop: () => void;
  /** What came is dealt with in this order. */
  last: Promise<unknown>;
}

const RETRY_EVERY = 5 * SECOND;
const MAX_TIMER = 2 ** 31 - 1;
const FLOOD: Limit = { quota: 1200, window: MINUTE };
/** Commands in one question: signing tokens for many phones holds up nobody. */
const BATCH = 20;
/** Phones that are looked at in one turn of the event loop. */
const AT_ONCE = 200;
const FROM_PHONES = FROM_PHONE.map((type) => `topdog/+/+/${type}`);

/**
 * Phones speak to a Mosquitto, and so does this server. Each active phone has a client there, whose password is its token: it
 * comes and goes as the phone does. The outbox stays the truth, and a phone says itself what it has.
 */
export function openOutsideBroker({ pairing, link, rateLimitScale, log, connection: { agent, stream } = {} }: Deps): OutsideBroker {
  const { url, username, password } = link;
  const options: IClientOptions = {
    clientId: `topdog-server-${randomUUID()}`,
    username,
    password,
    protocolVersion: 4,
    clean: true,
    keepalive: 30,
    connectTimeout: 10 * SECOND,
    reconnectPeriod: 2 * SECOND,
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    ...(agent ? { wsOptions: { agent } } : {}),
  };
  const client = stream ? new mqtt.MqttClient(stream, options) : mqtt.connect(url, options);
  const security = createDynamicSecurity(async (topic, payload) => client.publishAsync(topic, payload, { qos: 1 }));
  const floods = createRequestLimits();
  const count = createBucketLimits(() => rateLimitScale, pairing.now);
  const messageHandler = createMessageHandler({ ...pairing, randomId: randomUUID, log });
  const lines = new Map<string, Line>();
  /** What the broker has, as far as is known; `undefined` while it is not. */
  let known: Map<string, KnownClient> | undefined;
  let status: Omit<BrokerStatus, "host"> = { state: "connecting" };
  let ready = false;
  let closed = false;

  const lineOf = (device: Device): Line => {
    const tree = topicTree(device);
    const drain = createDrain(
      pairing,
      device,
      {
        takes: () => (ready ? 2 : undefined),
        send: async (message, qos) =>
          new Promise((resolve) => {
            client.publish(tree + message.type, JSON.stringify(message), { qos }, () => resolve());
          }),
        // The broker's handshake says nothing of the phone.
        flushed: () => undefined,
      },
      log,
    );
    const stop = pairing.listenForMessages(device, () => ready && drain.wake(), "relay");
    return {
      drain,
      last: Promise.resolve(),
      stop() {
        stop();
        void drain.stop();
      },
    };
  };

  /** The lines that there should be. */
  const drawLines = async (wanted: ReadonlyMap<string, Device>): Promise<void> => {
    await inTurns(lines, ([key, line]) => {
      if (wanted.has(key)) return;
      line.stop();
      lines.delete(key);
    });
    await inTurns(wanted, ([key, device]) => {
      if (closed || lines.has(key)) return;
      const line = lineOf(device);
      lines.set(key, line);
      if (ready) line.drain.wake();
    });
  };

  /** What has to be said for the broker to let in whom it should, and nobody else. */
  const commandsFor = async (device: Device, clients: Map<string, KnownClient>): Promise<Command[]> => {
    const { deviceId, jti, status } = device;
    const tree = topicTree(device);
    const found = clients.get(deviceId);
    const here = status === "active" && pairing.now() < device.expiresAt;
    if (found && found.tree !== tree) {
      if (here) log.warn("the broker has another client of a phone's name: this phone has its inbox alone", { device_id: deviceId });
      return [];
    }
    const add = async (): Promise<Command[]> => addPhone({ deviceId, tree, jti, token: await pairing.deviceToken(device) });
    if (!found) return here ? add() : [];
    if (found.jti !== jti)
      return status === "revoked" ? removePhone(deviceId, tree) : [...removePhone(deviceId, tree), ...(here ? await add() : [])];
    if (here) return found.disabled ? [{ command: "enableClient", username: deviceId }] : [];
    // Its password stays for the day on which it may come in again.
    if (status === "suspended") return found.disabled ? [] : [{ command: "disableClient", username: deviceId }];
    return removePhone(deviceId, tree);
  };

  let expiry: NodeJS.Timeout | undefined;
  const wakeAtExpiry = (firstEnd: number): void => {
    clearTimeout(expiry);
    if (closed || firstEnd === Number.POSITIVE_INFINITY) return;
    expiry = setTimeout(reconcile, Math.min(Math.max(firstEnd - pairing.now(), 1), MAX_TIMER)).unref();
  };

  const reconcileNow = async (): Promise<void> => {
    // The oldest first: of two users' phones of one name, the first keeps it.
    const devices = (await everyDevice(pairing)).reverse();
    const now = pairing.now();
    const wanted = new Map<string, Device>();
    const active: Device[] = [];
    const others: Device[] = [];
    let firstEnd = Number.POSITIVE_INFINITY;
    await inTurns(devices, (device) => {
      (device.status === "active" ? active : others).push(device);
      if (device.status !== "active" || now >= device.expiresAt) return;
      wanted.set(deviceKey(device), device);
      firstEnd = Math.min(firstEnd, device.expiresAt);
    });
    await drawLines(wanted);
    wakeAtExpiry(firstEnd);
    if (!ready) return;
    known ??= await listPhones(security);
    // Our own user may have a phone's name.
    known.set(username, known.get(username) ?? { tree: "", jti: "", disabled: false });
    const batch: Command[] = [];
    const send = async (): Promise<void> => {
      if (batch.length === 0) return;
      const answers = await security.ask(batch.splice(0));
      const failed = answers.find(({ command, error }) => error !== undefined && command !== "createRole" && command !== "deleteRole");
      if (failed) log.warn("the broker refused a change", { command: failed.command, reason: failed.error });
    };
    let changed = false;
    // Who loses access comes first.
    for (const group of [others, active]) {
      for (const [index, device] of group.entries()) {
        const commands = await commandsFor(device, known);
        changed ||= commands.length > 0;
        // One phone's commands stay together.
        batch.push(...commands);
        if (batch.length >= BATCH) await send();
        if ((index + 1) % AT_ONCE === 0) await nextTurn();
      }
    }
    await send();
    if (changed) known = await listPhones(security);
  };

  let retry: NodeJS.Timeout | undefined;
  let reconciling = false;
  let again = false;
  const reconcile = (): void => {
    again = reconciling;
    if (reconciling || closed) return;
    reconciling = true;
    reconcileNow()
      .then(() => {
        if (!ready || status.state === "connected") return;
        status = { state: "connected" };
        log.info("connected to the broker", { host: new URL(url).hostname });
        pairing.emitBrokerChange();
      })
      .catch((cause: unknown) => {
        known = undefined;
        away(cause instanceof Error ? cause.message : "unknown");
        retry = setTimeout(reconcile, RETRY_EVERY).unref();
      })
      .finally(() => {
        reconciling = false;
        if (again) reconcile();
      });
  };

  const away = (reason: string): void => {
    if (closed) return;
    if (status.state !== "away") {
      log.warn("the broker is away; phones have their inbox", { host: new URL(url).hostname, reason });
      pairing.emitBrokerChange();
    }
    status = { state: "away", sentence: `The MQTT broker cannot be used (${reason}). Phones have their inbox meanwhile.` };
  };

  const comeUp = async (): Promise<void> => {
    known = undefined;
    await client.subscribeAsync(DYNSEC_ANSWERS, { qos: 1 });
    await security.ask(allowWriting(username));
    const granted = await client.subscribeAsync(FROM_PHONES, { qos: 1 });
    if (granted.some(({ qos }) => qos > 2)) throw new Error("the user may not read topdog/#");
    ready = true;
    reconcile();
    for (const { drain } of lines.values()) drain.restart();
  };

  const receive = (topic: string, payload: Uint8Array): void => {
    const from = fromPhoneTopic(topic);
    const line = from && lines.get(deviceKey(from));
    if (!line || payload.length > MAX_PACKET) return;
    const key = deviceKey(from);
    const limit = { ...FLOOD, quota: Math.max(1, Math.floor(FLOOD.quota * rateLimitScale)) };
    if (!floods.count("mqtt", limit, [key], pairing.now()).admitted) return;
    const admit = (bucket: "voice" | "other"): void => {
      const exceeded = count(bucket, [key]);
      if (exceeded) throw rateLimited(exceeded);
    };
    line.last = line.last.then(async () =>
      messageHandler.handle(
        { type: from.type, payload },
        {
          // Whoever may write there is the phone: the broker has seen its token.
          device: async () => pairing.noteDeviceSeen(from),
          caller: { ua: "mqtt" },
          drain: line.drain,
          admit,
          isHere: () => line.drain.restart(),
        },
      ),
    );
  };

  const begin = (): void => {
    clearTimeout(retry);
    comeUp().catch((cause: unknown) => {
      away(cause instanceof Error ? cause.message : "unknown");
      retry = setTimeout(() => client.connected && begin(), RETRY_EVERY).unref();
    });
  };

  client.on("connect", begin);
  client.on("message", (topic, payload, { retain }) => {
    if (topic === DYNSEC_ANSWERS) security.receive(payload);
    // What was kept there is not said now.
    else if (!retain) receive(topic, payload);
  });
  client.on("close", () => {
    ready = false;
    security.lost();
    if (status.state !== "away") away("no connection");
  });
  client.on("error", (cause) => away(cause instanceof PairingError ? cause.code : cause.message));
  const stopListening = pairing.listen((item) => {
    if (item === "devices") reconcile();
  });
  reconcile();

  return {
    status: () => status,
    async close() {
      closed = true;
      ready = false;
      stopListening();
      clearTimeout(expiry);
      clearTimeout(retry);
      security.lost();
      for (const line of lines.values()) line.stop();
      await Promise.allSettled([...lines.values()].map(async ({ last }) => last));
      await client.endAsync(true);
    },
  };
}

/** Newest first. The store lets others go on between pages. */
async function everyDevice(pairing: Pick<Pairing, "pageOfDevices">): Promise<Device[]> {
  const all: Device[] = [];
  let after: ListPosition | undefined;
  do {
    const { items, next }: ListPage<Device> = await pairing.pageOfDevices({ most: AT_ONCE, ...(after ? { after } : {}) });
    all.push(...items);
    after = next;
  } while (after);
  return all;
}

async function inTurns<Item>(items: Iterable<Item>, work: (item: Item) => void): Promise<void> {
  let count = 0;
  for (const item of items) {
    work(item);
    count += 1;
    if (count % AT_ONCE === 0) await nextTurn();
  }
}
