import { messageOf } from "../base/message-of.ts";
import type { ServerState } from "../contract/window-request-schemas.ts";
import { type Assembled, settingAtFault } from "../host/assemble.ts";
import { SettingsFileError } from "../host/open-settings.ts";
import type { SavedSettings } from "../settings/read-settings.ts";
import type { SettingsStore } from "../settings/settings-store.ts";

export interface ServerSupervisorDeps {
  /** Opened anew for each start: what a person changed meanwhile counts. What was chosen in the window stands over what is saved. */
  readonly openSettings: (chosen: SavedSettings) => SettingsStore;
  readonly assemble: (settings: SettingsStore) => Promise<Assembled>;
  /** Moves a file of settings out of the way. Answers its new name. */
  readonly setSettingsAside: () => Promise<string | undefined>;
  /** Whether a setting comes from the environment. */
  readonly isFixed: (setting: string) => boolean;
  /** What was chosen is among the saved settings now. */
  readonly onSaved?: (chosen: SavedSettings) => void;
  readonly say: (line: string) => void;
}

export interface ServerSupervisor {
  /** The server that runs: who asks while there is none waits for the next. */
  readonly server: () => Promise<Assembled>;
  /** Hears each server that starts, and the one that runs. Answers how to stop. */
  readonly onServer: (listener: (server: Assembled) => void) => () => void;
  /** How the last start ended; waits for one that is under way. */
  readonly state: () => Promise<ServerState>;
  /** What is chosen counts for this and later starts, and is kept once one succeeds. */
  readonly start: (chosen?: SavedSettings) => Promise<ServerState>;
  readonly restart: () => Promise<ServerState>;
  /** Takes the way back of the start that failed last, and starts. */
  readonly goBack: () => Promise<ServerState>;
  readonly close: () => Promise<void>;
}

const FAULTS = {
  PAIRING_PORT: "local-port",
  PAIRING_PHONE_PORT: "phone-port",
  PAIRING_STORAGE_PATH: "folder",
  PAIRING_HOST: "other",
  PAIRING_PHONE_HOST: "other",
} as const;

type WayBack = NonNullable<Extract<ServerState, { kind: "failed" }>["way_back"]>;

/** Starts the server, as often as it takes, and stops it. What keeps it from starting is a state, not an end. */
export function createServerSupervisor(deps: ServerSupervisorDeps): ServerSupervisor {
  const { say } = deps;
  let server: Assembled | undefined;
  let chosen: SavedSettings = {};
  /** Those that the last server ran with. */
  let worked: SettingsStore | undefined;
  let wayBack: { readonly kind: WayBack; readonly take: () => Promise<unknown> } | undefined;
  let closing = false;
  let next = waitForServer();
  const listeners = new Set<(server: Assembled) => void>();

  const attempt = async (): Promise<ServerState> => {
    if (server || closing) return { kind: "running" };
    let settings: SettingsStore | undefined;
    try {
      settings = deps.openSettings(chosen);
      const started = await deps.assemble(settings);
      server = started;
      worked = settings;
      wayBack = undefined;
      await keepChosen(settings);
      next.provide(started);
      for (const listener of listeners) listener(started);
      return { kind: "running" };
    } catch (cause) {
      return failed(cause, settings);
    }
  };

  /** The server runs either way. */
  const keepChosen = async (settings: SettingsStore): Promise<void> => {
    if (Object.keys(chosen).length === 0) return;
    try {
      await settings.save(chosen);
      deps.onSaved?.(chosen);
      chosen = {};
    } catch (cause) {
      say(`What was chosen could not be remembered: ${messageOf(cause)}`);
    }
  };

  const failed = (cause: unknown, settings: SettingsStore | undefined): ServerState => {
    const sentence = messageOf(cause);
    say(sentence);
    const setting = settingAtFault(cause);
    wayBack = wayBackFrom(cause, setting, settings);
    const way = wayBack === undefined ? {} : { way_back: wayBack.kind };
    if (setting === undefined || !settings) return { kind: "failed", sentence, fault: "other", value: "", fixed: true, ...way };
    const { localPort, phonePort, storageFolder, localHost, phoneHost } = settings.inUse();
    const value = {
      PAIRING_PORT: localPort,
      PAIRING_PHONE_PORT: phonePort,
      PAIRING_STORAGE_PATH: storageFolder,
      PAIRING_HOST: localHost,
      PAIRING_PHONE_HOST: phoneHost,
    };
    return { kind: "failed", sentence, fault: FAULTS[setting], value: String(value[setting]), fixed: deps.isFixed(setting), ...way };
  };

  const wayBackFrom = (cause: unknown, setting: ReturnType<typeof settingAtFault>, settings: SettingsStore | undefined): typeof wayBack => {
    if (cause instanceof SettingsFileError && !settings) return { kind: "aside", take: setAside };
    const before = worked;
    if (before?.list().some(({ waiting }) => waiting)) return { kind: "previous", take: before.dropWaiting };
    if (setting === undefined || setting === "PAIRING_STORAGE_PATH" || settings?.saved()[setting] === undefined) return undefined;
    return { kind: "default", take: async () => settings.save({ [setting]: null }) };
  };

  const setAside = async (): Promise<void> => {
    const aside = await deps.setSettingsAside();
    if (aside !== undefined) say(`The settings that could not be used are kept as ${aside}.`);
  };

  let last: Promise<ServerState> | undefined;
  /** One start after the other. */
  const inTurn = (work: () => Promise<ServerState>): Promise<ServerState> => {
    last = (last ?? Promise.resolve()).then(work);
    return last;
  };
  const start: ServerSupervisor["start"] = (more = {}) =>
    inTurn(async () => {
      chosen = { ...chosen, ...more };
      return attempt();
    });
  return {
    server: () => next.server,
    onServer(listener) {
      listeners.add(listener);
      if (server) listener(server);
      return () => void listeners.delete(listener);
    },
    start,
    state: () => last ?? start(),
    restart: () =>
      inTurn(async () => {
        const running = server;
        server = undefined;
        next = waitForServer();
        // What it did not finish the next start says, and finds in the journal.
        await running?.close().catch((cause: unknown) => say(`The server did not stop cleanly: ${messageOf(cause)}`));
        return attempt();
      }),
    goBack: () =>
      inTurn(async () => {
        if (server) return attempt();
        try {
          await wayBack?.take();
          chosen = {};
        } catch (cause) {
          return failed(cause, undefined);
        }
        return attempt();
      }),
    async close() {
      closing = true;
      await last;
      await server?.close();
    },
  };
}

function waitForServer(): { readonly server: Promise<Assembled>; readonly provide: (server: Assembled) => void } {
  let provide: (server: Assembled) => void = () => undefined;
  const server = new Promise<Assembled>((resolve) => {
    provide = resolve;
  });
  return { server, provide };
}
