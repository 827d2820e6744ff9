import { type Device, deviceKey, type Instant, type Log, PairingError, type PairingStore } from "../../../core/index.ts";
import type { Decision } from "../../../core/store/index.ts";
import { auditPage } from "../audit-page.ts";
import { markSeen } from "../ledger-put.ts";
import { ledgerStore } from "../ledger-store.ts";
import type { NextTurn } from "../slices.ts";
import { openAuditFile } from "./audit-file.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import { prepareFolder, rememberFolder, type StoragePaths } from "./folder.ts";
import { createGroupCommit } from "./group-commit.ts";
import { openJournal } from "./journal.ts";
import { loadStorage, readAuditLines } from "./load.ts";
import { type Lock, takeLock } from "./lock.ts";
import { missingChanges } from "./missing-changes.ts";
import { giveUpNow, isFull, openReserve } from "./reserve.ts";
import { type Snapshot, takeSnapshot } from "./snapshot.ts";
import { asOwner, cannotUse, codeOf, files, guardFolder, renewFile, StorageError, syncFolder } from "./storage-file.ts";

export interface FileStoreOptions {
  readonly folder: string;
  readonly now: () => Instant;
  /** The moment by which things count as past their retention; absent: now. */
  readonly retentionNow?: () => Instant;
  readonly log: Log;
  readonly sessionRetentionDays: number;
  /** For those that are revoked. */
  readonly deviceRetentionDays: number;
  readonly auditRetentionDays: number;
  /** What the whole audit trail may hold; absent: as much as there is. */
  readonly auditMaxBytes?: number;
  /** Called when the trail says that its oldest part was deleted. */
  readonly trimmed?: () => void;
  /** The audit trail in use becomes a part of its own when it holds this many bytes. */
  readonly auditPartBytes?: number;
  /** Another process took the folder over while this one was paused: from now on nothing is answered. Called at most once. */
  readonly lost?: (cause: StorageError) => void;
  /** Files that hold more than this are written again only when the journal has grown in proportion. */
  readonly largeStateBytes?: number;
  /** How long work pauses to let others go on; absent: for a turn of the event loop. */
  readonly nextTurn?: NextTurn;
}

export interface FileStore extends PairingStore {
  checkHeld(): void;
  /** What was found at the start that a person should know of, a line each. */
  readonly warnings: readonly string[];
}

type Phone = Pick<Device, "userId" | "deviceId">;

/** Writes down when phones were seen, which memory has already. */
const keepSeen: Decision<{ readonly at: Instant; readonly phones: readonly Phone[] }, void> = {
  rows: ({ phones }) => ({ devices: phones }),
  decide: (draft, { at, phones }) =>
    draft.commit({ at, audit: [], devices: phones.map(draft.device).filter((device) => device !== undefined) }),
};

/** What a checkpoint is to write, and where the journal stood then. */
interface Taken {
  readonly snapshot: Snapshot;
  readonly end: number;
  readonly generation: number;
  readonly seenBefore: readonly Phone[];
}

const AUDIT_PART = 10 * 1024 * 1024;
const QUIET = 300;
const STEADY = 60_000;
const AFTER_FAILURE = 5000;
/** A start reads the journal, so it must not grow without end between two checkpoints. */
const LARGE_JOURNAL = 64 * 1024 * 1024;
/** Where a checkpoint takes long, checkpoints take at most this part of the time, however short the quiet. */
const SHARE = 10;
/** Files of this size are written in a moment. Larger ones are left until the journal holds a sixteenth of what they do, or a day has passed: a start reads both. */
const LARGE_STATE = 4 * 1024 * 1024;
const JOURNAL_SHARE = 16;
const DAILY = 24 * 60 * 60_000;
const HEARD_AT_ONCE = 256;
const SHORT = 50;
/** Numbers of messages follow the clock up to here, the year 2112: a clock that is far ahead must not use up all numbers. */
const MAX_CLOCK_SEQ = 2 ** 52;
const MICROSECONDS = 1000;

/**
 * State in memory, one journal line per change, four readable files now and then. Rejects with a StorageError: one line that
 * names the file or folder and the way out.
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const paths = await prepareFolder(options.folder, options.log);
  const lock = await takeLock(paths.lock, (cause) => options.lost?.(cause));
  const unguard = guardFolder(paths.folder, lock.check);
  const release = (): void => {
    unguard();
    lock.release();
  };
  try {
    if (lock.formerMayLive) await leaveFormerBehind(paths, options.log);
    for (;;) {
      try {
        return await openLocked(options, paths, lock, release);
      } catch (cause) {
        // What is set aside for revocations is for a start as well: without a server nobody can be revoked.
        if (!isFull(cause) || !giveUpNow(paths.reserve)) throw cause;
      }
    }
  } catch (cause) {
    release();
    throw cause instanceof StorageError ? cause : cannotUse(paths.folder, cause);
  }
}

/** A holder that was paused may finish a write when it goes on. What it has open is not what this process reads and writes. */
async function leaveFormerBehind(paths: StoragePaths, log: Log): Promise<void> {
  log.warn("the storage folder was taken over from a process that cannot be seen and did not show that it lives", { folder: paths.folder });
  for (const file of [paths.journal, paths.audit]) await renewFile(file, asOwner(log));
  await syncFolder(paths.folder);
}

async function openLocked(
  {
    now,
    retentionNow = now,
    log,
    sessionRetentionDays,
    deviceRetentionDays,
    auditRetentionDays,
    auditMaxBytes = Number.POSITIVE_INFINITY,
    auditPartBytes = AUDIT_PART,
    trimmed,
    largeStateBytes = LARGE_STATE,
    nextTurn,
  }: FileStoreOptions,
  paths: StoragePaths,
  lock: Lock,
  release: () => void,
): Promise<FileStore> {
  const { ledger, seq, extent, auditLines, isFormer } = await loadStorage(paths, log);
  const journal = await openJournal(paths.journal, extent, log);
  /** Not while the store closes: the trail could not say it any more. */
  let mayTrim = true;
  /** The last line that was deleted at the start, before anything can be written. */
  let droppedAtStart: number | undefined;
  let noteTrimmed = (lastSeq: number): void => {
    droppedAtStart = lastSeq;
  };
  const rotation = {
    bytes: auditPartBytes,
    retentionDays: auditRetentionDays,
    now: retentionNow,
    get maxBytes() {
      return mayTrim ? auditMaxBytes : Number.POSITIVE_INFINITY;
    },
    droppedForSize: (lastSeq: number): void => noteTrimmed(lastSeq),
  };
  const audit = await openAuditFile(paths.audit, auditLines, async () => readAuditLines(paths.journal, log), log, rotation).catch(
    async (cause: unknown) => {
      await journal.close();
      throw cause;
    },
  );
  const reserve = await openReserve(paths.reserve, log).catch(async (cause: unknown) => {
    await closeAll([audit, journal], log);
    throw cause;
  });
  // A start need not wait for it: the first change does.
  reserve
    .fill()
    .catch((cause: unknown) =>
      log.warn("no room to set aside for revocations: other changes are refused until there is", { reason: codeOf(cause) }),
    );
  await audit.append([]);
  // The trail may be ahead of restored older files; its numbers are never given twice.
  if (audit.lastSeq < ledger.auditSeq)
    log.warn("the audit trail lacks its last lines; it goes on with the next number", { file: paths.audit });
  const missing = missingChanges(ledger.auditSeq, audit.lastSeq);
  ledger.auditSeq = Math.max(ledger.auditSeq, audit.lastSeq);

  // Whether all of the folder was restored from a backup cannot be seen. So each start gives messages numbers that no former one has
  // given: one of them may have sent messages, to phones that know their numbers, of which this state knows nothing.
  if (seq > 0) ledger.usedSeq = Math.min(Math.floor(now() * MICROSECONDS), MAX_CLOCK_SEQ);

  const checkFolder = await rememberFolder(paths.folder);
  const inTurn = createTurns();
  let checkpointed = extent.end > 0 || isFormer ? -1 : seq;
  let seenSince = false;
  /** Phones that were heard since they were written down last. */
  const heard = new Map<string, Phone>();
  let stateBytes = await sizeOfState(paths);
  let incomplete = isFormer;
  const stopping = new AbortController();
  const isSmall = (): boolean => incomplete || stateBytes <= largeStateBytes;
  const isDue = (): boolean => isSmall() || journal.end() >= Math.min(LARGE_JOURNAL, stateBytes / JOURNAL_SHARE);
  let healing = { notBefore: 0, cause: undefined as unknown };

  /** No change may be under way. */
  const take = async (): Promise<Taken> => {
    const { seq: upTo, end } = commits.position();
    seenSince = false;
    const seenBefore = [...heard.values()];
    heard.clear();
    return { snapshot: await takeSnapshot(ledger, upTo, nextTurn), end, generation: journal.generation(), seenBefore };
  };
  const writeFiles = async ({ snapshot, seenBefore }: Taken): Promise<void> => {
    try {
      await checkFolder();
      lock.check();
      const keep = { sessions: sessionRetentionDays, devices: deviceRetentionDays };
      const pausing = { signal: stopping.signal, ...(nextTurn ? { nextTurn } : {}) };
      await writeCheckpoint(paths, ledger, snapshot, retentionNow(), keep, pausing);
      stateBytes = await sizeOfState(paths);
      incomplete = false;
    } catch (cause) {
      seenSince = true;
      for (const phone of seenBefore) heard.set(deviceKey(phone), phone);
      throw cause;
    }
  };

  /** What was acknowledged is in memory: it is written out whole, and the doubtful journal gives way to an empty one. */
  const heal = async (atOnce: boolean): Promise<void> => {
    if (!atOnce && performance.now() < healing.notBefore) throw healing.cause;
    const began = performance.now();
    try {
      await inTurn(async () => {
        const taken = await take();
        await writeFiles(taken);
        await audit.sync();
        await journal.startAnew();
        checkpointed = taken.snapshot.seq;
      });
    } catch (cause) {
      const ended = performance.now();
      healing = { cause, notBefore: ended + Math.min(AFTER_FAILURE, (ended - began) * SHARE) };
      throw cause;
    }
  };

  const commits = createGroupCommit({
    ledger,
    journal,
    audit,
    reserve,
    log,
    seq,
    heal,
    checkHeld: lock.check,
    committed: () => timing.changed(journal.end()),
  });

  /**
   * Files and most of the journal's tail are written while changes go on; only what is to be written is taken, and journals are
   * exchanged, while none is under way.
   */
  const checkpoint = async (): Promise<void> => {
    if (commits.position().seq === checkpointed && !seenSince) return;
    const taken = await commits.alone(take);
    const tail = await inTurn(async () => {
      // The journal gave way to a new one meanwhile: the files have what was taken, and more.
      if (journal.generation() !== taken.generation) return undefined;
      await writeFiles(taken);
      checkpointed = taken.snapshot.seq;
      if (!journal.trusted()) return undefined;
      await audit.syncEarly();
      return journal.prepareTail(taken.end);
    });
    if (!tail) return;
    await commits.alone(async () => {
      try {
        await audit.sync();
      } catch (cause) {
        // The journal is the only place where some audit lines are safe: it keeps all of its lines.
        await journal.dropTail(tail);
        throw cause;
      }
      await journal.keepTail(tail);
    });
  };
  /** Where the files are not written soon, when phones were heard goes into the journal. */
  const noteLastSeen = async (): Promise<void> => {
    const phones = [...heard.values()];
    heard.clear();
    try {
      for (let start = 0; start < phones.length; start += HEARD_AT_ONCE) {
        await commits.submit(keepSeen, { at: now(), phones: phones.slice(start, start + HEARD_AT_ONCE) });
      }
    } catch (cause) {
      for (const phone of phones) heard.set(deviceKey(phone), phone);
      log.warn("when phones were heard could not be written down", { reason: codeOf(cause) });
    }
  };
  const timing = createTiming(checkpoint, noteLastSeen, isDue, log);
  if (checkpointed !== seq) timing.changed(journal.end());

  const changes = ledgerStore(ledger, commits.submit, nextTurn);
  // Not waited for: it is heard of in the middle of a checkpoint, and the line itself is a change.
  noteTrimmed = (lastSeq) => {
    changes
      .appendAudit(now(), { event: "audit_trimmed", reason: `too large: lines up to ${lastSeq} were deleted` })
      .then(trimmed)
      .catch((cause: unknown) => log.warn("the trail could not say that its oldest part was deleted", { lastSeq, reason: codeOf(cause) }));
  };
  if (droppedAtStart !== undefined) noteTrimmed(droppedAtStart);
  if (missing) {
    log.warn(missing.sentence, { file: paths.audit });
    await changes
      .appendAudit(now(), { event: "state_rolled_back", reason: missing.reason })
      .catch((cause: unknown) => log.warn("the trail could not say that the state is older", { reason: codeOf(cause) }));
  }

  let closing: Promise<void> | undefined;
  const shut = async (): Promise<void> => {
    mayTrim = false;
    const small = isSmall();
    if (!small) {
      stopping.abort(new Error("the server stops"));
      await noteLastSeen();
    }
    await commits.stop();
    await timing.stop();
    // The journal has everything already: without a last checkpoint the next start only reads a little longer.
    if (small) await checkpoint().catch((cause: unknown) => log.warn("no checkpoint at the end", { reason: codeOf(cause) }));
    await closeAll([audit, journal, reserve], log);
    release();
  };

  return {
    ...answeredWhileHeld(changes, lock.check),
    checkHeld: lock.check,
    warnings: missing ? [missing.sentence] : [],
    noteSeen(device, at) {
      if (closing || !markSeen(ledger, device, at)) return;
      seenSince = true;
      heard.set(deviceKey(device), { userId: device.userId, deviceId: device.deviceId });
      timing.heard();
    },
    async readAudit(question) {
      try {
        return await auditPage(audit.read(question.before), ledger.auditSeq, question);
      } catch (cause) {
        throw new PairingError("storage_unavailable", { params: { reason: "audit_unreadable" }, note: codeOf(cause), cause });
      }
    },
    checkWritable: () => commits.probe(),
    close() {
      closing ??= shut();
      return closing;
    },
  };
}

/** Each answer leaves only while the folder is this process's: what another one changed since is not in this memory. */
function answeredWhileHeld<Methods extends object>(methods: Methods, checkHeld: () => void): Methods {
  const guarded = Object.entries(methods).map(([name, method]) => [
    name,
    async (...input: readonly unknown[]): Promise<unknown> => {
      const answer: unknown = await (method as (...given: readonly unknown[]) => Promise<unknown>)(...input);
      try {
        checkHeld();
      } catch (cause) {
        throw new PairingError("storage_unavailable", { note: codeOf(cause), cause });
      }
      return answer;
    },
  ]);
  return Object.fromEntries(guarded) as Methods;
}

async function sizeOfState({ sessions, devices, revoked, outbox }: StoragePaths): Promise<number> {
  const sizes = await Promise.all(
    [sessions, devices, revoked, outbox].map(async (file) =>
      files.lstat(file).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function closeAll(opened: readonly { close(): Promise<void> }[], log: Log): Promise<void> {
  for (const file of opened) {
    await file.close().catch((cause: unknown) => log.warn("a storage file did not close", { reason: codeOf(cause) }));
  }
}

/** One after another, each whether or not the one before succeeded. */
function createTurns(): <Answer>(work: () => Promise<Answer>) => Promise<Answer> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  };
}

interface Timing {
  changed(journalSize: number): void;
  heard(): void;
  stop(): Promise<void>;
}

/**
 * When to write a checkpoint: soon after changes pause, every minute while they do not, at once when the journal is large. While one is
 * not due by its size, once a day; when phones were heard is noted each minute then.
 */
function createTiming(checkpoint: () => Promise<void>, noteLastSeen: () => Promise<void>, isDue: () => boolean, log: Log): Timing {
  let daily: NodeJS.Timeout | undefined;
  let hearing: NodeJS.Timeout | undefined;
  let quiet: { readonly timer: NodeJS.Timeout; readonly wait: number } | undefined;
  let steady: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let changedMeanwhile = false;
  let stopped = false;
  let notBefore = 0;

  const run = (): void => {
    if (stopped || running) return;
    clearTimeout(quiet?.timer);
    clearTimeout(steady);
    clearTimeout(daily);
    quiet = undefined;
    steady = undefined;
    daily = undefined;
    changedMeanwhile = false;
    const began = performance.now();
    running = checkpoint()
      .then(
        () => {
          const took = performance.now() - began;
          notBefore = took < SHORT ? 0 : performance.now() + Math.min(STEADY, took * SHARE);
        },
        (cause: unknown) => {
          log.warn("no checkpoint written; changes stay in the journal", { reason: codeOf(cause) });
          notBefore = performance.now() + AFTER_FAILURE;
          changedMeanwhile = true;
        },
      )
      .finally(() => {
        running = undefined;
        if (changedMeanwhile) arm();
      });
  };
  const arm = (): void => {
    if (stopped) return;
    if (!isDue()) {
      daily ??= setTimeout(run, DAILY).unref();
      return;
    }
    steady ??= setTimeout(run, STEADY).unref();
    const wait = Math.max(QUIET, notBefore - performance.now());
    if (quiet?.wait === wait) quiet.timer.refresh();
    else {
      clearTimeout(quiet?.timer);
      quiet = { timer: setTimeout(run, wait).unref(), wait };
    }
  };
  return {
    changed(journalSize) {
      changedMeanwhile = true;
      if (journalSize > LARGE_JOURNAL && performance.now() >= notBefore) run();
      else if (!running) arm();
    },
    heard() {
      if (stopped || running) return;
      if (isDue()) steady ??= setTimeout(run, STEADY).unref();
      else
        hearing ??= setTimeout(() => {
          hearing = undefined;
          void noteLastSeen();
        }, STEADY).unref();
    },
    async stop() {
      stopped = true;
      clearTimeout(quiet?.timer);
      clearTimeout(steady);
      clearTimeout(daily);
      clearTimeout(hearing);
      await running;
    },
  };
}
