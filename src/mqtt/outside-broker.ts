import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import {
  type Device,
  deviceKey,
  hasAccess,
  type ListPage,
  type ListPosition,
  type Log,
  type Pairing,
  PairingError,
  SECOND,
} from "../core/index.ts";
import { createBucketLimits, rateLimited } from "../operations/bucket-limits.ts";
import { createCoalescedRun } from "../operations/coalesced-run.ts";
import { say } from "../words/say.ts";
import { type BrokerAccounts, createBrokerAccounts } from "./broker-accounts.ts";
import type { BrokerConnection, BrokerLink } from "./broker-settings.ts";
import type { BrokerStatus } from "./broker-status.ts";
import { callAt } from "./call-at.ts";
import { allowWriting, createDynamicSecurity, DYNSEC_ANSWERS, type DynamicSecurity } from "./dynamic-security.ts";
import { createMessageHandler } from "./handle-message.ts";
import { MAX_PACKET } from "./packet-guard.ts";
import { createRelayedPhones, type RelayedPhones } from "./relayed-phones.ts";
import { FROM_PHONE, fromPhoneTopic } from "./topics.ts";

interface Deps {
  readonly pairing: Pairing;
  readonly link: BrokerLink;
  /** A broker ends the former connection of a client with the same id: so a server that was paused does not go on beside its successor. */
  readonly clientId: string;
  /** Whether no other server relays meanwhile. */
  readonly isHeld: () => boolean;
  readonly connection?: BrokerConnection;
  readonly rateLimitScale: number;
  readonly log: Log;
}

const RETRY_DELAY_MS = 5 * SECOND;
const DEVICES_PER_PAGE = 200;
const FROM_PHONES = FROM_PHONE.map((type) => `topdog/+/+/${type}`);

/**
 * Phones connect to a Mosquitto, and so does this server. Each active phone has a client there, whose password is its token, for as long
 * as it has access. The outbox decides what a phone still has to get, and the phone itself acknowledges what it has.
 */
export function openOutsideBroker(deps: Deps) {
  const { pairing, link, log } = deps;
  const { username } = link;
  const client = connect(deps);
  const security = createDynamicSecurity(async (topic, payload) => client.publishAsync(topic, payload, { qos: 1 }));
  const accounts = createBrokerAccounts({ pairing, security, username, log });
  const connection = createConnectionState(deps);
  const isReady = (): boolean => connection.ready && deps.isHeld();
  const phones = createRelayedPhones({ pairing, log, isReady, publish: client.publish.bind(client) });
  const reconciliation = createReconciliation({ pairing, phones, accounts, connection });
  const receive = createReceive(deps, phones);
  let retry: NodeJS.Timeout | undefined;

  const begin = async (): Promise<void> => {
    clearTimeout(retry);
    try {
      accounts.forget();
      await subscribe(client, security, username);
      connection.ready = true;
      reconciliation.run();
      phones.restart();
    } catch (cause) {
      connection.away(messageOf(cause));
      retry = setTimeout(() => client.connected && void begin(), RETRY_DELAY_MS).unref();
    }
  };

  client.on("connect", () => void begin());
  client.on("message", (topic, payload, { retain }) => {
    if (topic === DYNSEC_ANSWERS) security.receive(payload);
    // A retained message was sent earlier, for another connection.
    else if (!retain) receive(topic, payload);
  });
  client.on("close", () => {
    connection.ready = false;
    security.lost();
    if (connection.status().state !== "away") connection.away("no connection");
  });
  client.on("error", (cause) => connection.away(cause instanceof PairingError ? cause.code : cause.message));
  reconciliation.run();

  return {
    status: connection.status,
    async close(): Promise<void> {
      connection.close();
      reconciliation.close();
      clearTimeout(retry);
      security.lost();
      await phones.close();
      await client.endAsync(true);
    },
  };
}

function connect({ link: { url, username, password }, clientId, connection: { agent, stream } = {} }: Deps): MqttClient {
  const options: IClientOptions = {
    clientId,
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
    ...present({ wsOptions: agent && { agent } }),
  };
  return stream ? new mqtt.MqttClient(stream, options) : mqtt.connect(url, options);
}

async function subscribe(client: MqttClient, security: DynamicSecurity, username: string): Promise<void> {
  await client.subscribeAsync(DYNSEC_ANSWERS, { qos: 1 });
  await security.ask(allowWriting(username));
  const granted = await client.subscribeAsync(FROM_PHONES, { qos: 1 });
  if (granted.some(({ qos }) => qos > 2)) throw new Error("the user may not read topdog/#");
}

type ConnectionState = ReturnType<typeof createConnectionState>;

function createConnectionState({ pairing, link, log }: Deps) {
  const host = new URL(link.url).hostname;
  let status: Omit<BrokerStatus, "host"> = { state: "connecting" };
  let closed = false;
  const state = {
    /** Whether phones' messages can be sent and received. */
    ready: false,
    status: () => status,
    reconciled(): void {
      if (!state.ready || status.state === "connected") return;
      status = { state: "connected" };
      log.info("connected to the broker", { host });
      pairing.emitBrokerChange();
    },
    away(reason: string): void {
      if (closed) return;
      if (status.state !== "away") {
        log.warn("the broker is away; phones have their inbox", { host, reason });
        pairing.emitBrokerChange();
      }
      status = { state: "away", sentence: say("server.brokerUnusable", { reason }) };
    },
    close(): void {
      closed = true;
      state.ready = false;
    },
  };
  return state;
}

interface ReconciliationDeps {
  readonly pairing: Pairing;
  readonly phones: RelayedPhones;
  readonly accounts: BrokerAccounts;
  readonly connection: ConnectionState;
}

/** Updates the relayed phones and the broker: at each run, when devices change, when a token expires, and again after a failure. */
function createReconciliation({ pairing, phones, accounts, connection }: ReconciliationDeps) {
  let closed = false;
  let retry: NodeJS.Timeout | undefined;
  let cancelExpiry = (): void => undefined;

  const reconcile = async (): Promise<void> => {
    if (closed) return;
    // The oldest first: of two users' phones of one name, the first keeps it.
    const devices = (await everyDevice(pairing)).reverse();
    const active = devices.filter((device) => hasAccess(device, pairing.now()));
    await phones.update(active);
    cancelExpiry();
    if (closed) return;
    const firstExpiry = active.reduce((first, { expiresAt }) => Math.min(first, expiresAt), Number.POSITIVE_INFINITY);
    cancelExpiry = callAt(firstExpiry, pairing.now, run);
    if (!connection.ready) return;
    await accounts.update(devices);
    connection.reconciled();
  };
  const run = createCoalescedRun(reconcile, (cause) => {
    accounts.forget();
    connection.away(messageOf(cause));
    retry = setTimeout(run, RETRY_DELAY_MS).unref();
  });
  const stopListening = pairing.listen((item) => {
    if (item === "devices") run();
  });
  return {
    run,
    close(): void {
      closed = true;
      stopListening();
      cancelExpiry();
      clearTimeout(retry);
    },
  };
}

function createReceive({ pairing, rateLimitScale, log }: Deps, phones: RelayedPhones): (topic: string, payload: Uint8Array) => void {
  const count = createBucketLimits(() => rateLimitScale, pairing.now);
  const handleMessage = createMessageHandler({ pairing, log });
  return (topic, payload) => {
    const from = fromPhoneTopic(topic);
    const phone = from && phones.get(from);
    if (!phone || payload.length > MAX_PACKET) return;
    const { drain, queue } = phone;
    const keys = [deviceKey(from)];
    if (count("mqtt-message", keys)) return;
    void queue.run(async () =>
      handleMessage(
        { type: from.type, payload },
        {
          // Only the phone may publish to this topic: the broker has checked its token.
          device: async () => pairing.noteDeviceSeen(from),
          caller: { ua: "mqtt" },
          drain,
          admit(bucket) {
            const exceeded = count(bucket, keys);
            if (exceeded) throw rateLimited(exceeded);
          },
          onHeartbeat: drain.restart,
        },
      ),
    );
  };
}

/** Newest first. The store lets others go on between pages. */
async function everyDevice(pairing: Pick<Pairing, "pageOfDevices">): Promise<Device[]> {
  const all: Device[] = [];
  let after: ListPosition | undefined;
  do {
    const { items, next }: ListPage<Device> = await pairing.pageOfDevices({ most: DEVICES_PER_PAGE, ...present({ after }) });
    all.push(...items);
    after = next;
  } while (after);
  return all;
}
