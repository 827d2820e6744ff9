import type { Log, Pairing } from "../core/index.ts";
import type { DoorSettings } from "../http/door-settings.ts";
import type { BoundDoors } from "../http/doors/bind.ts";
import type { DoorFiles } from "../http/doors/door-deps.ts";
import type { BrokerSettings } from "../mqtt/broker-settings.ts";
import { createBrokerSupervisor } from "../mqtt/broker-supervisor.ts";
import { createPhoneChannel } from "../mqtt/phone-channel.ts";
import { createDeviceConnections } from "../operations/device-connections.ts";
import type { OperationSettings } from "../operations/handlers.ts";
import { createOperations, type Operations } from "../operations/run.ts";

/** What a server's operations, doors and message channels read of its settings. */
export type SurfaceSettings = DoorSettings & OperationSettings & BrokerSettings;

/** The operations of a server, and its doors once they answer. */
export interface OpenDoors extends Pick<Operations, "ask"> {
  /** Loads what only some requests need. Never rejects. */
  warmUp(): Promise<unknown>;
  /** Finishes what is in flight, within four seconds. */
  close(): Promise<void>;
}

export function openDoors(bound: BoundDoors, pairing: Pairing, settings: SurfaceSettings, files: DoorFiles, log: Log): OpenDoors {
  const connections = createDeviceConnections(pairing);
  const broker = createBrokerSupervisor(pairing, settings, log);
  const operations = createOperations({ pairing, settings, connections, brokerStatus: broker.status, log });
  const upgrades = createPhoneChannel({ pairing, connections, rateLimitScale: () => settings.inUse().rateLimitScale, log });
  const doors = bound.open({ pairing, operations, connections, upgrades, settings, files, log });
  return {
    ask: operations.ask,
    warmUp: async () => Promise.allSettled([doors.warmUp(), import("../operations/qr-png.ts")]),
    async close() {
      operations.endWaiting();
      await Promise.all([doors.close(), broker.close()]);
      connections.close();
    },
  };
}
