import { type Approval, type Device, deviceKey, type Instant, type PairingSession, SECOND, type TextMessage } from "../../../core/index.ts";
import { createApprovalRetention, isPastDevice, isPastSession, isPastText, type RevokedToken } from "../../../core/store/index.ts";
import type { Ledger } from "../ledger.ts";
import { forgetApproval, forgetDevice, forgetSession, forgetText } from "../ledger-put.ts";
import { createSlices, eachInSlices, type NextTurn, type Slices } from "../slices.ts";
import type { StoragePaths } from "./folder.ts";
import { type OutboxEntry, outboxRecord } from "./outbox-records.ts";
import { deviceRecord, sessionRecord } from "./records.ts";
import { syncFolder } from "./replace-file.ts";
import type { Snapshot } from "./snapshot.ts";
import { writeRecords } from "./write-records.ts";

/** How many days what is over is kept. */
export interface RetentionDays {
  readonly sessions: number;
  readonly devices: number;
}

interface Pausing {
  /** Gives the checkpoint up between two slices. */
  readonly signal?: AbortSignal;
  /** Absent: the event loop's. */
  readonly nextTurn?: NextTurn;
}

/** Of each file, what is past its time. */
interface Past {
  readonly outbox: readonly OutboxEntry[];
  readonly sessions: readonly PairingSession[];
  readonly devices: readonly Device[];
  readonly revoked: readonly RevokedToken[];
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
  const { seq, auditSeq, sessions, devices, revoked } = snapshot;
  const position = `"seq":${seq}`;
  const positionInTrail = `${position},"audit_seq":${auditSeq}`;
  const isPastEntry = await outboxRetention(ledger, snapshot, now, keep, slices);
  const isPastSessionNow = (session: PairingSession): boolean => isPastSession(session, now, keep.sessions);
  const isPastDeviceNow = (device: Device): boolean => isPastDevice(device, now, keep.devices);
  const hasEnded = ({ exp }: RevokedToken): boolean => exp * SECOND <= now;

  const past: Past = {
    // The first of the files: where the others are of a version that has it, it must be there, with every text message.
    outbox: await writeRecords(paths.outbox, position, "outbox", outboxEntries(snapshot), outboxRecord, isPastEntry, pausing),
    sessions: await writeRecords(paths.sessions, positionInTrail, "sessions", sessions, sessionRecord, isPastSessionNow, pausing),
    devices: await writeRecords(paths.devices, position, "devices", devices, deviceRecord, isPastDeviceNow, pausing),
    revoked: await writeRecords(paths.revoked, position, "revoked", revoked, ({ jti, exp }) => ({ jti, exp }), hasEnded, pausing),
  };
  await syncFolder(paths.folder);
  await forgetPast(ledger, past, slices);
}

function* outboxEntries({ inboxes, approvals, messages, texts, unknownRecords }: Snapshot): Generator<OutboxEntry> {
  for (const inbox of inboxes) yield { inbox };
  for (const approval of approvals) yield { approval };
  for (const message of messages) yield { message };
  for (const text of texts) yield { text };
  for (const record of unknownRecords) yield { record };
}

/** Returns a test for entries past their retention. */
async function outboxRetention(
  ledger: Ledger,
  { approvals }: Snapshot,
  now: Instant,
  keep: RetentionDays,
  slices: Slices,
): Promise<(entry: OutboxEntry) => boolean> {
  const past = await pastApprovals(approvals, now, slices);
  const isReferredTo = ({ sessionId = "" }: TextMessage): boolean => {
    const session = ledger.sessions.get(ledger.codeHashes.get(sessionId) ?? "");
    return session !== undefined && !isPastSession(session, now, keep.sessions);
  };
  return (entry) => {
    if ("message" in entry) return entry.message.expiresAt <= now;
    if ("approval" in entry) return past.has(entry.approval);
    return "text" in entry && isPastText(entry.text, now, keep.sessions) && !isReferredTo(entry.text);
  };
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

/** What has changed since the snapshot stays. */
async function forgetPast(ledger: Ledger, { outbox, sessions, devices, revoked }: Past, slices: Slices): Promise<void> {
  const forgetOldSession = (session: PairingSession): void => {
    if (ledger.sessions.get(session.codeHash) === session) forgetSession(ledger, session);
  };
  const forgetOldDevice = (device: Device): void => {
    if (ledger.devices.get(deviceKey(device)) === device) forgetDevice(ledger, device);
  };
  const forgetEnded = ({ jti, exp }: RevokedToken): void => {
    if (ledger.revoked.get(jti) === exp) ledger.revoked.delete(jti);
  };
  await eachInSlices(sessions, forgetOldSession, slices);
  await eachInSlices(devices, forgetOldDevice, slices);
  await eachInSlices(revoked, forgetEnded, slices);
  for (const entry of outbox) {
    await eachInSlices(forgetEntry(ledger, entry), () => undefined, slices);
    if (slices.count()) await slices.pause();
  }
}

function* forgetEntry(ledger: Ledger, entry: OutboxEntry): Generator<void> {
  if ("message" in entry) yield* ledger.outbox.forget(entry.message);
  if ("approval" in entry) forgetApproval(ledger, entry.approval.approvalId);
  if ("text" in entry && ledger.texts.get(entry.text.id) === entry.text) forgetText(ledger, entry.text);
}
