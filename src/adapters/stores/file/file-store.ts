import { type Instant, type Log, PairingError, type PairingStore } from "../../../core/index.ts";
import { auditPage } from "../audit-page.ts";
import type { Ledger } from "../ledger.ts";
import { markSeen } from "../ledger-put.ts";
import { ledgerStore } from "../ledger-store.ts";
import type { MeasuredStore, ObserveCommit } from "../measures.ts";
import { usedSeqAt } from "../message-numbers.ts";
import type { NextTurn } from "../slices.ts";
import { type AuditFile, openAuditFile } from "./audit-file.ts";
import type { AuditRotation } from "./audit-parts.ts";
import { type Checkpointer, createCheckpointer } from "./checkpointer.ts";
import { prepareFolder, type StoragePaths } from "./folder.ts";
import { createGroupCommit, type GroupCommit } from "./group-commit.ts";
import { type Journal, openJournal } from "./journal.ts";
import { type Loaded, loadStorage, readAuditLines } from "./load.ts";
import { type Lock, takeLock } from "./lock.ts";
import { type MissingChanges, missingChanges } from "./missing-changes.ts";
import { guardFolder, renewFile, syncFolder } from "./replace-file.ts";
import { giveUpNow, isFull, openReserve, type Reserve } from "./reserve.ts";
import { asOwner, cannotUse, codeOf, StorageError } from "./storage-file.ts";

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
  readonly observe?: ObserveCommit | undefined;
  /** How long work pauses to let others go on; absent: for a turn of the event loop. */
  readonly nextTurn?: NextTurn;
}

export interface FileStore extends PairingStore, MeasuredStore {
  checkHeld(): void;
  /** What was found at the start that a person should know of, a line each. */
  readonly warnings: readonly string[];
}

const AUDIT_PART_BYTES = 10 * 1024 * 1024;
/** Files of this size are written in a moment. */
const LARGE_STATE_BYTES = 4 * 1024 * 1024;

/** The files that are open as long as the store is. */
interface OpenFiles {
  readonly audit: AuditFile;
  readonly journal: Journal;
  readonly reserve: Reserve;
}

/** Its members change while the store starts and closes. */
interface ChangingRotation extends AuditRotation {
  maxBytes: number;
  droppedForSize: (lastSeq: number) => void;
}

type Changes = ReturnType<typeof ledgerStore>;

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

async function openLocked(options: FileStoreOptions, paths: StoragePaths, lock: Lock, release: () => void): Promise<FileStore> {
  const { now, retentionNow = now, log, nextTurn } = options;
  const loaded = await loadStorage(paths, log);
  const { ledger } = loaded;
  /** The last line that was deleted at the start, before anything can be written. */
  let droppedAtStart: number | undefined;
  const rotation: ChangingRotation = {
    bytes: options.auditPartBytes ?? AUDIT_PART_BYTES,
    retentionDays: options.auditRetentionDays,
    now: retentionNow,
    maxBytes: options.auditMaxBytes ?? Number.POSITIVE_INFINITY,
    droppedForSize: (lastSeq) => {
      droppedAtStart = lastSeq;
    },
  };
  const opened = await openFiles(paths, loaded, rotation, log);
  const { audit } = opened;
  await audit.append([]);
  const missing = continueNumbers(loaded, audit.lastSeq, now(), () =>
    log.warn("the audit trail lacks its last lines; it goes on with the next number", { file: paths.audit }),
  );
  const { commits, checkpointer } = await startWriting(options, paths, lock, loaded, opened);
  const changes = ledgerStore(ledger, commits.submit, nextTurn);
  rotation.droppedForSize = (lastSeq) => noteTrimmed(changes, lastSeq, options);
  if (droppedAtStart !== undefined) noteTrimmed(changes, droppedAtStart, options);
  if (missing) await noteRolledBack(changes, missing, paths, options);

  const shut = async (): Promise<void> => {
    // The trail could not say any more that its oldest part was deleted.
    rotation.maxBytes = Number.POSITIVE_INFINITY;
    await checkpointer.stop();
    await closeAll(Object.values(opened), log);
    release();
  };
  return fileStore({ ledger, audit, commits, checkpointer, changes, checkHeld: lock.check, shut }, missing);
}

/** What writes changes down: each of them in the journal, and now and then all of them in the files. */
async function startWriting(
  { now, retentionNow = now, log, nextTurn, observe, ...options }: FileStoreOptions,
  paths: StoragePaths,
  lock: Lock,
  { ledger, seq, extent, isFormer }: Loaded,
  opened: OpenFiles,
): Promise<{ readonly commits: GroupCommit; readonly checkpointer: Checkpointer }> {
  const { audit, journal } = opened;
  const checkpointed = extent.end > 0 || isFormer ? -1 : seq;
  const checkpointer = await createCheckpointer({
    ...{ paths, ledger, journal, audit, log, now, retentionNow, nextTurn, checkpointed },
    commits: () => commits,
    checkHeld: lock.check,
    incomplete: isFormer,
    retentionDays: { sessions: options.sessionRetentionDays, devices: options.deviceRetentionDays },
    largeStateBytes: options.largeStateBytes ?? LARGE_STATE_BYTES,
  });
  const { heal, changed: committed } = checkpointer;
  const commits = createGroupCommit({ ...opened, ledger, log, seq, heal, checkHeld: lock.check, committed, observe });
  if (checkpointed !== seq) checkpointer.changed();
  return { commits, checkpointer };
}

async function openFiles(paths: StoragePaths, { extent, auditLines }: Loaded, rotation: AuditRotation, log: Log): Promise<OpenFiles> {
  const journal = await openJournal(paths.journal, extent, log);
  const opened: { close(): Promise<void> }[] = [journal];
  try {
    const audit = await openAuditFile(paths.audit, auditLines, async () => readAuditLines(paths.journal, log), log, rotation);
    opened.unshift(audit);
    const reserve = await openReserve(paths.reserve, log);
    // A start need not wait for it: the first change does.
    reserve
      .fill()
      .catch((cause: unknown) =>
        log.warn("no room to set aside for revocations: other changes are refused until there is", { reason: codeOf(cause) }),
      );
    return { audit, journal, reserve };
  } catch (cause) {
    await closeAll(opened, log);
    throw cause;
  }
}

/** No number is given twice, neither to a line of the trail nor to a message. Returns the changes that only the trail knows. */
function continueNumbers(
  { ledger, seq }: Loaded,
  lastAuditSeq: number,
  at: Instant,
  trailIsBehind: () => void,
): MissingChanges | undefined {
  // The trail may be ahead of restored older files.
  if (lastAuditSeq < ledger.auditSeq) trailIsBehind();
  const missing = missingChanges(ledger.auditSeq, lastAuditSeq);
  ledger.auditSeq = Math.max(ledger.auditSeq, lastAuditSeq);
  if (seq > 0) ledger.usedSeq = usedSeqAt(at);
  return missing;
}

async function noteRolledBack(changes: Changes, missing: MissingChanges, paths: StoragePaths, options: FileStoreOptions): Promise<void> {
  const { now, log } = options;
  log.warn(missing.sentence, { file: paths.audit });
  await changes
    .appendAudit(now(), { event: "state_rolled_back", reason: missing.reason })
    .catch((cause: unknown) => log.warn("the trail could not say that the state is older", { reason: codeOf(cause) }));
}

/** Not waited for: parts are deleted in the middle of a checkpoint, and the line itself is a change. */
function noteTrimmed(changes: Changes, lastSeq: number, { now, log, trimmed }: FileStoreOptions): void {
  changes
    .appendAudit(now(), { event: "audit_trimmed", reason: `too large: lines up to ${lastSeq} were deleted` })
    .then(trimmed)
    .catch((cause: unknown) => log.warn("the trail could not say that its oldest part was deleted", { lastSeq, reason: codeOf(cause) }));
}

interface StoreParts {
  readonly ledger: Ledger;
  readonly audit: AuditFile;
  readonly commits: GroupCommit;
  readonly checkpointer: Checkpointer;
  readonly changes: Changes;
  readonly checkHeld: () => void;
  readonly shut: () => Promise<void>;
}

function fileStore({ ledger, audit, commits, checkpointer, changes, checkHeld, shut }: StoreParts, missing?: MissingChanges): FileStore {
  let closing: Promise<void> | undefined;
  return {
    ...answeredWhileHeld(changes, checkHeld),
    checkHeld,
    warnings: missing ? [missing.sentence] : [],
    noteSeen(device, at) {
      if (!closing && markSeen(ledger, device, at)) checkpointer.noteSeen(device);
    },
    async readAudit(question) {
      try {
        return await auditPage(audit.read(question.before), ledger.auditSeq, question);
      } catch (cause) {
        throw new PairingError("storage_unavailable", { params: { reason: "audit_unreadable" }, note: codeOf(cause), cause });
      }
    },
    checkWritable: () => commits.probe(),
    countQueued: async () => ledger.outbox.count(),
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

async function closeAll(opened: readonly { close(): Promise<void> }[], log: Log): Promise<void> {
  for (const file of opened) {
    await file.close().catch((cause: unknown) => log.warn("a storage file did not close", { reason: codeOf(cause) }));
  }
}
