import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Approval,
  approvalBytes,
  DAY,
  type Device,
  deviceKey,
  type Inbox,
  type Instant,
  MINUTE,
  type OutboxMessage,
  SECOND,
  type Session,
} from "../../../core/index.ts";
import {
  forgetApproval,
  forgetDevice,
  forgetSession,
  type Ledger,
  putDevice,
  putRemote,
  type RevokedToken,
  restoreSession,
} from "../ledger.ts";
import { oneLine } from "../one-line.ts";
import type { StoragePaths } from "./folder.ts";
import { VERSION } from "./journal-lines.ts";
import { outboxRecord, readOutbox } from "./outbox-records.ts";
import { NO_DIGEST, readRecords } from "./read-records.ts";
import { deviceRecord, readDevice, readRevoked, readSession, sessionRecord } from "./records.ts";
import { type OpenToRead, replaceFile, syncFolder, writeAll } from "./storage-file.ts";

/** The ledger at one moment. Records are never changed in place, so lists of them stay as they were. */
export interface Snapshot {
  readonly seq: number;
  readonly auditSeq: number;
  readonly sessions: readonly Session[];
  readonly devices: readonly Device[];
  readonly revoked: readonly RevokedToken[];
  readonly messages: readonly OutboxMessage[];
  readonly inboxes: readonly Inbox[];
  readonly approvals: readonly Approval[];
}

/** Nobody's request waits longer than this for a checkpoint's work. */
const SLICE_MS = 2;
const BETWEEN_LOOKS = 16;
/** Longer than any message that speaks of it. */
const SETTLED_DAYS = 30;
const MOST_SETTLED = 2000;
const MOST_SETTLED_BYTES = 64 * 1024 * 1024;
/** What somebody decided can be asked for at least this long, however many others come after it. */
const DECIDED_KEPT = 60 * MINUTE;

export function takeSnapshot(ledger: Ledger, seq: number): Snapshot {
  return {
    seq,
    auditSeq: ledger.auditSeq,
    sessions: [...ledger.sessions.values()],
    devices: [...ledger.devices.values()],
    revoked: Array.from(ledger.revoked, ([jti, exp]) => ({ jti, exp })),
    messages: [...ledger.outbox.messages()],
    inboxes: [...ledger.outbox.inboxes()],
    approvals: [...ledger.approvals.values()],
  };
}

/** How long what is over is kept. */
interface RetentionDays {
  readonly sessions: number;
  readonly devices: number;
}

/** Leaves out what is past its time, also in the ledger once the files are in place. */
export async function writeCheckpoint(
  paths: StoragePaths,
  ledger: Ledger,
  snapshot: Snapshot,
  now: Instant,
  keep: RetentionDays,
  signal?: AbortSignal,
): Promise<void> {
  const { seq, auditSeq, sessions, devices, revoked, messages, inboxes, approvals } = snapshot;
  const ended = ({ exp }: RevokedToken): boolean => exp * SECOND <= now;
  const position = `"seq":${seq}`;

  // The first of the files: where the others are of a version that has it, it must be there.
  const past = pastApprovals(approvals, now);
  const outbox = outboxEntries(inboxes, approvals, messages);
  const oldOutbox = await writeRecords(
    paths.outbox,
    position,
    "outbox",
    outbox,
    outboxRecord,
    (entry) => ("message" in entry ? entry.message.expiresAt <= now : "approval" in entry && past.has(entry.approval)),
    signal,
  );
  const oldSessions = await writeRecords(
    paths.sessions,
    `${position},"audit_seq":${auditSeq}`,
    "sessions",
    sessions,
    sessionRecord,
    (session) => isPast(session, now, keep.sessions),
    signal,
  );
  const oldDevices = await writeRecords(
    paths.devices,
    position,
    "devices",
    devices,
    deviceRecord,
    (device) => isPastDevice(device, now, keep.devices),
    signal,
  );
  const oldRevoked = await writeRecords(paths.revoked, position, "revoked", revoked, ({ jti, exp }) => ({ jti, exp }), ended, signal);
  await syncFolder(paths.folder);

  await inSlices(oldSessions, (session) => {
    if (ledger.sessions.get(session.codeHash) === session) forgetSession(ledger, session);
  });
  await inSlices(oldDevices, (device) => {
    if (ledger.devices.get(deviceKey(device)) === device) forgetDevice(ledger, device);
  });
  await inSlices(oldRevoked, ({ jti, exp }) => {
    if (ledger.revoked.get(jti) === exp) ledger.revoked.delete(jti);
  });
  ledger.outbox.forget(oldOutbox.flatMap((entry) => ("message" in entry ? [entry.message] : [])));
  for (const { approvalId } of past) forgetApproval(ledger, approvalId);
}

function* outboxEntries(
  inboxes: readonly Inbox[],
  approvals: readonly Approval[],
  messages: readonly OutboxMessage[],
): Generator<Parameters<typeof outboxRecord>[0]> {
  for (const inbox of inboxes) yield { inbox };
  for (const approval of approvals) yield { approval };
  for (const message of messages) yield { message };
}

/** Others are answered in between. */
async function inSlices<Item>(items: readonly Item[], work: (item: Item) => void): Promise<void> {
  let until = performance.now() + SLICE_MS;
  for (const [index, item] of items.entries()) {
    work(item);
    if (index % BETWEEN_LOOKS !== 0 || performance.now() < until) continue;
    await nextTurn();
    until = performance.now() + SLICE_MS;
  }
}

/** Revoked long ago. That its token is revoked is kept for as long as the token lasts. */
function isPastDevice({ status, revokedAt, lastSeen, pairedAt }: Device, now: Instant, retentionDays: number): boolean {
  return status === "revoked" && Math.max(revokedAt ?? lastSeen, pairedAt) + retentionDays * DAY <= now;
}

/** Settled long ago, or so many later that nobody scrolls there: the oldest first. The audit trail keeps its trace. */
function pastApprovals(approvals: readonly Approval[], now: Instant): ReadonlySet<Approval> {
  const settled = approvals.filter(({ settledAt }) => settledAt !== undefined);
  let surplus = settled.length - MOST_SETTLED;
  let surplusBytes = settled.reduce((sum, approval) => sum + approvalBytes(approval), 0) - MOST_SETTLED_BYTES;
  const past = new Set<Approval>();
  for (const approval of settled) {
    const { status, settledAt = now } = approval;
    const decided = status === "approved" || status === "rejected";
    const tooMany = (surplus > 0 || surplusBytes > 0) && !(decided && now < settledAt + DECIDED_KEPT);
    if (!tooMany && settledAt + SETTLED_DAYS * DAY > now) continue;
    past.add(approval);
    surplus -= 1;
    surplusBytes -= approvalBytes(approval);
  }
  return past;
}

function isPast(session: Session, now: Instant, retentionDays: number): boolean {
  if (session.status === "pending") return false;
  const { createdAt, expiresAt, acceptedAt = createdAt, revokedAt = createdAt, sentAt } = session;
  // At least a day: its text messages still count against the budget.
  return Math.max(createdAt, expiresAt, acceptedAt, revokedAt, sentAt.at(-1) ?? createdAt) + Math.max(1, retentionDays) * DAY <= now;
}

/**
 * One record a line, so that a person can read it. The digest covers the whole file with 64 zeros in its own place, and is
 * filled in last. Answers what was left out because it is past its time.
 */
export async function writeRecords<Item>(
  file: string,
  position: string,
  kind: string,
  items: Iterable<Item>,
  record: (item: Item) => unknown,
  isOver: (item: Item) => boolean,
  signal?: AbortSignal,
): Promise<readonly Item[]> {
  const over: Item[] = [];
  await replaceFile(file, async (draft) => {
    const digest = createHash("sha256");
    let written = 0;
    const put = async (text: string): Promise<void> => {
      const bytes = Buffer.from(text);
      digest.update(bytes);
      await writeAll(draft, bytes, written);
      written += bytes.length;
    };
    const opening = `{"version":${VERSION},${position},"sha256":"`;
    let slice = `${opening}${NO_DIGEST}","${kind}":[`;
    let between = "\n";
    let until = performance.now() + SLICE_MS;
    let index = 0;
    for (const item of items) {
      index += 1;
      if (isOver(item)) over.push(item);
      else {
        slice += between + oneLine(record(item));
        between = ",\n";
      }
      if (index % BETWEEN_LOOKS !== 0 || performance.now() < until) continue;
      await put(slice);
      await nextTurn();
      signal?.throwIfAborted();
      slice = "";
      until = performance.now() + SLICE_MS;
    }
    await put(`${slice}\n]}\n`);
    await writeAll(draft, Buffer.from(digest.digest("hex")), opening.length);
  });
  return over;
}

/** What the files say, put into the ledger. Throws a StorageError for anything but a file as it was written. */
export async function readCheckpoint(paths: StoragePaths, ledger: Ledger, hasOutbox: boolean, open: OpenToRead): Promise<Covered> {
  const sessions = await readRecords(paths.sessions, "sessions", open, (value) => restoreSession(ledger, readSession(value)));
  const devices = await readRecords(paths.devices, "devices", open, (value) => putDevice(ledger, readDevice(value)));
  const revoked = await readRecords(paths.revoked, "revoked", open, (value) => {
    const { jti, exp } = readRevoked(value);
    ledger.revoked.set(jti, exp);
  });
  ledger.auditSeq = sessions.auditSeq;
  const three = { sessions: sessions.seq, devices: devices.seq, revoked: revoked.seq };
  // Version 1 had no such file, and no change of its journal is missing in it.
  if (!hasOutbox) return { ...three, outbox: Math.min(...Object.values(three)), hasOutbox: sessions.version > 1 };
  const outbox = await readRecords(paths.outbox, "outbox", open, (value) => {
    const entry = readOutbox(value);
    if ("inbox" in entry) ledger.outbox.restore(entry.inbox);
    else putRemote(ledger, "message" in entry ? { messages: [entry.message] } : { approvals: [entry.approval] });
  });
  return { ...three, outbox: outbox.seq, hasOutbox: true };
}

/** Up to which change each of the files has everything. */
export interface Covered {
  readonly sessions: number;
  readonly devices: number;
  readonly revoked: number;
  readonly outbox: number;
  /** Whether there must be a file for it. */
  readonly hasOutbox: boolean;
}

/** Whether a file is as the very first start writes it. */
export async function isUntouched(file: string, open: OpenToRead): Promise<boolean> {
  let records = 0;
  const { seq } = await readRecords(file, undefined, open, () => {
    records += 1;
  });
  return seq === 0 && records === 0;
}
