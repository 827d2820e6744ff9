import type { Ledger } from "../ledger.ts";
import { putDevice, putRemote, putSession, putUnknownRecord, restoreText } from "../ledger-put.ts";
import type { StoragePaths } from "./folder.ts";
import { VERSION } from "./journal-lines.ts";
import { type OutboxEntry, readOutbox } from "./outbox-records.ts";
import { readRecords } from "./read-records.ts";
import { readDevice, readRevoked, readSession } from "./records.ts";
import type { OpenToRead } from "./storage-file.ts";
import { formerText } from "./text-records.ts";

/** The first format whose outbox holds text messages. */
const WITH_TEXTS = 3;

/** Up to which change the files have everything of a kind. */
export interface Covered {
  readonly sessions: number;
  readonly texts: number;
  readonly devices: number;
  readonly revoked: number;
  readonly outbox: number;
  /** Whether there must be a file for it. */
  readonly hasOutbox: boolean;
  /** Whether a file is of a former format. */
  readonly isFormer: boolean;
}

/** What the files say, put into the ledger. Throws a StorageError for anything but a file as it was written. */
export async function readCheckpoint(paths: StoragePaths, ledger: Ledger, hasOutbox: boolean, open: OpenToRead): Promise<Covered> {
  const outbox = hasOutbox ? await readRecords(paths.outbox, "outbox", open, (value) => putEntry(ledger, readOutbox(value))) : undefined;
  // An outbox with text messages has those that sessions of a former format hold, unless they are past their time.
  const hasTexts = outbox !== undefined && outbox.version >= WITH_TEXTS;
  const sessions = await readRecords(paths.sessions, "sessions", open, (value) => {
    const session = readSession(value);
    if (session) putSession(ledger, session);
    const text = hasTexts ? undefined : formerText(value);
    if (text) restoreText(ledger, text);
  });
  const devices = await readRecords(paths.devices, "devices", open, (value) => putDevice(ledger, readDevice(value)));
  const revoked = await readRecords(paths.revoked, "revoked", open, (value) => {
    const { jti, exp } = readRevoked(value);
    ledger.revoked.set(jti, exp);
  });
  ledger.auditSeq = sessions.auditSeq;
  const headers = [sessions, devices, revoked, ...(outbox ? [outbox] : [])];
  return {
    sessions: sessions.seq,
    texts: hasTexts ? outbox.seq : sessions.seq,
    devices: devices.seq,
    revoked: revoked.seq,
    // Format 1 had no such file, and no change of its journal is missing in it.
    outbox: outbox?.seq ?? Math.min(...headers.map(({ seq }) => seq)),
    hasOutbox: hasOutbox || sessions.version > 1,
    isFormer: headers.some(({ version }) => version < VERSION),
  };
}

function putEntry(ledger: Ledger, entry: OutboxEntry): void {
  if ("inbox" in entry) ledger.outbox.restore(entry.inbox);
  else if ("message" in entry) putRemote(ledger, { messages: [entry.message] });
  else if ("approval" in entry) putRemote(ledger, { approvals: [entry.approval] });
  else if ("text" in entry) restoreText(ledger, entry.text);
  else putUnknownRecord(ledger, entry.record);
}

/** Whether a file is as the very first start writes it. */
export async function isUntouched(file: string, open: OpenToRead): Promise<boolean> {
  let records = 0;
  const { seq } = await readRecords(file, undefined, open, () => {
    records += 1;
  });
  return seq === 0 && records === 0;
}
