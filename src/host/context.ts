import { createChangeEvents } from "../adapters/system/change-events.ts";
import { systemClock } from "../adapters/system/clock.ts";
import { createInboxSignals } from "../adapters/system/inbox-signals.ts";
import { createLogFile, type LogFile } from "../adapters/system/log-file.ts";
import { type ChangeEvents, type Clock, type ClockWatch, createClockWatch, type InboxSignals } from "../core/index.ts";
import type { Settings } from "../settings/read-settings.ts";
import type { SettingsStore } from "../settings/settings-store.ts";
import type { HostOptions } from "./host-options.ts";
import { createMetrics, type Metrics } from "./metrics/metrics.ts";
import type { HostShared } from "./open-shared.ts";

/** What every part of one server is built with. */
export interface HostContext {
  readonly host: HostOptions;
  readonly settingsStore: SettingsStore;
  /** As they were at the start. `settingsStore.inUse()` includes what was saved since. */
  readonly settings: Settings;
  readonly log: LogFile;
  readonly changeEvents: ChangeEvents;
  readonly inboxSignals: InboxSignals;
  readonly clock: Clock;
  readonly clockWatch: ClockWatch;
  readonly metrics: Metrics;
  /** Absent: no database. */
  readonly shared: HostShared | undefined;
}

/** Touches nothing on disk. */
export function openLog({ log, logLevel, storageFolder }: Settings, host: HostOptions): LogFile {
  return createLogFile({
    // A host without an output for it has the file alone.
    folder: log === "stdout" && host.logOutput ? undefined : storageFolder,
    output: log === "file" ? undefined : host.logOutput,
    level: logLevel,
    echo: host.complain ?? ((line) => void process.stderr.write(`${line}\n`)),
  });
}

export function createContext(settingsStore: SettingsStore, host: HostOptions, log: LogFile, shared: HostShared | undefined): HostContext {
  const settings = settingsStore.inUse();
  const changeEvents = createChangeEvents();
  const systemOrGiven: Clock = { ...systemClock, ...host.clock };
  const clockWatch = createClockWatch(systemOrGiven, log, () => changeEvents.emit("invites"));
  const clock: Clock = {
    ...systemOrGiven,
    // A jump is in the audit trail before any record has a date from the clock that jumped: after a crash nothing else would show it.
    now() {
      clockWatch.check();
      return systemOrGiven.now();
    },
  };
  const metrics = createMetrics(clock.now);
  return { host, settingsStore, settings, log, changeEvents, inboxSignals: createInboxSignals(), clock, clockWatch, metrics, shared };
}
