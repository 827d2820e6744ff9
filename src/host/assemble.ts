import { openPageMemory } from "../adapters/page-memory.ts";
import { createWebPush, type WebPush } from "../adapters/push/web-push.ts";
import { createAdminToken } from "../adapters/secrets/admin-token.ts";
import { openLocalKey } from "../adapters/secrets/local-key.ts";
import { openServerId } from "../adapters/server-id.ts";
import { createOneServer } from "../adapters/shared/one-server.ts";
import type { SmsAdapter } from "../adapters/sms/open-sms.ts";
import { checkOwners } from "../adapters/stores/file/folder.ts";
import { StorageError } from "../adapters/stores/file/storage-file.ts";
import { DatabaseError } from "../adapters/stores/postgres/database-error.ts";
import { systemDigest } from "../adapters/system/digest.ts";
import { phoneNumbers } from "../adapters/system/phone-numbers.ts";
import { createPresence } from "../adapters/system/presence.ts";
import { systemRandom } from "../adapters/system/random.ts";
import { createJoseTokens, type JoseTokens } from "../adapters/tokens/jose-tokens.ts";
import { once } from "../base/once.ts";
import type { OperationName } from "../contract/operations.ts";
import type { Reply } from "../contract/pairing-api.ts";
import { type CoordinationPorts, createPairing, type Log, type Pairing, type Ports } from "../core/index.ts";
import { createDeviceCookies } from "../http/device-cookie.ts";
import { type BoundDoors, bindDoors } from "../http/doors/bind.ts";
import { DoorError } from "../http/doors/listen.ts";
import { addressOf } from "../settings/addresses.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import { say } from "../words/say.ts";
import { startBackgroundWork } from "./background-work.ts";
import { createContext, type HostContext, openLog } from "./context.ts";
import { followShared, type SharedFollower } from "./follow-shared.ts";
import type { HostOptions } from "./host-options.ts";
import { type MetricsDoor, openMetricsDoor } from "./metrics/open-door.ts";
import { type Connectivity, openConnectivity, PUBLIC_ADDRESS } from "./open-connectivity.ts";
import { type OpenDoors, openDoors } from "./open-doors.ts";
import { type HostSecrets, openSecrets } from "./open-secrets.ts";
import { openShared } from "./open-shared.ts";
import { openStore } from "./open-store.ts";
import { openTextMessages } from "./open-text-messages.ts";
import { pairingSettings } from "./pairing-settings.ts";
import { createReadiness, type Readiness } from "./readiness.ts";
import type { HostStore } from "./store-factory.ts";

/** A running pairing server: what a host needs of it. */
export interface Assembled {
  readonly pairing: Pairing;
  /** Runs one operation of the API as the local door would. Its schema validates the input. */
  readonly ask: (operation: OperationName, input: unknown) => Promise<Reply<unknown>>;
  readonly localAddress: string;
  /** Where a person opens the settings page. It may contain a secret of this run: for the terminal, never for a log. */
  readonly pageAddress: string;
  /** What makes a page a window, also where its link is not printed. */
  readonly openSecret: string;
  /** The key of a page that the host shows itself, which needs no link. */
  openWindow(): Promise<string>;
  readonly phoneAddress: string;
  /** Where metrics are read without a key; `undefined`: no port was set for that. */
  readonly metricsAddress: string | undefined;
  readonly baseUrl: () => string;
  readonly log: Pick<Log, "info" | "warn" | "error">;
  /**
   * `/readyz` fails from now on, and everything else is still answered. Resolves when the server may be closed: at once, or after five
   * seconds where others share its database and take its requests over.
   */
  drain(): Promise<void>;
  /** Finishes what is in flight, writes the last checkpoint and releases the storage folder. */
  close(): Promise<void>;
}

/** The parts of a server that are built before its doors open, in this order. */
interface Parts extends Opened {
  readonly connectivity: Connectivity;
  readonly tokens: JoseTokens;
  readonly push: WebPush;
  readonly store: HostStore;
  readonly coordination: CoordinationPorts;
  readonly follower: SharedFollower;
}

/**
 * Builds a server: picks the adapters, opens the store and both doors. Rejects with one clear sentence (storage, port, key, provider);
 * nothing is left open then, and nothing has changed on disk.
 */
export async function assemble(settingsStore: SettingsStore, host: HostOptions): Promise<Assembled> {
  await checkOwners(settingsStore.inUse().storageFolder);
  const log = openLog(settingsStore.inUse(), host);
  const shared = await openShared(settingsStore, host, log);
  let metricsDoor: MetricsDoor | undefined;
  let bound: BoundDoors | undefined;
  try {
    if (shared) settingsStore.share(shared.saved.settings, shared.isOwn);
    const context = createContext(settingsStore, host, log, shared);
    const secrets = openSecrets(context);
    const sms = await openTextMessages(context, secrets);
    metricsDoor = await openMetricsDoor(context);
    bound = await bindDoors(context.settings, host.timeouts, host.openFiles);
    return await openServer(context, { secrets, sms, bound, metricsDoor });
  } catch (cause) {
    await Promise.all([bound?.close(), metricsDoor?.close(), shared?.close()]);
    throw cause;
  }
}

/** The one setting to change so that a start succeeds that failed for this reason; `undefined` when no single one would do. */
export function settingAtFault(cause: unknown): DoorError["setting"] | "PAIRING_STORAGE_PATH" {
  if (cause instanceof DoorError) return cause.setting;
  return cause instanceof StorageError && !(cause instanceof DatabaseError) ? "PAIRING_STORAGE_PATH" : undefined;
}

/** What is open before the store. */
interface Opened {
  readonly secrets: HostSecrets;
  readonly sms: SmsAdapter;
  readonly bound: BoundDoors;
  readonly metricsDoor: MetricsDoor | undefined;
}

async function openServer(context: HostContext, opened: Opened): Promise<Assembled> {
  const { secrets, sms, bound } = opened;
  const { log, changeEvents } = context;
  const connectivity = await openConnectivity(context, secrets, sms, bound);
  const tokens = createJoseTokens(secrets.signingKey, log, () => changeEvents.emit("invites"));
  secrets.onChange(() => void tokens.warmUp());
  const push = openPush(context, secrets, connectivity.baseUrl);

  let close = bound.close;
  const follower = followShared(context, { tokens, sms, reachability: connectivity.reachability });
  const store = await openStore(context, bound, () => close(), follower.changed);
  try {
    // What was changed after it was read above, and before changes were followed.
    follower.changed(["saved"]);
    const coordination = store.coordination ?? createOneServer(context.clock);
    const parts: Parts = { ...opened, connectivity, tokens, push, store, coordination, follower };
    const server = await startServer(context, parts);
    close = server.close;
    return server;
  } catch (cause) {
    follower.stop();
    push.close();
    secrets.close();
    // Why it did not start is more important than why it could not be closed.
    await store.close().catch(() => undefined);
    throw cause;
  }
}

/** Opens what needs the store: from here on requests are answered. */
async function startServer(context: HostContext, parts: Parts): Promise<Assembled> {
  const { settings, log } = context;
  const { bound, store, coordination, sms, tokens, connectivity, metricsDoor } = parts;
  const { baseUrl } = connectivity;
  const cookies = createDeviceCookies(store.serverId ?? (await openServerId(settings.storageFolder, log)));
  const pairing = createPairing(portsOf(context, parts), pairingSettings(baseUrl, context.settingsStore.inUse));
  const localKey = await openLocalKey(settings.storageFolder);
  const readiness = createReadiness({ store, steady: context.clock.steady, shared: settings.databaseUrl !== undefined });
  context.metrics.watch({ store, readiness });
  const doors = openDoors(context, {
    bound,
    pairing,
    cookies,
    baseUrl,
    localKey,
    readiness,
    leases: coordination.leases,
    groupId: store.coordination && store.serverId,
  });

  const addresses = {
    localAddress: addressOf(settings.localHost, bound.localPort),
    phoneAddress: addressOf(settings.phoneHost, bound.phonePort),
  };
  printStart(context, parts, addresses);
  if (connectivity.reachability.tunnelAtStart() && settings.baseUrl === undefined) connectivity.tunnel.start();
  const background = startBackgroundWork(context, { store, pairing, tokens, sms, doors });
  const close = once(async () => closeServer(context, parts, { background, doors, pairing, readiness }));
  const { ask, openSecret, openWindow } = doors;
  return {
    ...{ pairing, ask, openSecret, openWindow, baseUrl, log, close, ...addresses },
    pageAddress: pageAddress(context, addresses.localAddress, openSecret),
    metricsAddress: metricsDoor?.address,
    drain: readiness.drain,
  };
}

/** What works with the parts, and is stopped before they are closed. */
interface Running {
  readonly background: ReturnType<typeof startBackgroundWork>;
  readonly doors: OpenDoors;
  readonly pairing: Pairing;
  readonly readiness: Readiness;
}

async function closeServer({ log, shared }: HostContext, parts: Parts, running: Running): Promise<void> {
  const { background, doors, pairing, readiness } = running;
  background.stop();
  parts.secrets.close();
  parts.follower.stop();
  readiness.stop();
  // Requests in flight are answered first.
  await Promise.all([doors.close(), parts.metricsDoor?.close()]);
  await pairing.writeDenials("all");
  parts.push.close();
  await parts.connectivity.tunnel.stop();
  // A signing key that is being made is saved before the folder is released.
  await background.finished();
  await parts.store.close();
  await shared?.close();
  log.info("stopped");
  await log.close();
}

/** Where a person opens the settings page: with what makes it a window, where that may be printed. */
function pageAddress({ settings }: HostContext, localAddress: string, openSecret: string): string {
  const isPrinted = settings.localAuth && settings.openLink === "print" && !settings.adminRequired;
  return isPrinted ? `${localAddress}/#open=${openSecret}` : `${localAddress}/`;
}

function openPush({ host, settingsStore, log }: HostContext, secrets: HostSecrets, baseUrl: () => string): WebPush {
  return createWebPush({
    secrets: secrets.store,
    log,
    services: () => settingsStore.inUse().pushServices,
    subject: () => (baseUrl().startsWith("https:") ? baseUrl() : PUBLIC_ADDRESS),
    timeouts: host.pushTimeoutMs,
  });
}

function portsOf(context: HostContext, { secrets, sms, connectivity, tokens, push, store, coordination }: Parts): Ports {
  const { host, settings, settingsStore, log, changeEvents, inboxSignals, clock, clockWatch, metrics } = context;
  return {
    ...coordination,
    clock,
    clockWatch,
    random: systemRandom,
    digest: systemDigest,
    store: metrics.store(store),
    sms: metrics.sms(sms.sender),
    smsSetup: sms.setup,
    hostSettings: settingsStore,
    adminToken: createAdminToken({
      secrets: secrets.store,
      fromEnvironment: settings.adminToken,
      isSaved: () => settingsStore.inUse().adminTokenSaved,
      noteSaved: settingsStore.noteAdminToken,
    }),
    pageMemory: openPageMemory(settings.storageFolder, log),
    reach: connectivity.reach,
    reachabilitySetup: connectivity.reachability,
    tunnel: connectivity.tunnel,
    phoneNumbers,
    tokens,
    push: metrics.push(push),
    presence: createPresence(host.idleSeconds),
    secretPlace: secrets.place,
    changeEvents,
    inboxSignals,
    log,
  };
}

function printStart(
  { host, settings, settingsStore, shared, log }: HostContext,
  { store, sms, metricsDoor }: Parts,
  { localAddress, phoneAddress }: Pick<Assembled, "localAddress" | "phoneAddress">,
): void {
  if (settings.adminTokenWeak !== undefined) host.print(`⚠ ${say("settingRules.weakToken", { why: settings.adminTokenWeak })}`);
  if (!settings.localAuth) host.print(`⚠ ${say("settingRules.localAuthOff")}`);
  for (const line of [...store.warnings, ...(shared?.warnings ?? [])]) host.print(`⚠ ${line}`);
  for (const line of settingsStore.warnings) {
    host.print(`⚠ ${line}`);
    log.warn(line);
  }
  for (const line of sms.lines) host.print(line);
  host.print(say("server.localDoorOpen", { address: localAddress }));
  host.print(say("server.phoneDoorOpen", { address: phoneAddress }));
  if (metricsDoor) host.print(say("server.metricsDoorOpen", { address: metricsDoor.address }));
  log.info("started", { local: localAddress, phone: phoneAddress, provider: sms.sender.name, version: host.appVersion });
}
