import path from "node:path";
import { createEnvironmentSecrets } from "./adapters/secrets/environment.ts";
import { createFileSecrets } from "./adapters/secrets/file.ts";
import { openFixedPlace } from "./adapters/secrets/fixed-place.ts";
import type { KeychainProcess } from "./adapters/secrets/keychain-calls.ts";
import { openKeychainPlace } from "./adapters/secrets/keychain-place.ts";
import { chooseSms, providerLine } from "./adapters/sms/choose.ts";
import { openFileStore } from "./adapters/stores/file/file-store.ts";
import { systemClock } from "./adapters/system/clock.ts";
import { systemDigest } from "./adapters/system/digest.ts";
import { createLogFile } from "./adapters/system/log-file.ts";
import { createNews } from "./adapters/system/news.ts";
import { phoneNumbers } from "./adapters/system/phone-numbers.ts";
import { systemRandom } from "./adapters/system/random.ts";
import { createJoseTokens, type JoseTokens } from "./adapters/tokens/jose-tokens.ts";
import type { OperationName } from "./contract/operations.ts";
import type { Reply } from "./contract/pairing-api.ts";
import { type Clock, cleanName, createPairing, type Pairing } from "./core/index.ts";
import { deviceCookies } from "./http/device-cookie.ts";
import { bindDoors } from "./http/doors.ts";
import { addressOf, isLoopback, reachableAddressOf, type Settings } from "./settings/read-settings.ts";

export interface HostOptions {
  /** Where the build put the pages: `renderer/` and `phone/` lie in it. */
  readonly distFolder: string;
  readonly appVersion: string;
  /** Where start-up lines and mock text messages go. */
  readonly print: (line: string) => void;
  /** Starts the process that asks the keychain (the build's `keychain-worker`). Absent: this host keeps secrets in files. */
  readonly startKeychain?: () => KeychainProcess;
  /** Absent: the system's. */
  readonly clock?: Clock;
}

/** A running pairing server: what a host needs of it. */
export interface Assembled {
  readonly pairing: Pairing;
  /** One operation of the API, as the local door would answer it. Input is unknown until its schema has read it. */
  readonly ask: (operation: OperationName, input: unknown) => Promise<Reply<unknown>>;
  readonly localAddress: string;
  readonly phoneAddress: string;
  readonly baseUrl: () => string;
  /** Finishes what is in flight, writes the last checkpoint, lets go of the storage folder. */
  close(): Promise<void>;
}

const PUBLIC_ADDRESS = "https://pair.topdog-ide.com";
const WEAK_TOKEN = "⚠ ADMIN_TOKEN is short enough to be guessed. Make a better one: openssl rand -hex 32";
const SWEEP_EVERY = 5000;
/** Text messages to one number in ten minutes (CONTRACT section 2). */
const TEN_MINUTE_TEXTS = 3;

/**
 * Picks the adapters, opens the store and both doors. Rejects with one clear sentence (storage, port, key, provider), nothing
 * left open and nothing changed on disk.
 */
export async function assemble(settings: Settings, host: HostOptions): Promise<Assembled> {
  const log = createLogFile(settings.storageFolder, (line) => process.stderr.write(`${line}\n`));
  const sms = chooseSms({ wanted: settings.smsProvider, twilioGiven: settings.providers.twilio }, (block) => {
    host.print(block);
    log.block(block);
  });
  const clock = host.clock ?? systemClock;
  const bound = await bindDoors(settings);
  const store = await openFileStore({
    folder: settings.storageFolder,
    now: clock.now,
    log,
    sessionRetentionDays: settings.sessionRetentionDays,
    auditRetentionDays: settings.auditRetentionDays,
  }).catch(async (cause: unknown) => {
    await bound.close();
    throw cause;
  });
  const news = createNews();
  const { startKeychain } = host;
  const kept =
    settings.jwtPrivateKey === undefined && startKeychain
      ? openKeychainPlace({
          folder: settings.storageFolder,
          start: startKeychain,
          log,
          changed() {
            // The desk's overview shows how they stand, and is read with the invites.
            news.tell("invites");
            void tokens.warmUp();
          },
        })
      : openFixedPlace(
          settings.jwtPrivateKey === undefined
            ? createFileSecrets(settings.storageFolder)
            : createEnvironmentSecrets({ "signing-key": settings.jwtPrivateKey }),
          settings.storageFolder,
          log,
        );
  const tokens: JoseTokens = createJoseTokens(kept.secrets, log);

  const localAddress = addressOf(settings.localHost, bound.localPort);
  const phoneAddress = addressOf(settings.phoneHost, bound.phonePort);
  const reachable = reachableAddressOf(settings.phoneHost, bound.phonePort);
  const baseUrl = (): string => settings.baseUrl ?? (sms.name === "mock" ? reachable : PUBLIC_ADDRESS);
  const pairing = createPairing(
    { clock, random: systemRandom, digest: systemDigest, store, sms, phoneNumbers, tokens, secretPlace: kept.place, news, log },
    {
      baseUrl,
      inviteMinutes: settings.inviteMinutes,
      tokenDays: settings.tokenDays,
      qr: { minutes: settings.qrMinutes, otpRequired: settings.qrOtpRequired, otpEmbedded: settings.qrOtpEmbedded },
      smsBudget: {
        perNumberPerTenMinutes: Math.min(TEN_MINUTE_TEXTS, settings.smsPerNumberPerDay),
        perNumberPerDay: settings.smsPerNumberPerDay,
        perDay: settings.smsPerDay,
      },
    },
  );
  const doors = bound.open(
    pairing,
    {
      ...settings,
      localDoorGated: !isLoopback(settings.localHost),
      computerName: cleanName(settings.computerName),
      ports: () => ({ local_port: bound.localPort, phone_port: bound.phonePort }),
      deviceCookies: (token, expiresAt) => deviceCookies(token, expiresAt, baseUrl().startsWith("https:")),
    },
    { rendererFolder: path.join(host.distFolder, "renderer"), phoneFolder: path.join(host.distFolder, "phone"), version: host.appVersion },
    log,
  );

  const sweep = setInterval(() => {
    pairing
      .expireDueInvites()
      .catch((cause: unknown) => log.warn("sweep failed", { reason: cause instanceof Error ? cause.message : "unknown" }));
  }, SWEEP_EVERY);
  sweep.unref();
  if (settings.adminTokenWeak) host.print(WEAK_TOKEN);
  host.print(providerLine(sms));
  host.print(`Local door   ${localAddress}`);
  host.print(`Phone door   ${phoneAddress}`);
  log.info("started", { local: localAddress, phone: phoneAddress, provider: sms.name, version: host.appVersion });
  // Both cost a start more than they give it: the log's writer is loaded, and a first key made, while the doors already answer.
  setImmediate(() => {
    log.begin();
    void tokens.warmUp();
  });

  let closing: Promise<void> | undefined;
  return {
    pairing,
    ask: doors.ask,
    localAddress,
    phoneAddress,
    baseUrl,
    close() {
      closing ??= (async () => {
        clearInterval(sweep);
        kept.close();
        await doors.close();
        await store.close();
        log.info("stopped");
        await log.close();
      })();
      return closing;
    },
  };
}
