import { constants } from "node:fs";
import { access, readdir, stat, statfs } from "node:fs/promises";
import path from "node:path";
import { messageOf } from "../../../base/message-of.ts";
import type { Instant } from "../../../core/index.ts";
import type { Ledger } from "../ledger.ts";
import { readAuditLine } from "../one-line.ts";
import { auditFromEnd } from "./audit-parts.ts";
import { checkOwners, pathsIn } from "./folder.ts";
import { type LockStatus, readLockStatus } from "./lock-holder.ts";
import { type MissingChanges, missingChanges } from "./missing-changes.ts";
import { readStorageStatus } from "./read-only.ts";
import { asReader, codeOf, isMissing } from "./storage-file.ts";

/** The status of a storage folder, which is read and not changed. */
export interface StorageStatus {
  readonly folder: FolderStatus;
  /** Bytes that this account may still write; absent where the system does not say. */
  readonly free?: number;
  readonly data: DataStatus;
  readonly lock: LockStatus | { readonly kind: "unknown"; readonly sentence: string };
}

export type FolderStatus =
  | { readonly kind: "absent" }
  | { readonly kind: "unusable"; readonly code: string }
  | {
      readonly kind: "there";
      readonly writable: boolean;
      /** That it, or a file in it, belongs to another account, and the way out. */
      readonly foreign?: string;
      /** Its mode, where others may do something in it. */
      readonly openMode?: string;
      /** Files that others may read or write. */
      readonly openFiles: readonly string[];
    };

export type DataStatus =
  | { readonly kind: "none" }
  /** One line: the file, what is wrong with it, and the way out. */
  | { readonly kind: "damaged"; readonly sentence: string }
  | {
      readonly kind: "whole";
      readonly seq: number;
      readonly sessions: number;
      readonly devices: number;
      readonly active: number;
      /** Changes in the journal. */
      readonly journaled: number;
      /** When the newest record was made; absent where there is none. */
      readonly newest?: Instant;
      /** Changes that are in the audit trail and missing from the state. */
      readonly missing?: MissingChanges;
      /** A start found such changes missing and recorded it among the newest lines of the trail. */
      readonly rolledBack?: { readonly at: Instant; readonly reason: string };
      /** Bytes of a last line whose writing was cut short, or is under way. */
      readonly torn: number;
    };

type WholeData = Extract<DataStatus, { readonly kind: "whole" }>;

const OTHERS = 0o077;
const NEWEST_LINES = 10_000;

export async function examineStorage(folder: string): Promise<StorageStatus> {
  const paths = pathsIn(folder);
  const found = await examineFolder(folder);
  const free = await freeAt(folder);
  if (found.kind !== "there") return { folder: found, ...free, data: { kind: "none" }, lock: { kind: "free" } };
  const lock = await readLockStatus(paths.lock).catch((cause: unknown) => ({ kind: "unknown" as const, sentence: messageOf(cause) }));
  return { folder: found, ...free, data: await examineData(folder), lock };
}

/** Where there is no folder yet, on the disk that it will be made on. */
async function freeAt(folder: string): Promise<{ readonly free?: number }> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { free: bavail * bsize };
  } catch (cause) {
    const parent = path.dirname(folder);
    return isMissing(cause) && parent !== folder ? freeAt(parent) : {};
  }
}

async function examineFolder(folder: string): Promise<FolderStatus> {
  try {
    const { mode } = await stat(folder);
    const names = await readdir(folder, { withFileTypes: true });
    await access(folder, constants.X_OK);
    const writable = await access(folder, constants.W_OK).then(
      () => true,
      () => false,
    );
    const foreign = await checkOwners(folder).then(() => undefined, messageOf);
    const openFiles: string[] = [];
    for (const entry of names) {
      if (entry.isFile() && isOpen((await stat(path.join(folder, entry.name))).mode)) openFiles.push(entry.name);
    }
    const owned = foreign === undefined ? {} : { foreign };
    return {
      kind: "there",
      writable,
      ...owned,
      ...(isOpen(mode) ? { openMode: (mode & 0o777).toString(8).padStart(4, "0") } : {}),
      openFiles,
    };
  } catch (cause) {
    return isMissing(cause) ? { kind: "absent" } : { kind: "unusable", code: codeOf(cause) };
  }
}

/** Windows keeps rights elsewhere, and a home folder's are its owner's alone. */
function isOpen(mode: number): boolean {
  return process.platform !== "win32" && (mode & OTHERS) !== 0;
}

async function examineData(folder: string): Promise<DataStatus> {
  try {
    const paths = pathsIn(folder);
    // First: of a server that is at work, the state is always as new as the trail was.
    const trail = await examineTrail(paths.audit);
    const found = await readStorageStatus(paths);
    if (!found) return { kind: "none" };
    const { ledger, seq, journaled, extent } = found;
    const active = [...ledger.devices.values()].filter(({ status }) => status === "active").length;
    const newest = newestRecord(ledger);
    const missing = missingChanges(ledger.auditSeq, trail.lastSeq);
    return {
      kind: "whole",
      seq,
      sessions: ledger.sessions.size,
      devices: ledger.devices.size,
      active,
      journaled,
      torn: extent.torn,
      ...(newest > 0 ? { newest } : {}),
      ...(missing ? { missing } : {}),
      ...(trail.rolledBack ? { rolledBack: trail.rolledBack } : {}),
    };
  } catch (cause) {
    return { kind: "damaged", sentence: messageOf(cause) };
  }
}

async function examineTrail(audit: string): Promise<{ readonly lastSeq: number } & Pick<WholeData, "rolledBack">> {
  let lastSeq = 0;
  let read = 0;
  for await (const text of auditFromEnd(audit, asReader)) {
    const line = readAuditLine(text);
    lastSeq = Math.max(lastSeq, line?.seq ?? 0);
    if (line?.event === "state_rolled_back") return { lastSeq, rolledBack: { at: Date.parse(line.ts), reason: line.reason ?? "" } };
    read += 1;
    if (read === NEWEST_LINES) break;
  }
  return { lastSeq };
}

function newestRecord(ledger: Ledger): Instant {
  let newest = 0;
  for (const { createdAt, acceptedAt = 0 } of ledger.sessions.values()) newest = Math.max(newest, createdAt, acceptedAt);
  for (const { sends } of ledger.texts.values()) newest = Math.max(newest, sends.at(-1) ?? 0);
  for (const { lastSeen } of ledger.devices.values()) newest = Math.max(newest, lastSeen);
  for (const { sentAt } of ledger.outbox.messages()) newest = Math.max(newest, sentAt);
  return newest;
}
