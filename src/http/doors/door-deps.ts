import type { Log, Pairing } from "../../core/index.ts";
import type { DeviceConnections } from "../../operations/device-connections.ts";
import type { Operations } from "../../operations/run.ts";
import type { WindowSessions } from "../../operations/window-sessions.ts";
import type { DoorSettings } from "../door-settings.ts";
import type { RequestObserver } from "../observe-requests.ts";
import type { UpgradeHandler } from "../upgrade-handler.ts";
import type { Exposition } from "./metrics.ts";

/** What both doors serve. */
export interface DoorDeps {
  readonly pairing: Pairing;
  readonly operations: Pick<Operations, "run">;
  readonly connections: DeviceConnections;
  readonly windows: WindowSessions;
  /** Takes the phone door's WebSockets. */
  readonly upgrades: UpgradeHandler;
  readonly settings: DoorSettings;
  readonly files: DoorFiles;
  readonly requests: RequestObserver;
  readonly readMetrics: () => Promise<Exposition>;
  readonly log: Log;
}

export interface DoorFiles {
  /** Where the build put the settings page and the phone's pages. */
  readonly rendererFolder: string;
  readonly phoneFolder: string;
  readonly version: string;
}
