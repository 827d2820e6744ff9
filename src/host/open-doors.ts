import path from "node:path";
import type { LocalKey } from "../adapters/secrets/local-key.ts";
import { connectBroker } from "../adapters/system/outgoing.ts";
import { uidOfPeer } from "../adapters/system/peer-uid.ts";
import { createMemoryWindows } from "../adapters/windows/memory.ts";
import { isLoopback } from "../base/loopback.ts";
import { cleanName, type Leases, type Pairing } from "../core/index.ts";
import type { DeviceCookies } from "../http/device-cookie.ts";
import type { DoorSettings } from "../http/door-settings.ts";
import type { BoundDoors } from "../http/doors/bind.ts";
import type { BrokerSettings } from "../mqtt/broker-settings.ts";
import { createBrokerSupervisor } from "../mqtt/broker-supervisor.ts";
import { createPhoneChannel } from "../mqtt/phone-channel.ts";
import { createDeviceConnections } from "../operations/device-connections.ts";
import type { OperationSettings } from "../operations/handlers.ts";
import { createOperations, type Operations } from "../operations/run.ts";
import { createWindowSessions, type WindowSessions } from "../operations/window-sessions.ts";
import type { HostContext } from "./context.ts";
import { both, createRequestLog } from "./log-requests.ts";
import type { Readiness } from "./readiness.ts";

/** The operations of a server, and its doors, which answer. */
export interface OpenDoors extends Pick<Operations, "ask">, Pick<WindowSessions, "openSecret"> {
  /** The key of a page that the host shows itself, which needs no link. */
  openWindow(): Promise<string>;
  /** Loads what only some requests need. Never rejects. */
  warmUp(): Promise<unknown>;
  /** Finishes what is in flight, within four seconds. */
  close(): Promise<void>;
}

interface DoorParts {
  readonly bound: BoundDoors;
  readonly pairing: Pairing;
  readonly cookies: DeviceCookies;
  readonly baseUrl: () => string;
  readonly localKey: LocalKey;
  readonly readiness: Readiness;
  readonly leases: Leases;
  /** What the servers that share the storage have in common; `undefined`: this one is alone. */
  readonly groupId: string | undefined;
}

export function openDoors(context: HostContext, parts: DoorParts): OpenDoors {
  const { bound, pairing, readiness, leases, groupId } = parts;
  const { host, settings, settingsStore, shared, log, metrics } = context;
  const ofDoors = settingsOfDoors(context, parts);
  const connections = createDeviceConnections(pairing);
  const broker = createBrokerSupervisor({ pairing, settings: ofDoors, leases, groupId, log });
  const windows = createWindowSessions(pairing.now, shared?.windows ?? createMemoryWindows());
  const operations = createOperations({
    pairing: metrics.phones(pairing, "inbox"),
    settings: ofDoors,
    connections,
    windows,
    brokerStatus: broker.status,
    checkReady: readiness.check,
    log,
  });
  const doors = bound.open({
    pairing,
    operations,
    connections,
    windows,
    upgrades: createPhoneChannel({
      pairing: metrics.phones(pairing, "mqtt"),
      connections,
      rateLimitScale: () => settingsStore.inUse().rateLimitScale,
      log,
    }),
    settings: ofDoors,
    files: {
      rendererFolder: path.join(host.distFolder, "renderer"),
      phoneFolder: path.join(host.distFolder, "phone"),
      version: host.appVersion,
    },
    requests: settings.logLevel === "debug" ? both(metrics.requests, createRequestLog(log)) : metrics.requests,
    readMetrics: metrics.read,
    log,
  });
  return {
    ask: operations.ask,
    openSecret: windows.openSecret,
    openWindow: async () => (await windows.open({})).key,
    warmUp: async () => Promise.allSettled([doors.warmUp(), import("../operations/qr-png.ts")]),
    async close() {
      operations.endWaiting();
      await Promise.all([doors.close(), broker.close()]);
      connections.close();
    },
  };
}

function settingsOfDoors(
  { settings, settingsStore }: HostContext,
  { bound, cookies, baseUrl, localKey }: DoorParts,
): DoorSettings & OperationSettings & BrokerSettings {
  return {
    ...settings,
    inUse: settingsStore.inUse,
    connectBroker,
    localDoorGated: !isLoopback(settings.localHost),
    localKey: localKey.value,
    rotateLocalKey: localKey.rotate,
    uidOfPeer,
    computerName: cleanName(settings.computerName),
    ports: () => ({ local_port: bound.localPort, phone_port: bound.phonePort }),
    cookies,
    deviceCookies: (token, expiresAt) => cookies.set(token, expiresAt, baseUrl().startsWith("https:")),
  };
}
