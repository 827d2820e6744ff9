import { createEnvironmentSecrets } from "../adapters/secrets/environment.ts";
import { createFileSecrets } from "../adapters/secrets/file.ts";
import { NOTE_FILE, readNote } from "../adapters/secrets/keychain-note.ts";
import { openSms } from "../adapters/sms/open-sms.ts";
import { savedSmsFile } from "../adapters/sms/saved-settings.ts";
import { examineStorage, type StorageStatus } from "../adapters/stores/file/examine.ts";
import { asReader } from "../adapters/stores/file/storage-file.ts";
import type { DatabaseStatus } from "../adapters/stores/postgres/inspect-database.ts";
import { SILENT } from "../adapters/system/silent-log.ts";
import { readKeyRingStatus } from "../adapters/tokens/key-ring.ts";
import { loadNgrok } from "../adapters/tunnel/load-ngrok.ts";
import { openReachability, savedReachabilityFile } from "../adapters/tunnel/reachability-setup.ts";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { SecretStore, TunnelRunner } from "../core/index.ts";
import { reachableAddressOf } from "../settings/addresses.ts";
import type { Settings } from "../settings/read-settings.ts";
import { say } from "../words/say.ts";
import { type HostShared, readSharedSettings, sharedSecretsReader } from "./open-shared.ts";
import { SECRET_NAMES } from "./secret-names.ts";

export { exportStorage } from "../adapters/stores/file/export.ts";
export { OutgoingAgent } from "../adapters/system/outgoing.ts";
export { readProxySettings } from "../adapters/system/proxy.ts";
export { maskPhoneNumber, pushFailure } from "../core/index.ts";

export type { DatabaseStatus, StorageStatus };

/** What a headless server of these settings would find, and what is there beside a running one. A fault is a sentence for the person. */
export interface HostReport {
  readonly storage: StorageStatus;
  /** Absent: the records are in the storage folder. */
  readonly database?: DatabaseStatus | Fault;
  readonly secrets: SecretsReport;
  readonly key: KeyReport;
  readonly sms: SmsReport | Fault;
  readonly connectivity: ConnectivityReport | Fault;
}

type Saved = HostShared["saved"];

export interface Fault {
  readonly fault: string;
}

export type SecretsReport = Pick<SecretStore, "kind"> | Fault;

/** `elsewhere`: in the desktop app's keychain, which only the app asks. */
export type KeyReport =
  | { readonly kind: "none" | "elsewhere" }
  | { readonly kind: "ready"; readonly kid: string; readonly all: number }
  | Fault;

export interface SmsReport {
  /** A provider's name for people; absent in mock mode. */
  readonly active?: string;
  /** Why what was chosen cannot send. */
  readonly problem?: string;
  /** What is worth a warning: a provider was begun and is not used. */
  readonly warnings: readonly string[];
}

export interface ConnectivityReport {
  /** Empty: no address of one's own. */
  readonly baseUrl: string;
  readonly runner: TunnelRunner;
  readonly tunnelAtStart: boolean;
  /** Where cloudflared is. */
  readonly cloudflared?: string;
  /** Why the chosen one would not be run. */
  readonly failure?: string;
}

/** Reads, and changes nothing: no lock is taken, no file or key made, nobody asked over the network but the database. */
export async function inspectHost(settings: Settings): Promise<HostReport> {
  const { storageFolder, jwtPrivateKey } = settings;
  const files = sharedSecretsReader(settings) ?? createFileSecrets(storageFolder);
  const keys = jwtPrivateKey === undefined ? files : createEnvironmentSecrets({ "signing-key": jwtPrivateKey });
  const inKeychain = await orFault(async () => {
    const note = files.kind === "file" ? await readNote(storageFolder, asReader) : undefined;
    return note?.home === "keychain" && note.kept["signing-key"]?.mark !== undefined;
  });
  const shared = await orFault(async () => (await readSharedSettings(settings))?.saved);
  const ofServers = async <Seen>(inspect: (saved: Saved | undefined) => Promise<Seen>): Promise<Seen | Fault> =>
    shared && "fault" in shared ? shared : orFault(() => inspect(shared));
  return {
    storage: await examineStorage(storageFolder),
    ...present({ database: settings.databaseUrl === undefined ? undefined : await checkDatabase(settings.databaseUrl) }),
    secrets: await checkSecrets(files, keys, inKeychain),
    key: inKeychain === true && keys === files ? { kind: "elsewhere" } : await checkKey(keys),
    sms: await ofServers((saved) => checkSms(settings, saved?.sms, files)),
    connectivity: await ofServers((saved) => inspectConnectivity(settings, saved?.reachability, files)),
  };
}

async function checkDatabase(url: string): Promise<DatabaseStatus | Fault> {
  const { inspectDatabase } = await import("../adapters/stores/postgres/index.ts");
  return orFault(async () => inspectDatabase({ url }, Date.now));
}

async function orFault<Seen>(inspect: () => Promise<Seen>): Promise<Seen | Fault> {
  try {
    return await inspect();
  } catch (cause) {
    return { fault: messageOf(cause) };
  }
}

async function checkSecrets(files: SecretStore, keys: SecretStore, inKeychain: boolean | Fault): Promise<SecretsReport> {
  if (typeof inKeychain !== "boolean") return { fault: `${inKeychain.fault} (${NOTE_FILE})` };
  if (inKeychain && keys === files) return { kind: "keychain" };
  return orFault(async () => {
    for (const name of SECRET_NAMES) await files.get(name);
    return { kind: keys.kind };
  });
}

async function checkKey(keys: SecretStore): Promise<KeyReport> {
  return orFault(async () => {
    const ring = await readKeyRingStatus(keys);
    return ring ? { kind: "ready" as const, kid: ring.signing.kid, all: ring.byKid.size } : { kind: "none" as const };
  });
}

async function checkSms(settings: Settings, shared: Saved["sms"], secrets: SecretStore): Promise<SmsReport> {
  const adapter = await openSms({
    environment: settings.sms,
    askBeforeAws: false,
    file: shared ?? savedSmsFile(settings.storageFolder),
    secrets,
    print: () => undefined,
    log: SILENT,
  });
  const { active, problem, providers } = adapter.setup.read();
  const label = providers.find(({ id }) => id === active)?.label;
  return {
    ...present({ active: label, problem }),
    warnings: adapter.unfinished,
  };
}

async function inspectConnectivity(settings: Settings, shared: Saved["reachability"], secrets: SecretStore): Promise<ConnectivityReport> {
  const adapter = await openReachability({
    file: shared ?? savedReachabilityFile(settings.storageFolder),
    environment: settings,
    secrets,
    loadNgrok,
    phoneDoor: () => reachableAddressOf(settings.phoneHost, settings.phonePort),
    localNetwork: () => [],
  });
  const { baseUrl, runner, cloudflared, ngrok, tunnelAtStart } = await adapter.read();
  const { failure } = runner === "ngrok" ? ngrok : cloudflared;
  return {
    baseUrl: baseUrl.value,
    runner,
    tunnelAtStart,
    ...present({ cloudflared: cloudflared.found }),
    ...present({ failure: failure && say(`tunnel.${failure}`) }),
  };
}
