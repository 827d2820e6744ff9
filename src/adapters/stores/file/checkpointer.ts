import { present } from "../../../base/present.ts";
import { createSerialQueue, type SerialQueue } from "../../../base/serial-queue.ts";
import type { Device, Instant, Log } from "../../../core/index.ts";
import type { Ledger } from "../ledger.ts";
import type { NextTurn } from "../slices.ts";
import type { AuditFile } from "./audit-file.ts";
import { type RetentionDays, writeCheckpoint } from "./checkpoint.ts";
import { AFTER_FAILURE_MS, CHECKPOINT_SHARE, createCheckpointTimer, MAX_JOURNAL_BYTES } from "./checkpoint-timer.ts";
import { rememberFolder, type StoragePaths } from "./folder.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { Journal } from "./journal.ts";
import { createSeenPhones, type SeenPhones, submitSeen } from "./seen-phones.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { codeOf, sizeOf } from "./storage-file.ts";

/** Writes what memory holds to the readable files, so that the journal can let go of it. */
export interface Checkpointer {
  changed(): void;
  /** Notes that memory has a later time at which this phone was seen. */
  noteSeen(device: Device): void;
  /**
   * What was acknowledged is in memory: it is written out whole, and the doubtful journal gives way to an empty one. No change may be
   * under way. After a failure it waits before it tries again, unless `atOnce`.
   */
  heal(atOnce: boolean): Promise<void>;
  /** Refuses changes from now on, and writes a last checkpoint where that takes a moment only. */
  stop(): Promise<void>;
}

export interface CheckpointerDeps {
  readonly paths: StoragePaths;
  readonly ledger: Ledger;
  readonly journal: Journal;
  readonly audit: AuditFile;
  readonly commits: () => GroupCommit;
  readonly checkHeld: () => void;
  readonly log: Log;
  readonly now: () => Instant;
  readonly retentionNow: () => Instant;
  readonly retentionDays: RetentionDays;
  /** Files that hold more than this are written again only when the journal has grown in proportion. */
  readonly largeStateBytes: number;
  readonly nextTurn: NextTurn | undefined;
  /** The last change that the files have; -1: they are written in any case. */
  readonly checkpointed: number;
  /** The files are not of this version yet. */
  readonly incomplete: boolean;
}

interface State extends Omit<CheckpointerDeps, "checkpointed" | "incomplete"> {
  readonly checkFolder: () => Promise<void>;
  readonly writing: SerialQueue;
  readonly seen: SeenPhones;
  readonly stopping: AbortController;
  checkpointed: number;
  incomplete: boolean;
  stateBytes: number;
}

/** What a checkpoint is to write, and where the journal stood then. */
interface Taken {
  readonly snapshot: Snapshot;
  readonly end: number;
  readonly generation: number;
  readonly seenBefore: ReturnType<SeenPhones["take"]>;
}

/** Larger files are left until the journal holds this part of what they do, or a day has passed: a start reads both. */
const JOURNAL_SHARE = 16;

export async function createCheckpointer(deps: CheckpointerDeps): Promise<Checkpointer> {
  const state: State = {
    ...deps,
    checkFolder: await rememberFolder(deps.paths.folder),
    writing: createSerialQueue(),
    seen: createSeenPhones(),
    stopping: new AbortController(),
    stateBytes: await sizeOfState(deps.paths),
  };
  const { journal, log } = deps;
  const timer = createCheckpointTimer({
    checkpoint: async () => checkpoint(state),
    noteLastSeen: async () => noteLastSeen(state),
    isDue: () => isSmall(state) || journal.end() >= Math.min(MAX_JOURNAL_BYTES, state.stateBytes / JOURNAL_SHARE),
    log,
  });
  return {
    changed: () => timer.changed(journal.end()),
    noteSeen(device) {
      state.seen.add([device]);
      timer.phoneSeen();
    },
    heal: createHealing(state),
    async stop() {
      const small = isSmall(state);
      if (!small) {
        state.stopping.abort(new Error("the server stops"));
        await noteLastSeen(state);
      }
      await deps.commits().stop();
      await timer.stop();
      // The journal has everything already: without a last checkpoint the next start only reads a little longer.
      if (small) await checkpoint(state).catch((cause: unknown) => log.warn("no checkpoint at the end", { reason: codeOf(cause) }));
    },
  };
}

function isSmall({ incomplete, stateBytes, largeStateBytes }: State): boolean {
  return incomplete || stateBytes <= largeStateBytes;
}

/** No change may be under way. */
async function take({ ledger, journal, commits, seen, nextTurn }: State): Promise<Taken> {
  const { seq, end } = commits().position();
  const seenBefore = seen.take();
  return { snapshot: await takeSnapshot(ledger, seq, nextTurn), end, generation: journal.generation(), seenBefore };
}

async function writeFiles(state: State, { snapshot, seenBefore }: Taken): Promise<void> {
  const { paths, ledger, retentionDays, nextTurn } = state;
  try {
    await state.checkFolder();
    state.checkHeld();
    const pausing = { signal: state.stopping.signal, ...present({ nextTurn }) };
    await writeCheckpoint(paths, ledger, snapshot, state.retentionNow(), retentionDays, pausing);
    state.stateBytes = await sizeOfState(paths);
    state.incomplete = false;
  } catch (cause) {
    state.seen.add(seenBefore);
    throw cause;
  }
}

function createHealing(state: State): Checkpointer["heal"] {
  let failure = { until: 0, cause: undefined as unknown };
  return async (atOnce) => {
    if (!atOnce && performance.now() < failure.until) throw failure.cause;
    const began = performance.now();
    try {
      await state.writing.run(async () => {
        const taken = await take(state);
        await writeFiles(state, taken);
        await state.audit.sync();
        await state.journal.startAnew();
        state.checkpointed = taken.snapshot.seq;
      });
    } catch (cause) {
      const ended = performance.now();
      failure = { cause, until: ended + Math.min(AFTER_FAILURE_MS, (ended - began) * CHECKPOINT_SHARE) };
      throw cause;
    }
  };
}

/**
 * Files and most of the journal's tail are written while changes go on; only what is to be written is taken, and journals are
 * exchanged, while none is under way.
 */
async function checkpoint(state: State): Promise<void> {
  const { journal, audit, commits, seen } = state;
  if (commits().position().seq === state.checkpointed && seen.isEmpty()) return;
  const taken = await commits().alone(async () => take(state));
  const tail = await state.writing.run(async () => {
    // The journal gave way to a new one meanwhile: the files have what was taken, and more.
    if (journal.generation() !== taken.generation) return undefined;
    await writeFiles(state, taken);
    state.checkpointed = taken.snapshot.seq;
    if (!journal.trusted()) return undefined;
    await audit.syncEarly();
    return journal.prepareTail(taken.end);
  });
  if (!tail) return;
  await commits().alone(async () => {
    try {
      await audit.sync();
    } catch (cause) {
      // The journal is the only place where some audit lines are safe: it keeps all of its lines.
      await journal.dropTail(tail);
      throw cause;
    }
    await journal.keepTail(tail);
  });
}

/** Where the files are not written soon, when phones were seen goes into the journal. */
async function noteLastSeen({ seen, commits, now, log }: State): Promise<void> {
  const phones = seen.take();
  try {
    await submitSeen(commits().submit, phones, now());
  } catch (cause) {
    seen.add(phones);
    log.warn("when phones were seen could not be written", { reason: codeOf(cause) });
  }
}

async function sizeOfState({ sessions, devices, revoked, outbox }: StoragePaths): Promise<number> {
  const sizes = await Promise.all([sessions, devices, revoked, outbox].map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}
