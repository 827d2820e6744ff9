import { type Assembled, settingAtFault } from "../assemble.ts";
import type { ServerState } from "../contract/desk-schemas.ts";
import type { Settings } from "../settings/read-settings.ts";

export interface ServerKeeperNeeds {
  /** Read anew for each start: what a person chose meanwhile counts. */
  readonly readSettings: () => Settings;
  readonly assemble: (settings: Settings) => Promise<Assembled>;
  /** Whether a setting comes from the environment. */
  readonly isFixed: (setting: string) => boolean;
  readonly say: (line: string) => void;
}

export interface ServerKeeper {
  /** The server, as soon as it runs: who asks before waits. */
  readonly running: Promise<Assembled>;
  /** How the last start ended; waits for one that is under way. */
  readonly state: () => Promise<ServerState>;
  readonly start: () => Promise<ServerState>;
  readonly close: () => Promise<void>;
}

const FAULTS = { PAIRING_PORT: "local-port", PAIRING_PHONE_PORT: "phone-port", PAIRING_STORAGE_PATH: "folder" } as const;

/** Starts the server, as often as it takes, and stops it. What keeps it from starting is a state, not an end. */
export function createServerKeeper({ readSettings, assemble, isFixed, say }: ServerKeeperNeeds): ServerKeeper {
  let server: Assembled | undefined;
  let closing = false;
  let tell: (server: Assembled) => void = () => undefined;
  const running = new Promise<Assembled>((resolve) => {
    tell = resolve;
  });

  const attempt = async (): Promise<ServerState> => {
    if (server || closing) return { kind: "running" };
    const settings = readSettings();
    try {
      server = await assemble(settings);
      tell(server);
      return { kind: "running" };
    } catch (cause) {
      const sentence = cause instanceof Error ? cause.message : String(cause);
      say(sentence);
      const setting = settingAtFault(cause);
      if (setting === undefined) return { kind: "failed", sentence, fault: "other", value: "", fixed: true };
      const value = {
        PAIRING_PORT: settings.localPort,
        PAIRING_PHONE_PORT: settings.phonePort,
        PAIRING_STORAGE_PATH: settings.storageFolder,
      };
      return { kind: "failed", sentence, fault: FAULTS[setting], value: String(value[setting]), fixed: isFixed(setting) };
    }
  };

  let last: Promise<ServerState> | undefined;
  /** One start after the other. */
  const start = (): Promise<ServerState> => {
    last = (last ?? Promise.resolve()).then(attempt);
    return last;
  };
  return {
    running,
    start,
    state: () => last ?? start(),
    async close() {
      closing = true;
      await last;
      await server?.close();
    },
  };
}
