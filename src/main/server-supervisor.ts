import { messageOf } from "../base/message-of.ts";
import { createSerialQueue } from "../base/serial-queue.ts";
import type { ServerState } from "../contract/window-request-schemas.ts";
import type { Assembled } from "../host/assemble.ts";
import type { SavedSettings } from "../settings/read-settings.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import { say } from "../words/say.ts";
import { failureOf, type WayBack, wayBackFrom } from "./failed-start.ts";
import { createRunningServer, type RunningServer } from "./running-server.ts";

export interface ServerSupervisorDeps {
  /** Called for each start, so that it reads what changed since. What was chosen in the window takes precedence over what is saved. */
  readonly openSettings: (chosen: SavedSettings) => SettingsStore;
  readonly assemble: (settings: SettingsStore) => Promise<Assembled>;
  /** Renames the file of saved settings. Answers its new name. */
  readonly setSettingsAside: () => Promise<string | undefined>;
  /** Whether a setting comes from the environment. */
  readonly isFixed: (setting: string) => boolean;
  /** Called when what was chosen in the window is among the saved settings. */
  readonly onSaved?: (chosen: SavedSettings) => void;
  readonly say: (line: string) => void;
}

export interface ServerSupervisor {
  /** The running server; waits for the next one while none runs. */
  readonly server: () => Promise<Assembled>;
  /** Runs `attach` for the server that runs and for each that starts, and what it answered before the next. Returns a function that stops it. */
  readonly onServer: (attach: (server: Assembled) => () => void) => () => void;
  /** How the last start ended; waits for one that is under way. */
  readonly state: () => Promise<ServerState>;
  /** What is chosen applies to this and later starts, and is saved once one succeeds. */
  readonly start: (chosen?: SavedSettings) => Promise<ServerState>;
  readonly restart: () => Promise<ServerState>;
  /** Undoes what made the last start fail, as its `way_back` says, and starts. */
  readonly goBack: () => Promise<ServerState>;
  readonly close: () => Promise<void>;
}

const RUNNING: ServerState = { kind: "running" };

/** Starts and stops the server, as often as needed. A start that fails is a state that can be shown, never an exception. */
export function createServerSupervisor(deps: ServerSupervisorDeps): ServerSupervisor {
  const running = createRunningServer();
  const starts = createStarts(deps, running);
  const queue = createSerialQueue();
  let last: Promise<ServerState> | undefined;
  let closing = false;
  const inTurn = (work: () => Promise<ServerState>): Promise<ServerState> => {
    last = queue.run(async () => (closing ? RUNNING : work()));
    return last;
  };
  const start: ServerSupervisor["start"] = (chosen) => inTurn(() => starts.attempt(chosen));
  return {
    server: running.next,
    onServer: running.onServer,
    start,
    state: () => last ?? start(),
    restart: () =>
      inTurn(async () => {
        // The next start reports what this server could not finish. The journal has everything that was answered.
        await running
          .clear()
          ?.close()
          .catch((cause: unknown) => deps.say(say("desktop.serverNotStopped", { why: messageOf(cause) })));
        return starts.attempt();
      }),
    goBack: () => inTurn(starts.goBack),
    async close() {
      closing = true;
      await queue.idle();
      await running.current()?.close();
    },
  };
}

function createStarts(deps: ServerSupervisorDeps, running: RunningServer) {
  let chosen: SavedSettings = {};
  let lastWorking: SettingsStore | undefined;
  let wayBack: WayBack | undefined;

  /** The server keeps running when this fails. */
  const saveChosen = async (settings: SettingsStore): Promise<void> => {
    if (Object.keys(chosen).length === 0) return;
    try {
      await settings.save(chosen);
      deps.onSaved?.(chosen);
      chosen = {};
    } catch (cause) {
      deps.say(say("desktop.chosenNotSaved", { why: messageOf(cause) }));
    }
  };
  const setAside = async (): Promise<void> => {
    const aside = await deps.setSettingsAside();
    if (aside !== undefined) deps.say(say("desktop.settingsSetAside", { file: aside }));
  };
  const failed = (cause: unknown, settings: SettingsStore | undefined): ServerState => {
    deps.say(messageOf(cause));
    wayBack = wayBackFrom(cause, settings, lastWorking, setAside);
    return failureOf(cause, settings, wayBack, deps.isFixed);
  };
  const attempt = async (more: SavedSettings = {}): Promise<ServerState> => {
    chosen = { ...chosen, ...more };
    if (running.current()) return RUNNING;
    let settings: SettingsStore | undefined;
    try {
      settings = deps.openSettings(chosen);
      running.set(await deps.assemble(settings));
      lastWorking = settings;
      wayBack = undefined;
      await saveChosen(settings);
      running.announce();
      return RUNNING;
    } catch (cause) {
      return failed(cause, settings);
    }
  };
  return {
    attempt,
    async goBack(): Promise<ServerState> {
      if (running.current()) return RUNNING;
      try {
        await wayBack?.take();
        chosen = {};
      } catch (cause) {
        return failed(cause, undefined);
      }
      return attempt();
    },
  };
}
