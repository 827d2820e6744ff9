import path from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserWindow, type BrowserWindowConstructorOptions, powerMonitor } from "electron";
import packageJson from "../../package.json" with { type: "json" };
import { leaveDeletedFolder } from "../adapters/system/working-folder.ts";
import { messageOf } from "../base/message-of.ts";
import { present } from "../base/present.ts";
import type { Device, SecretStore } from "../core/index.ts";
import { type Assembled, assemble } from "../host/assemble.ts";
import { openSettings, setSettingsAside } from "../host/open-settings.ts";
import { COMMANDS } from "./contributes.ts";
import type { Disposable } from "./disposable.ts";
import { followAlerts } from "./follow-alerts.ts";
import { followPhones, phonesNotRead } from "./follow-phones.ts";
import { type MainWindow, openMainWindow } from "./main-window.ts";
import { servePage, stopServingPage } from "./page-protocol.ts";
import {
  type ApprovalOutcome,
  type ApprovalQuestion,
  type AskedApproval,
  type BuildNotification,
  type PhoneChoice,
  type PluginRemote,
  remoteFor,
  type SentNotification,
} from "./plugin-remote.ts";
import { type PhoneCommand, type PluginVoice, type VoiceAction, type VoiceCommandOffer, voiceFor } from "./plugin-voice.ts";
import { createServerSupervisor, type ServerSupervisor } from "./server-supervisor.ts";

export { COMMANDS, type ContributedSetting, contributes } from "./contributes.ts";
export { PAGE_SCHEME } from "./page-protocol.ts";
export type {
  ApprovalOutcome,
  ApprovalQuestion,
  AskedApproval,
  BuildNotification,
  Disposable,
  PhoneChoice,
  PhoneCommand,
  SecretStore,
  SentNotification,
  VoiceAction,
  VoiceCommandOffer,
};

/** What an IDE gives to the plugin. */
export interface PluginHost {
  /** An absolute path; made when it is missing, and for this account only. */
  readonly storageFolder: string;
  /** Settings by their names in `contributes.configuration`. Nothing is read from the environment. */
  readonly settings?: Readonly<Record<string, string | undefined>>;
  /** Where the signing key is kept. Absent: a file in the storage folder. */
  readonly secrets?: SecretStore;
  /** What a person should be able to read; mock text messages are among `info`. */
  readonly log: Readonly<Record<"info" | "warn" | "error", (line: string) => void>>;
  /** Makes the view's window with exactly these options, in the default session: they are what keeps its page apart. */
  readonly openWindow: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  readonly registerCommand: (command: string, run: () => void) => Disposable;
}

export interface PairedPhone {
  readonly deviceId: string;
  readonly userId: string;
  readonly name: string;
  readonly kind: "ios" | "android" | "web" | "unknown";
  readonly status: "active" | "suspended" | "revoked";
  readonly pairedAt: Date;
  readonly lastSeen: Date;
}

/** What an IDE gets from the plugin. */
export interface PhonePairing extends PluginRemote, PluginVoice {
  /** Where scripts and the `topdog-phone/client` ask. */
  readonly localAddress: string;
  /** Where a tunnel points to. */
  readonly phoneAddress: string;
  /** Opens the view at the number field. */
  readonly pairPhone: () => void;
  /** The newest first, revoked ones included. */
  readonly devices: () => Promise<readonly PairedPhone[]>;
  /** `userId` where two users have a phone with this id. Rejects with a sentence. */
  readonly revokeDevice: (deviceId: string, userId?: string) => Promise<void>;
  readonly onDidPair: (listener: (phone: PairedPhone) => void) => Disposable;
  readonly onDidRevoke: (listener: (phone: PairedPhone) => void) => Disposable;
}

const DIST = fileURLToPath(new URL("..", import.meta.url));

let active: { readonly end: () => Promise<void> } | undefined;

/**
 * Starts the pairing server in the IDE's main process. Before the IDE's `ready`, {@link PAGE_SCHEME} must be among the schemes of
 * its one call of `protocol.registerSchemesAsPrivileged`. Rejects with one sentence when the server cannot start (a port, the
 * folder, a setting); nothing is left behind then, and it may be called again.
 */
export async function activate(host: PluginHost): Promise<PhonePairing> {
  if (active) throw new Error("Phone Pairing is active already. Call deactivate() before activate().");
  leaveDeletedFolder();
  const supervisor = superviseServer(host);
  const cleanups: (() => void | Promise<void>)[] = [() => supervisor.close()];
  let ended: Promise<void> | undefined;
  const clean = async (): Promise<void> => {
    try {
      for (const cleanup of cleanups.reverse()) await cleanup();
    } finally {
      active = undefined;
    }
  };
  // An IDE that is asked to quit twice waits for the same end.
  active = { end: () => (ended ??= clean()) };
  try {
    const state = await supervisor.start();
    if (state.kind === "failed") throw new Error(state.sentence);
    let current = await supervisor.server();
    servePage(path.join(DIST, "renderer"));
    cleanups.push(stopServingPage);
    const window = openView(host, supervisor);
    cleanups.push(window.close);
    const paired = phoneListeners(host.log);
    const revoked = phoneListeners(host.log);
    const stopFollowing = supervisor.onServer((server) => {
      current = server;
      return followServer(server, paired.emit, revoked.emit, host.log.warn);
    });
    cleanups.push(stopFollowing);
    const pairPhone = (): void => window.navigate("pair");
    for (const [command, run] of [
      [COMMANDS.pairPhone, pairPhone],
      [COMMANDS.showPhones, () => window.navigate("devices")],
    ] as const) {
      const registered = host.registerCommand(command, run);
      cleanups.push(() => registered.dispose());
    }
    return {
      get localAddress() {
        return current.localAddress;
      },
      get phoneAddress() {
        return current.phoneAddress;
      },
      pairPhone,
      devices: async () => (await current.pairing.listDevices()).map(phoneOf),
      async revokeDevice(deviceId, userId) {
        await current.pairing.revokeDevice({ deviceId, ...present({ userId }) }, { ua: "plugin" });
      },
      ...remoteFor(supervisor),
      ...voiceFor(supervisor),
      onDidPair: paired.add,
      onDidRevoke: revoked.add,
    };
  } catch (cause) {
    await active.end();
    throw cause;
  }
}

/** Finishes requests in flight, closes the view and releases the storage folder. Does nothing when the plugin is not active, and may be called again meanwhile. */
export async function deactivate(): Promise<void> {
  await active?.end();
}

function superviseServer(host: PluginHost): ServerSupervisor {
  const { log, secrets } = host;
  const environment = (): NodeJS.ProcessEnv => ({ ...host.settings });
  const defaults = { storageFolder: host.storageFolder };
  const supervisor = createServerSupervisor({
    openSettings: (chosen) => openSettings(environment(), defaults, chosen),
    setSettingsAside: async () => setSettingsAside(environment(), defaults),
    assemble: (settings) =>
      assemble(settings, {
        distFolder: DIST,
        appVersion: packageJson.version,
        askBeforeAws: true,
        print: log.info,
        complain: log.error,
        ...present({ secrets }),
        idleSeconds: () => powerMonitor.getSystemIdleTime(),
        lost(sentence) {
          log.error(sentence);
          // The next start names the process that holds the folder, and the window offers what to do.
          void supervisor.restart();
        },
      }),
    isFixed: () => true,
    say: log.error,
  });
  return supervisor;
}

/** The view's window. The IDE has its own preferences, and its settings name the folder. */
function openView(host: PluginHost, supervisor: ServerSupervisor): MainWindow {
  return openMainWindow({
    supervisor,
    distFolder: DIST,
    makeWindow: host.openWindow,
    startServer: () => supervisor.state(),
    chooseFolder: () => supervisor.state(),
    preferences: () => ({}),
    setPreferences: async () => undefined,
    warn: host.log.warn,
  });
}

type Emit = (phone: PairedPhone) => void;

function followServer({ pairing }: Pick<Assembled, "pairing">, paired: Emit, revoked: Emit, warn: (line: string) => void): () => void {
  const stops = [
    followPhones(pairing, {
      paired: (device) => paired(phoneOf(device)),
      revoked: (device) => revoked(phoneOf(device)),
      failed: (cause) => warn(phonesNotRead(cause)),
    }),
    followAlerts(pairing, ({ sentence }) => warn(sentence)),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

function phoneOf(device: Device): PairedPhone {
  const { deviceId, userId, deviceName, deviceType, status, pairedAt, lastSeen } = device;
  return { deviceId, userId, name: deviceName, kind: deviceType, status, pairedAt: new Date(pairedAt), lastSeen: new Date(lastSeen) };
}

function phoneListeners(log: PluginHost["log"]) {
  const listeners = new Set<(phone: PairedPhone) => void>();
  return {
    emit(phone: PairedPhone): void {
      for (const listener of listeners) {
        try {
          listener(phone);
        } catch (cause) {
          log.error(`A listener of Phone Pairing failed: ${messageOf(cause)}`);
        }
      }
    },
    add(listener: (phone: PairedPhone) => void): Disposable {
      // Wrapped, so that a function that is added twice is called twice, and each addition is disposed of on its own.
      const own = (phone: PairedPhone): void => listener(phone);
      listeners.add(own);
      return { dispose: () => void listeners.delete(own) };
    },
  };
}
