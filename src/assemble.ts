import path from "node:path";
import { openPageMemory } from "./adapters/page-memory.ts";
import { createWebPush } from "./adapters/push/web-push.ts";
import { createAdminToken } from "./adapters/secrets/admin-token.ts";
import { createEnvironmentSecrets } from "./adapters/secrets/environment.ts";
import { createFileSecrets } from "./adapters/secrets/file.ts";
import { openFixedPlace } from "./adapters/secrets/fixed-place.ts";
import type { KeychainProcess } from "./adapters/secrets/keychain-calls.ts";
import { openKeychainPlace } from "./adapters/secrets/keychain-place.ts";
import { openServerId } from "./adapters/server-id.ts";
import { openSms } from "./adapters/sms/open-sms.ts";
import { openFileStore } from "./adapters/stores/file/file-store.ts";
import { checkOwners } from "./adapters/stores/file/folder.ts";
import { StorageError } from "./adapters/stores/file/storage-file.ts";
import { createChangeEvents } from "./adapters/system/change-events.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemDigest } from "./adapters/system/digest.ts";
import { createInboxSignals } from "./adapters/system/inbox-signals.ts";
import { createLogFile } from "./adapters/system/log-file.ts";
import { networkAddresses } from "./adapters/system/network-addresses.ts";
import { connectBroker } from "./adapters/system/outgoing.ts";
import { phoneNumbers, warmUpPhoneNumbers } from "./adapters/system/phone-numbers.ts";
import { createPresence } from "./adapters/system/presence.ts";
import { systemRandom } from "./adapters/system/random.ts";
import { createReach } from "./adapters/system/reach.ts";
import { createJoseTokens, type JoseTokens } from "./adapters/tokens/jose-tokens.ts";
import { type LoadNgrok, loadNgrok } from "./adapters/tunnel/load-ngrok.ts";
import { openReachability } from "./adapters/tunnel/reachability-setup.ts";
import { prepareCloudflared } from "./adapters/tunnel/run-cloudflared.ts";
import { prepareNgrok } from "./adapters/tunnel/run-ngrok.ts";
import { createTunnel, type TunnelTimeouts } from "./adapters/tunnel/tunnel-supervisor.ts";
import { isLoopback } from "./base/loopback.ts";
import type { OperationName } from "./contract/operations.ts";
import type { Reply } from "./contract/pairing-api.ts";
import {
  type Clock,
  cleanName,
  createClockWatch,
  createPairing,
  emitChanges,
  type Log,
  type Pairing,
  type PairingSettings,
  resendWaits,
  type SecretStore,
} from "./core/index.ts";
import { createDeviceCookies } from "./http/device-cookie.ts";
import { bindDoors, DoorError, type Timeouts } from "./http/doors.ts";
import { addressOf, isWildcard, reachableAddressOf } from "./settings/addresses.ts";
import type { Settings } from "./settings/read-settings.ts";
import type { SettingsStore } from "./settings/settings-store.ts";

export interface HostOptions {
  /** Where the build put the pages: `renderer/` and `phone/` lie in it. */
  readonly distFolder: string;
  readonly appVersion: string;
  /** A person's own computer: AWS credentials that are found there are used only once that person agreed in the settings. */
  readonly askBeforeAws: boolean;
  /** Where start-up lines and mock text messages go. */
  readonly print: (line: string) => void;
  /** Where errors go beside the log file. Absent: standard error. */
  readonly complain?: (line: string) => void;
  /** Where the host keeps secrets. Absent: in the keychain where it can be asked, else in files of the storage folder. */
  readonly secrets?: SecretStore;
  /** Starts the process that asks the keychain (the build's `keychain-worker`). Absent: this host keeps secrets in files. */
  readonly startKeychain?: () => KeychainProcess;
  /** Absent: the system's. */
  readonly clock?: Pick<Clock, "now" | "steady"> & Partial<Pick<Clock, "pause">>;
  /** How long clients may take; absent: as long as real ones need. */
  readonly timeouts?: Timeouts;
  /** How many files and connections this process may have open; absent: as the system says. */
  readonly openFiles?: number;
  /** How long a tunnel may take; absent: as long as real ones need. */
  readonly tunnelTimeouts?: TunnelTimeouts;
  /** Where the package @ngrok/ngrok is taken from. Absent: from where Top Dog is installed. */
  readonly loadNgrok?: LoadNgrok;
  /** Seconds since this computer's mouse or keyboard was touched. Absent: nobody knows. */
  readonly idleSeconds?: () => number;
  /**
   * Another process took the storage folder over while this one was paused. Nothing is answered any more; the host ends the process, or
   * closes the server. Absent: the server closes by itself.
   */
  readonly lost?: (sentence: string) => void;
  /** Milliseconds that a push service may take; absent: as long as real ones need. */
  readonly pushTimeoutMs?: number;
}

/** A running pairing server: what a host needs of it. */
export interface Assembled {
  readonly pairing: Pairing;
  /** One operation of the API, as the local door would answer it. Input is unknown until its schema has read it. */
  readonly ask: (operation: OperationName, input: unknown) => Promise<Reply<unknown>>;
  readonly localAddress: string;
  readonly phoneAddress: string;
  readonly baseUrl: () => string;
  readonly log: Pick<Log, "info" | "warn" | "error">;
  /** Finishes what is in flight, writes the last checkpoint, lets go of the storage folder. */
  close(): Promise<void>;
}

const PUBLIC_ADDRESS = "https://pair.topdog-ide.com";
const SWEEP_EVERY = 5000;
const LOAD_REST_AFTER = 1000;
/** Text messages to one number in ten minutes (CONTRACT section 2). */
const TEN_MINUTE_TEXTS = 3;
/** A burst of approvals is one text message: whoever opens the inbox sees them all. */
const TEN_MINUTE_APPROVAL_TEXTS = 1;
/** As many phone numbers as may use up their day, whoever else has a phone here. */
const APPROVAL_NUMBERS = 5;

/**
 * Picks the adapters, opens the store and both doors. Rejects with one clear sentence (storage, port, key, provider), nothing
 * left open and nothing changed on disk.
 */
export async function assemble(settingsStore: SettingsStore, host: HostOptions): Promise<Assembled> {
  const { inUse } = settingsStore;
  const settings = inUse();
  await checkOwners(settings.storageFolder);
  const log = createLogFile(settings.storageFolder, host.complain ?? ((line) => void process.stderr.write(`${line}\n`)));
  const changeEvents = createChangeEvents();
  const fixedKey = settings.jwtPrivateKey === undefined ? undefined : createEnvironmentSecrets({ "signing-key": settings.jwtPrivateKey });
  const startKeychain = host.secrets ? undefined : host.startKeychain;
  const ownSecrets = host.secrets ?? createFileSecrets(settings.storageFolder);
  const kept = startKeychain
    ? openKeychainPlace({
        folder: settings.storageFolder,
        start: startKeychain,
        log,
        changed() {
          // The desk's overview shows how they stand, and is read with the invites.
          changeEvents.emit("invites");
          // Where the cards of the text messages and of the settings say that secrets are kept.
          changeEvents.emit("sms");
          changeEvents.emit("settings");
          void tokens.warmUp();
          void smsAdapter.warmUp().then(
            () => changeEvents.emit("sms"),
            () => undefined,
          );
        },
      })
    : openFixedPlace(fixedKey ?? ownSecrets, settings.storageFolder, log, () => changeEvents.emit("invites"));
  /** All but the signing key, which the environment may bring. */
  const secrets = startKeychain ? kept.secrets : ownSecrets;
  const smsAdapter = await openSms({
    environment: settings.sms,
    askBeforeAws: host.askBeforeAws,
    folder: settings.storageFolder,
    secrets,
    print(block) {
      host.print(block);
      log.block(block);
    },
    log,
  });
  // Files are read at once, and what is wrong with them stops the start. Others may keep one waiting, so nothing waits for them.
  if (ownSecrets.kind === "file" && !startKeychain) await smsAdapter.warmUp();
  const givenClock: Clock = { ...systemClock, ...host.clock };
  const clockWatch = createClockWatch(givenClock, log, () => changeEvents.emit("invites"));
  const clock: Clock = {
    ...givenClock,
    // Before anything is dated by a clock that jumped, the audit trail says so: after a crash nothing else would.
    now() {
      clockWatch.check();
      return givenClock.now();
    },
  };
  const reachability = await openReachability({
    folder: settings.storageFolder,
    environment: settings,
    secrets: startKeychain ? kept.secrets : ownSecrets,
    loadNgrok: host.loadNgrok ?? loadNgrok,
    phoneDoor: () => reachable,
    localNetwork: () => {
      const { phoneHost } = settings;
      const hosts = isWildcard(phoneHost) ? networkAddresses() : isLoopback(phoneHost) ? [] : [phoneHost];
      return hosts.map((address) => addressOf(address, bound.phonePort));
    },
  });
  const sms = smsAdapter.sender;
  const bound = await bindDoors(settings, host.timeouts, host.openFiles);
  const closer = { close: async (): Promise<void> => bound.close() };
  const store = await openFileStore({
    folder: settings.storageFolder,
    now: clock.now,
    retentionNow: clockWatch.retentionNow,
    log,
    sessionRetentionDays: settings.sessionRetentionDays,
    deviceRetentionDays: settings.deviceRetentionDays,
    auditRetentionDays: settings.auditRetentionDays,
    auditMaxBytes: settings.auditMaxMegabytes * 1024 * 1024,
    trimmed: () => changeEvents.emit("audit"),
    lost({ message }) {
      bound.abort();
      if (host.lost) host.lost(message);
      else {
        log.error(message);
        void closer.close();
      }
    },
  }).catch(async (cause: unknown) => {
    await bound.close();
    throw cause;
  });
  bound.answerWhile(store.checkHeld);
  const cookies = createDeviceCookies(await openServerId(settings.storageFolder, log));
  const tokens: JoseTokens = createJoseTokens(fixedKey ?? kept.secrets, log, () => changeEvents.emit("invites"));

  const localAddress = addressOf(settings.localHost, bound.localPort);
  const phoneAddress = addressOf(settings.phoneHost, bound.phonePort);
  const reachable = reachableAddressOf(settings.phoneHost, bound.phonePort);
  const reach = createReach();
  const tunnel = createTunnel({
    prepare: async () =>
      reachability.runner() === "ngrok"
        ? prepareNgrok({ load: host.loadNgrok ?? loadNgrok, authtoken: reachability.ngrokAuthtoken, target: reachable })
        : prepareCloudflared({ find: reachability.findCloudflared, target: reachable }),
    probe: reach.ask,
    now: clock.now,
    changed() {
      changeEvents.emit("reachability");
      // Where links point, and which invites point elsewhere, is read with them.
      changeEvents.emit("invites");
    },
    log,
    timeouts: host.tunnelTimeouts,
  });
  const baseUrl = (): string => {
    const lent = tunnel.state();
    if (settings.baseUrl === undefined && lent.kind === "online") return lent.address;
    return reachability.ownAddress() ?? (sms.name === "mock" ? reachable : PUBLIC_ADDRESS);
  };
  const push = createWebPush({
    secrets,
    log,
    services: () => inUse().pushServices,
    subject: () => (baseUrl().startsWith("https:") ? baseUrl() : PUBLIC_ADDRESS),
    timeouts: host.pushTimeoutMs,
  });
  const pairing = createPairing(
    {
      clock,
      clockWatch,
      random: systemRandom,
      digest: systemDigest,
      store,
      sms,
      smsSetup: smsAdapter.setup,
      hostSettings: settingsStore,
      adminToken: createAdminToken({
        secrets,
        fromEnvironment: settings.adminToken,
        isSaved: () => inUse().adminTokenSaved,
        noteSaved: settingsStore.noteAdminToken,
      }),
      pageMemory: openPageMemory(settings.storageFolder, log),
      reach,
      reachabilitySetup: reachability,
      tunnel,
      phoneNumbers,
      tokens,
      push,
      presence: createPresence(host.idleSeconds),
      secretPlace: kept.place,
      changeEvents,
      inboxSignals: createInboxSignals(),
      log,
    },
    pairingSettings(baseUrl, inUse),
  );
  const doors = bound.open(
    pairing,
    {
      ...settings,
      inUse,
      connectBroker,
      localDoorGated: !isLoopback(settings.localHost),
      computerName: cleanName(settings.computerName),
      ports: () => ({ local_port: bound.localPort, phone_port: bound.phonePort }),
      cookies,
      deviceCookies: (token, expiresAt) => cookies.set(token, expiresAt, baseUrl().startsWith("https:")),
    },
    { rendererFolder: path.join(host.distFolder, "renderer"), phoneFolder: path.join(host.distFolder, "phone"), version: host.appVersion },
    log,
  );

  const watching = clockWatch
    .begin(emitChanges({ store, changeEvents }).store)
    .catch((cause: unknown) =>
      log.warn("the clock could not be compared with the records", { reason: cause instanceof Error ? cause.message : "unknown" }),
    );
  const sweep = setInterval(() => {
    clockWatch.check();
    pairing.emitSeenPhones();
    Promise.all([pairing.expireDueInvites(), pairing.expireApprovals(), pairing.dropEndedSubscriptions(), pairing.writeDenials()]).catch(
      (cause: unknown) => log.warn("sweep failed", { reason: cause instanceof Error ? cause.message : "unknown" }),
    );
  }, SWEEP_EVERY);
  sweep.unref();
  if (settings.adminTokenWeak !== undefined)
    host.print(`⚠ ADMIN_TOKEN ${settings.adminTokenWeak}. Make a better one: openssl rand -hex 32`);
  for (const line of store.warnings) host.print(`⚠ ${line}`);
  for (const line of settingsStore.warnings) {
    host.print(`⚠ ${line}`);
    log.warn(line);
  }
  for (const line of smsAdapter.lines) host.print(line);
  host.print(`Local door   ${localAddress}`);
  host.print(`Phone door   ${phoneAddress}`);
  log.info("started", { local: localAddress, phone: phoneAddress, provider: sms.name, version: host.appVersion });
  if (reachability.tunnelAtStart() && settings.baseUrl === undefined) tunnel.start();
  // Both cost a start more than they give it: the log's writer is loaded, and a first key made, while the doors already answer.
  const warmed = new Promise<void>((resolve) => {
    setImmediate(() => {
      log.begin();
      void Promise.all([tokens.warmUp(), smsAdapter.warmUp().catch(() => undefined)]).then(() => resolve());
    });
  });
  // Node.js never tries again to load what it could not load once: later there may be no file descriptor left for it.
  const loadRest = setTimeout(() => {
    void Promise.all([tokens.warmUp(), warmUpPhoneNumbers(), doors.warmUp()]).then(() => log.info("everything is loaded"));
  }, LOAD_REST_AFTER).unref();

  let closing: Promise<void> | undefined;
  const assembled: Assembled = {
    pairing,
    ask: doors.ask,
    localAddress,
    phoneAddress,
    baseUrl,
    log,
    close() {
      closing ??= (async () => {
        clearInterval(sweep);
        clearTimeout(loadRest);
        kept.close();
        // What phones have asked through it is answered first.
        await doors.close();
        await pairing.writeDenials("all");
        push.close();
        await tunnel.stop();
        // A key that is being made is kept before the folder is somebody else's.
        await Promise.all([warmed, watching]);
        await store.close();
        log.info("stopped");
        await log.close();
      })();
      return closing;
    },
  };
  closer.close = assembled.close;
  return assembled;
}

/** Read at each use: what the settings page saves is in force at once. */
function pairingSettings(baseUrl: () => string, inUse: () => Settings): PairingSettings {
  return {
    baseUrl,
    get inviteMinutes() {
      return inUse().inviteMinutes;
    },
    get tokenDays() {
      return inUse().tokenDays;
    },
    get qr() {
      const { qrMinutes, qrOtpRequired, qrOtpEmbedded } = inUse();
      return { minutes: qrMinutes, otpRequired: qrOtpRequired, otpEmbedded: qrOtpEmbedded };
    },
    get smsBudget() {
      const { smsPerNumberPerDay, smsPerDay } = inUse();
      return {
        perNumberPerTenMinutes: Math.min(TEN_MINUTE_TEXTS, smsPerNumberPerDay),
        perNumberPerDay: smsPerNumberPerDay,
        perDay: smsPerDay,
      };
    },
    get resendWaits() {
      return resendWaits(inUse().rateLimitScale);
    },
    get push() {
      const { quietHours, quietLetsUrgentThrough, pushNotAtKeyboard } = inUse();
      return { quietHours, urgentInQuietHours: quietLetsUrgentThrough, notAtKeyboard: pushNotAtKeyboard };
    },
    get approvalTexts() {
      const { smsApprovals, smsApprovalsPerDay: perNumberPerDay } = inUse();
      if (!smsApprovals) return undefined;
      return { perNumberPerTenMinutes: TEN_MINUTE_APPROVAL_TEXTS, perNumberPerDay, perDay: APPROVAL_NUMBERS * perNumberPerDay };
    },
    get allowedCountries() {
      return inUse().sms.allowedCountries;
    },
  };
}

/** The one setting that has to change for a start to succeed that failed for this reason; `undefined` when none would do. */
export function settingAtFault(cause: unknown): DoorError["setting"] | "PAIRING_STORAGE_PATH" {
  if (cause instanceof DoorError) return cause.setting;
  return cause instanceof StorageError ? "PAIRING_STORAGE_PATH" : undefined;
}
