import type { Log } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { createLedger, type Ledger } from "../ledger.ts";
import { putDevice, putRemote, putSession, putUnknownRecord, restoreText } from "../ledger-put.ts";
import { writeCheckpoint } from "./checkpoint.ts";
import type { StoragePaths } from "./folder.ts";
import { createJournal } from "./journal.ts";
import type { AuditLineRead, JournalEntry } from "./journal-lines.ts";
import { type Covered, isUntouched, readCheckpoint } from "./read-checkpoint.ts";
import { type JournalExtent, readJournal } from "./read-journal.ts";
import { findDrafts, syncFolder } from "./replace-file.ts";
import { takeSnapshot } from "./snapshot.ts";
import { asOwner, damaged, files, findPlainFile, type OpenToRead, StorageError } from "./storage-file.ts";

export interface Loaded {
  readonly ledger: Ledger;
  readonly seq: number;
  readonly extent: JournalExtent;
  /** How many changes the journal holds. */
  readonly journaled: number;
  /** The journal's audit lines: the trail may lack the last of them. */
  readonly auditLines: readonly AuditLineRead[];
  /** An older version left the folder: it is of this version with the first checkpoint, which is due at once. */
  readonly isFormer: boolean;
}

/** What the folder holds, for the server that starts on it. Refuses with a StorageError, and without having touched anything, what is not as it was left. */
export async function loadStorage(paths: StoragePaths, log: Log): Promise<Loaded> {
  const found = await readStorage(paths, asOwner(log));
  if (!found) return firstStart(paths, log);
  await removeDrafts(paths, log);
  return found;
}

/** The files plus the journal, read and left as they are; `undefined` where no start was completed yet. Refuses like {@link loadStorage}. */
export async function readStorage(paths: StoragePaths, open: OpenToRead): Promise<Loaded | undefined> {
  const three = [paths.sessions, paths.devices, paths.revoked];
  const present = await Promise.all([...three, paths.journal, paths.outbox].map(findPlainFile));
  await findPlainFile(paths.audit);
  const hasJournal = present[3] === true;
  const hasOutbox = present[4] === true;
  const missing = three.filter((_, index) => !present[index]);
  if (!hasJournal) {
    // Nothing yet, or files of a first start that a crash cut short: whole, and empty.
    const there = [...three.filter((_, index) => present[index]), ...(hasOutbox ? [paths.outbox] : [])];
    if ((await Promise.all(there.map((file) => isUntouched(file, open)))).every(Boolean)) return undefined;
    throw lost(paths, [...missing, paths.journal]);
  }
  if (missing.length > 0) throw lost(paths, missing);

  const ledger = createLedger();
  const covered = await readCheckpoint(paths, ledger, hasOutbox, open);
  if (covered.hasOutbox && !hasOutbox) throw lost(paths, [paths.outbox]);
  const oldest = Math.min(covered.sessions, covered.devices, covered.revoked, covered.outbox);
  const newest = Math.max(covered.sessions, covered.devices, covered.revoked, covered.outbox);
  const auditLines: AuditLineRead[] = [];
  let last: number | undefined;
  let journaled = 0;
  const extent = await readJournal(paths.journal, oldest, open, ({ seq, change, auditLines: lines }) => {
    if (last === undefined && seq > oldest + 1) throw lacksChanges(paths.journal, oldest + 1, seq - 1);
    last = seq;
    journaled += 1;
    auditLines.push(...lines);
    putMissing(ledger, covered, seq, change);
  });
  // The files are replaced one after another; until all are, the journal keeps what the oldest does not have.
  if (last === undefined ? oldest < newest : last < newest) {
    throw lacksChanges(paths.journal, (last ?? oldest) + 1, newest);
  }
  return { ledger, seq: last ?? newest, extent, journaled, auditLines, isFormer: covered.isFormer || !hasOutbox };
}

/** What the files do not have of a change. */
function putMissing(ledger: Ledger, covered: Covered, seq: number, change: JournalEntry["change"]): void {
  if (seq > covered.sessions) {
    for (const session of change.sessions ?? []) putSession(ledger, session);
    if (change.auditSeq > 0) ledger.auditSeq = change.auditSeq;
  }
  if (seq > covered.texts) for (const text of change.texts ?? []) restoreText(ledger, text);
  if (seq > covered.devices) for (const device of change.devices ?? []) putDevice(ledger, device);
  if (seq > covered.revoked) for (const { jti, exp } of change.revoked ?? []) ledger.revoked.set(jti, exp);
  if (seq > covered.outbox) {
    putRemote(ledger, change);
    for (const record of change.unknownRecords) putUnknownRecord(ledger, record);
  }
}

/** The audit lines that the journal of a running server holds. */
export async function readAuditLines(journal: string, log: Log): Promise<readonly AuditLineRead[]> {
  const lines: AuditLineRead[] = [];
  await readJournal(journal, 0, asOwner(log), ({ auditLines }) => lines.push(...auditLines));
  return lines;
}

/** The empty files first and the journal last: where there is a journal, all of them must be. */
async function firstStart(paths: StoragePaths, log: Log): Promise<Loaded> {
  const ledger = createLedger();
  await removeDrafts(paths, log);
  await writeCheckpoint(paths, ledger, await takeSnapshot(ledger, 0), 0, { sessions: 0, devices: 0 });
  await createJournal(paths.journal);
  await syncFolder(paths.folder);
  return { ledger, seq: 0, extent: { end: 0, torn: 0, newlineMissing: false }, journaled: 0, auditLines: [], isFormer: false };
}

function lost(paths: StoragePaths, missing: readonly string[]): StorageError {
  return new StorageError(say("storage.filesMissing", { count: missing.length, files: missing.join(" and "), folder: paths.folder }));
}

function lacksChanges(file: string, first: number, last: number): StorageError {
  return damaged(file, say("storage.changesMissing", { first, last }));
}

async function removeDrafts(paths: StoragePaths, log: Log): Promise<void> {
  for (const file of await findDrafts(paths.folder, [...storageFiles(paths), paths.audit, paths.lock])) {
    if (!(await findPlainFile(file))) continue;
    await files.unlink(file);
    log.info("deleted a draft that a crash left behind", { file });
  }
}

function storageFiles(paths: StoragePaths): readonly string[] {
  return [paths.outbox, paths.sessions, paths.devices, paths.revoked, paths.journal];
}
