import type { KeychainProcess } from "../adapters/secrets/keychain-calls.ts";
import type { LoadNgrok } from "../adapters/tunnel/load-ngrok.ts";
import type { TunnelTimeouts } from "../adapters/tunnel/tunnel-supervisor.ts";
import type { Clock, SecretStore } from "../core/index.ts";
import type { Timeouts } from "../http/doors/door-server.ts";
import type { OpenStore } from "./store-factory.ts";

/** What a host provides, and what of the defaults it replaces. */
export interface HostOptions {
  /** The build's output: `renderer/` and `phone/` are in it. */
  readonly distFolder: string;
  readonly appVersion: string;
  /** A person's own computer: AWS credentials found on it are used only after that person agreed in the settings. */
  readonly askBeforeAws: boolean;
  /** Receives start-up lines and mock text messages. */
  readonly print: (line: string) => void;
  /** Receives errors, beside the log file. Absent: standard error. */
  readonly complain?: (line: string) => void;
  /** Receives the log's lines (JSON), as `PAIRING_LOG` says. Absent: the log is in its file alone. */
  readonly logOutput?: { write(text: string): unknown };
  /** Absent: the keychain where `startKeychain` is given, else files in the storage folder. */
  readonly secrets?: SecretStore;
  /** Starts the process that asks the keychain (the build's `keychain-worker`). Absent: this host keeps secrets in files. */
  readonly startKeychain?: () => KeychainProcess;
  /** Absent: files in the storage folder. */
  readonly openStore?: OpenStore;
  /** Absent: the system's. */
  readonly clock?: Pick<Clock, "now" | "steady"> & Partial<Pick<Clock, "pause">>;
  /** For the clients of both doors; absent: the defaults. */
  readonly timeouts?: Timeouts;
  /** How many files and connections this process may have open; absent: the system's limit. */
  readonly openFiles?: number;
  /** Absent: the defaults. */
  readonly tunnelTimeouts?: TunnelTimeouts;
  /** Loads the package @ngrok/ngrok. Absent: from where Top Dog is installed. */
  readonly loadNgrok?: LoadNgrok;
  /** Seconds since this computer's mouse or keyboard was last used. Absent: unknown. */
  readonly idleSeconds?: () => number;
  /**
   * Called when another process took over the storage folder while this one was paused. From then on no request is answered; the host
   * ends the process or closes the server. Absent: the server closes by itself.
   */
  readonly lost?: (sentence: string) => void;
  /** For one request to a push service; absent: the default. */
  readonly pushTimeoutMs?: number;
}
