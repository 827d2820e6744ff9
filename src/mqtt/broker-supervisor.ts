import { randomUUID } from "node:crypto";
import { createSerialQueue } from "../base/serial-queue.ts";
import type { Lease, Leases, Log, Pairing } from "../core/index.ts";
import type { BrokerLink, BrokerSettings } from "./broker-settings.ts";
import type { BrokerStatus } from "./broker-status.ts";
import type { openOutsideBroker } from "./outside-broker.ts";

/** Keeps a connection to the broker that the settings name, for as long as they name it and no other server has it. */
export interface BrokerSupervisor {
  /** `undefined`: no broker is set. */
  status(): BrokerStatus | undefined;
  close(): Promise<void>;
}

interface SupervisorDeps {
  readonly pairing: Pairing;
  readonly settings: BrokerSettings;
  readonly leases: Leases;
  /** What the servers that share the storage have in common; `undefined`: this one is alone. */
  readonly groupId: string | undefined;
  readonly log: Log;
}

type OutsideBroker = ReturnType<typeof openOutsideBroker>;

export function createBrokerSupervisor(deps: SupervisorDeps): BrokerSupervisor {
  const { pairing, settings } = deps;
  let named: { readonly name: string; readonly relay: Relay } | undefined;
  let closing = false;
  /** A lease is given back before it is taken for other settings. */
  const turns = createSerialQueue();

  const follow = (): void => {
    const link = settings.inUse().mqttBroker?.link;
    const name = JSON.stringify(link);
    if (closing || name === named?.name) return;
    const former = named?.relay;
    void turns.run(async () => former?.close());
    if (!link) {
      named = undefined;
      return;
    }
    const relay = createRelay(deps, link);
    named = { name, relay };
    void turns.run(async () => relay.start());
  };

  const stop = pairing.listen((item) => {
    if (item === "settings") follow();
  });
  // The doors open first, because the client takes a while to load.
  setImmediate(follow);

  return {
    status: () => named?.relay.status(),
    async close() {
      closing = true;
      stop();
      await turns.run(async () => named?.relay.close());
    },
  };
}

type Relay = ReturnType<typeof createRelay>;

/** The connection to one broker while this server has its lease: of several servers one relays, or each message went out once per server. */
function createRelay({ pairing, settings, leases, groupId = randomUUID(), log }: SupervisorDeps, link: BrokerLink) {
  const { host, hostname } = new URL(link.url);
  let giveBack: (() => Promise<void>) | undefined;
  let closed = false;
  let current: Promise<OutsideBroker> | undefined;
  let status = (): Omit<BrokerStatus, "host"> => ({ state: "standby" });
  /** A connection is closed before the next one is made. */
  const turns = createSerialQueue();

  const closeCurrent = async (): Promise<void> => {
    const former = current;
    current = undefined;
    await former?.then(
      async (broker) => broker.close(),
      () => undefined,
    );
  };
  const open = async (lease: Lease): Promise<void> => {
    if (closed || !lease.isHeld()) return;
    const { rateLimitScale } = settings.inUse();
    const connection = settings.connectBroker?.(link.url) ?? {};
    const opened = import("./outside-broker.ts").then(({ openOutsideBroker }) => {
      const clientId = `topdog-server-${groupId}`;
      return openOutsideBroker({ pairing, link, log, rateLimitScale, connection, clientId, isHeld: lease.isHeld });
    });
    current = opened;
    const broker = await opened;
    if (current === opened) status = broker.status;
  };
  const failed = (cause: unknown): void => log.error("the link to the broker could not be loaded", { reason: String(cause) });

  return {
    status: (): BrokerStatus => ({ host: hostname, ...status() }),
    start(): void {
      if (closed) return;
      giveBack = leases.take(`broker ${host}`, {
        taken(lease) {
          status = () => ({ state: "connecting" });
          turns.run(async () => open(lease)).catch(failed);
        },
        lost() {
          status = () => ({ state: "standby" });
          void turns.run(closeCurrent);
          pairing.emitBrokerChange();
        },
      });
    },
    async close(): Promise<void> {
      closed = true;
      await turns.run(closeCurrent);
      await giveBack?.();
    },
  };
}
