import { createHash } from "node:crypto";
import {
  type Approval,
  type Device,
  deviceKey,
  type Inbox,
  type Instant,
  type OutboxMessage,
  type PairingSession,
  SECOND,
} from "../../../core/index.ts";
import { createApprovalRetention, isPastDevice, isPastSession, type RevokedToken } from "../../../core/store/index.ts";
import type { Ledger } from "../ledger.ts";
import { forgetApproval, forgetDevice, forgetSession, putDevice, putRemote, restoreSession } from "../ledger-put.ts";
import { oneLine } from "../one-line.ts";
import { createSlices, eachInSlices, MAX_COPIED, type NextTurn, type Slices } from "../slices.ts";
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
  readonly sessions: readonly PairingSession[];
  readonly devices: readonly Device[];
  readonly revoked: readonly RevokedToken[];
  readonly messages: readonly OutboxMessage[];
  readonly inboxes: readonly Inbox[];
  readonly approvals: readonly Approval[];
}

/** Takes the lists in slices: until it resolves, nothing may be changed but when phones were last heard. */
export async function takeSnapshot(ledger: Ledger, seq: number, nextTurn?: NextTurn): Promise<Snapshot> {
  const slices = createSlices(nextTurn, MAX_COPIED);
  const { auditSeq, outbox } = ledger;
  const listOf = async <Item>(items: Iterable<Item>): Promise<readonly Item[]> => {
    const list: Item[] = [];
    await eachInSlices(items, (item) => void list.push(item), slices);
    return list;
  };
  return {
    seq,
    auditSeq,
    sessions: await listOf(ledger.sessions.values()),
    devices: await listOf(ledger.devices.values()),
    revoked: await listOf(revokedTokens(ledger)),
    messages: await listOf(outbox.messages()),
    inboxes: await listOf(outbox.inboxes()),
    approvals: await listOf(ledger.approvals.values()),
  };
}

function* revokedTokens({ revoked }: Ledger): Generator<RevokedToken> {
  for (const [jti, exp] of revoked) yield { jti, exp };
}

/** How long what is over is kept. */
interface RetentionDays {
  readonly sessions: number;
  readonly devices: number;
}

interface Pausing {
  /** Gives the checkpoint up between two slices. */
  readonly signal?: AbortSignal;
  /** Absent: the event loop's. */
  readonly nextTurn?: NextTurn;
}

/** Leaves out what is past its time, also in the ledger once the files are in place. */
export async function writeCheckpoint(
  paths: StoragePaths,
  ledger: Ledger,
  snapshot: Snapshot,
  now: Instant,
  keep: RetentionDays,
  { signal, nextTurn }: Pausing = {},
): Promise<void> {
  const slices = createSlices(nextTurn);
  const pausing = { slices, ...(signal ? { signal } : {}) };
  const { seq, auditSeq, sessions, devices, revoked, messages, inboxes, approvals } = snapshot;
  const ended = ({ exp }: RevokedToken): boolean => exp * SECOND <= now;
  const position = `"seq":${seq}`;

  // The first of the files: where the others are of a version that has it, it must be there.
  const past = await pastApprovals(approvals, now, slices);
  const outbox = outboxEntries(inboxes, approvals, messages);
  const oldOutbox = await writeRecords(
    paths.outbox,
    position,
    "outbox",
    outbox,
    outboxRecord,
    (entry) => ("message" in entry ? entry.message.expiresAt <= now : "approval" in entry && past.has(entry.approval)),
    pausing,
  );
  const oldSessions = await writeRecords(
    paths.sessions,
    `${position},"audit_seq":${auditSeq}`,
    "sessions",
    sessions,
    sessionRecord,
    (session) => isPastSession(session, now, keep.sessions),
    pausing,
  );
  const oldDevices = await writeRecords(
    paths.devices,
    position,
    "devices",
    devices,
    deviceRecord,
    (device) => isPastDevice(device, now, keep.devices),
    pausing,
  );
  const oldRevoked = await writeRecords(paths.revoked, position, "revoked", revoked, ({ jti, exp }) => ({ jti, exp }), ended, pausing);
  await syncFolder(paths.folder);

  await eachInSlices(
    oldSessions,
    (session) => {
      if (ledger.sessions.get(session.codeHash) === session) forgetSession(ledger, session);
    },
    slices,
  );
  await eachInSlices(
    oldDevices,
    (device) => {
      if (ledger.devices.get(deviceKey(device)) === device) forgetDevice(ledger, device);
    },
    slices,
  );
  await eachInSlices(
    oldRevoked,
    ({ jti, exp }) => {
      if (ledger.revoked.get(jti) === exp) ledger.revoked.delete(jti);
    },
    slices,
  );
  for (const entry of oldOutbox) if ("message" in entry) await eachInSlices(ledger.outbox.forget(entry.message), () => undefined, slices);
  await eachInSlices(past, ({ approvalId }) => forgetApproval(ledger, approvalId), slices);
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

async function pastApprovals(approvals: readonly Approval[], now: Instant, slices: Slices): Promise<ReadonlySet<Approval>> {
  const retention = createApprovalRetention(now);
  const settled: Approval[] = [];
  const count = (approval: Approval): void => {
    if (approval.settledAt === undefined) return;
    settled.push(approval);
    retention.count(approval);
  };
  await eachInSlices(approvals, count, slices);
  const past = new Set<Approval>();
  const take = (approval: Approval): void => {
    if (retention.isPast(approval)) past.add(approval);
  };
  await eachInSlices(settled, take, slices);
  return past;
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
  { slices = createSlices(), signal }: { readonly slices?: Slices; readonly signal?: AbortSignal } = {},
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
    for (const item of items) {
      if (isOver(item)) over.push(item);
      else {
        slice += between + oneLine(record(item));
        between = ",\n";
      }
      if (!slices.count()) continue;
      await put(slice);
      await slices.pause();
      signal?.throwIfAborted();
      slice = "";
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
