import type { Log } from "../../../core/index.ts";
import { codeOf } from "./storage-file.ts";

interface CheckpointTimerDeps {
  readonly checkpoint: () => Promise<void>;
  readonly noteLastSeen: () => Promise<void>;
  readonly isDue: () => boolean;
  readonly log: Log;
}

export interface CheckpointTimer {
  changed(journalSize: number): void;
  phoneSeen(): void;
  stop(): Promise<void>;
}

/** A start reads the journal, so it must not grow without end between two checkpoints. */
export const MAX_JOURNAL_BYTES = 64 * 1024 * 1024;
const QUIET_MS = 300;
const STEADY_MS = 60_000;
const DAILY_MS = 24 * 60 * 60_000;
const SHORT_MS = 50;
export const AFTER_FAILURE_MS = 5000;
/** Where a checkpoint takes long, checkpoints take at most this part of the time, however short the quiet. */
export const CHECKPOINT_SHARE = 10;

/**
 * When to write a checkpoint: soon after changes pause, every minute while they do not, at once when the journal is large. While one is
 * not due by its size, once a day; when phones were seen is noted each minute then.
 */
export function createCheckpointTimer(deps: CheckpointTimerDeps): CheckpointTimer {
  let timers: { quiet?: NodeJS.Timeout; steady?: NodeJS.Timeout; daily?: NodeJS.Timeout } = {};
  let seen: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let changedMeanwhile = false;
  let stopped = false;
  let notBefore = 0;

  const clear = (): void => {
    for (const timer of Object.values(timers)) clearTimeout(timer);
    timers = {};
  };
  const run = (): void => {
    if (stopped || running) return;
    clear();
    changedMeanwhile = false;
    running = writeOne(deps).then(({ failed, next }) => {
      notBefore = next;
      running = undefined;
      if (changedMeanwhile || failed) arm();
    });
  };
  const arm = (): void => {
    if (stopped) return;
    if (!deps.isDue()) {
      timers.daily ??= setTimeout(run, DAILY_MS).unref();
      return;
    }
    timers.steady ??= setTimeout(run, STEADY_MS).unref();
    clearTimeout(timers.quiet);
    timers.quiet = setTimeout(run, Math.max(QUIET_MS, notBefore - performance.now())).unref();
  };
  const noteSeen = (): void => {
    seen = undefined;
    void deps.noteLastSeen();
  };
  return {
    changed(journalSize) {
      changedMeanwhile = true;
      if (journalSize > MAX_JOURNAL_BYTES && performance.now() >= notBefore) run();
      else if (!running) arm();
    },
    phoneSeen() {
      if (stopped || running) return;
      if (deps.isDue()) timers.steady ??= setTimeout(run, STEADY_MS).unref();
      else seen ??= setTimeout(noteSeen, STEADY_MS).unref();
    },
    async stop() {
      stopped = true;
      clear();
      clearTimeout(seen);
      await running;
    },
  };
}

/** Returns the time before which the next one is not written. */
async function writeOne({ checkpoint, log }: CheckpointTimerDeps): Promise<{ readonly failed: boolean; readonly next: number }> {
  const began = performance.now();
  try {
    await checkpoint();
    const ended = performance.now();
    return { failed: false, next: ended - began < SHORT_MS ? 0 : ended + Math.min(STEADY_MS, (ended - began) * CHECKPOINT_SHARE) };
  } catch (cause) {
    log.warn("no checkpoint written; changes stay in the journal", { reason: codeOf(cause) });
    return { failed: true, next: performance.now() + AFTER_FAILURE_MS };
  }
}
