import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdtemp, readdir, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { type Device, type Instant, isoSeconds, type PairingSession } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import type { Ledger } from "../ledger.ts";
import { readAuditLine } from "../one-line.ts";
import { type AuditText, auditFromEnd, auditFromStart } from "./audit-parts.ts";
import type { Fields } from "./fields.ts";
import { makeFolder, pathsIn, type StoragePaths } from "./folder.ts";
import type { AuditLineRead } from "./journal-lines.ts";
import { readStorageStatus } from "./read-only.ts";
import { deviceRecord, EXPORTED_DEVICE_FIELDS, EXPORTED_SESSION_FIELDS, sessionRecord } from "./records.ts";
import { renameFile, replaceFile, syncFolder } from "./replace-file.ts";
import { takeSnapshot } from "./snapshot.ts";
import { asReader, codeOf, isMissing, StorageError, writeAll } from "./storage-file.ts";
import { textRecord } from "./text-records.ts";
import { writeRecords } from "./write-records.ts";

export interface ExportOptions {
  /** The storage folder. A server may be at work in it. */
  readonly from: string;
  /** A new or empty one. */
  readonly to: string;
  readonly at: Instant;
  /** Ends the work in order: nothing is left of it. */
  readonly interrupted: AbortSignal;
}

export interface Exported {
  /** Up to which change the files have everything. */
  readonly seq: number;
  readonly files: readonly ExportedFile[];
  /** The trail's first and last number; absent when it has no line. */
  readonly audit?: { readonly first: number; readonly last: number };
  /** Numbers between them that have no line, as ranges. */
  readonly missing: readonly { readonly from: number; readonly to: number }[];
}

export interface ExportedFile {
  readonly name: string;
  readonly entries: number;
  /** Of the whole file. */
  readonly sha256: string;
}

const WRITTEN_AT_ONCE = 1 << 16;
const PRIVATE = 0o700;

/**
 * Writes the registers and the audit trail as they stand together at one moment. The source is only read. Rejects with a
 * StorageError, and with nothing left in `to`, when something in the source is damaged or `to` cannot be used.
 */
export async function exportStorage({ from, to, at, interrupted }: ExportOptions): Promise<Exported> {
  const paths = pathsIn(from);
  const before = await lastTrailSeq(paths);
  const found = await readStorageStatus(paths);
  if (!found) {
    throw new StorageError(say("storage.nothingToExport", { folder: from }));
  }
  const { ledger, seq, auditLines } = found;
  const { sessions, devices, revoked } = await takeSnapshot(ledger, seq);
  const target = await openTarget(to);
  try {
    const draft = pathsIn(target.draft);
    const position = `"seq":${seq},"audit_seq":${ledger.auditSeq},"exported_at":"${isoSeconds(at)}"`;
    const all = (): boolean => false;
    await writeRecords(draft.sessions, position, "sessions", sessions, (one: PairingSession) => exportedSession(one, ledger), all);
    await writeRecords(draft.devices, position, "devices", devices, (one: Device) => only(EXPORTED_DEVICE_FIELDS, deviceRecord(one)), all);
    await writeRecords(draft.revoked, position, "revoked", revoked, ({ jti, exp }) => ({ jti, exp }), all);
    // Of a trail that is ahead of restored older registers every line was there before; others came after this moment.
    const trail = await writeTrail(paths, draft.audit, auditLines, Math.max(ledger.auditSeq, before), interrupted);
    await syncFolder(target.draft);
    const written = [
      await describe(draft.sessions, sessions.length),
      await describe(draft.devices, devices.length),
      await describe(draft.revoked, revoked.length),
      await describe(draft.audit, trail.lines),
    ];
    interrupted.throwIfAborted();
    await target.keep(written.map(({ name }) => name));
    return { seq, files: written, ...(trail.span ? { audit: trail.span } : {}), missing: trail.missing };
  } catch (cause) {
    await target.undo();
    interrupted.throwIfAborted();
    throw cause instanceof StorageError ? cause : cannotExport(target.folder, cause);
  }
}

/** With what an auditor needs of the text message that carried its link. */
function exportedSession(session: PairingSession, { texts }: Ledger): Fields {
  const text = texts.get(session.textId ?? "");
  const { sent_at = [], delivery }: Fields = text ? textRecord(text) : {};
  return only(EXPORTED_SESSION_FIELDS, { ...sessionRecord(session), sends: text?.sends.length ?? 0, sent_at, delivery });
}

function only(names: ReadonlySet<string>, record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
}

async function lastTrailSeq({ audit }: StoragePaths): Promise<number> {
  try {
    for await (const text of auditFromEnd(audit, asReader)) {
      const seq = readAuditLine(text)?.seq;
      if (seq !== undefined) return seq;
    }
    return 0;
  } catch (cause) {
    if (isMissing(cause)) return 0;
    throw cause;
  }
}

interface Trail {
  readonly lines: number;
  readonly span: { readonly first: number; readonly last: number } | undefined;
  readonly missing: readonly { readonly from: number; readonly to: number }[];
}

/** The lines up to `until`, as they are, oldest first: those of the trail, and those that only the journal has yet. */
async function writeTrail(
  paths: StoragePaths,
  file: string,
  journaled: readonly AuditLineRead[],
  until: number,
  interrupted: AbortSignal,
): Promise<Trail> {
  const missing: { from: number; to: number }[] = [];
  let lines = 0;
  let first: number | undefined;
  let last: number | undefined;
  await replaceFile(file, async (draft) => {
    let waiting = "";
    let written = 0;
    const flush = async (): Promise<void> => {
      interrupted.throwIfAborted();
      const bytes = Buffer.from(waiting);
      await writeAll(draft, bytes, written);
      written += bytes.length;
      waiting = "";
    };
    const put = (seq: number, text: string): void => {
      if (last !== undefined && seq > last + 1) missing.push({ from: last + 1, to: seq - 1 });
      first ??= seq;
      last = seq;
      lines += 1;
      waiting += `${text}\n`;
    };
    for await (const found of auditFromStart(paths.audit, asReader)) {
      const seq = seqOf(found, last);
      if (seq > until) break;
      put(seq, found.text);
      if (waiting.length > WRITTEN_AT_ONCE) await flush();
    }
    for (const { seq, text } of journaled) if (seq > (last ?? 0) && seq <= until) put(seq, text);
    await flush();
  });
  return { lines, span: first === undefined || last === undefined ? undefined : { first, last }, missing };
}

function seqOf({ file, text }: AuditText, last: number | undefined): number {
  const seq = readAuditLine(text)?.seq;
  const place = last === undefined ? say("storage.atBeginning") : say("storage.afterNumber", { number: last });
  if (seq === undefined || seq <= (last ?? 0)) {
    throw new StorageError(say("storage.trailDamaged", { file, place }));
  }
  return seq;
}

async function describe(file: string, entries: number): Promise<ExportedFile> {
  const digest = createHash("sha256");
  await pipeline(createReadStream(file), digest);
  return { name: path.basename(file), entries, sha256: digest.digest("hex") };
}

interface Target {
  readonly folder: string;
  /** Where the files are until all of them are whole. */
  readonly draft: string;
  keep(names: readonly string[]): Promise<void>;
  /** Leaves the place as it was found. */
  undo(): Promise<void>;
}

async function openTarget(wanted: string): Promise<Target> {
  const folder = path.resolve(wanted);
  const former = await modeOfEmpty(folder);
  const written: string[] = [];
  const clear = async (): Promise<void> => {
    for (const name of written) await rm(path.join(folder, name), { force: true });
    if (former === undefined) await rm(folder, { recursive: true, force: true });
    else await chmod(folder, former);
  };
  try {
    if (former === undefined) await makeFolder(folder);
    else await chmod(folder, PRIVATE);
    const draft = await mkdtemp(path.join(folder, ".unfinished-"));
    return {
      folder,
      draft,
      async keep(names) {
        for (const name of names) {
          await renameFile(path.join(draft, name), path.join(folder, name));
          written.push(name);
        }
        await rmdir(draft);
        await syncFolder(folder);
      },
      async undo() {
        await rm(draft, { recursive: true, force: true });
        await clear();
      },
    };
  } catch (cause) {
    await clear().catch(() => undefined);
    throw cannotExport(folder, cause);
  }
}

/** `undefined`: there is no such folder yet. */
async function modeOfEmpty(folder: string): Promise<number | undefined> {
  try {
    if ((await readdir(folder)).length === 0) return (await stat(folder)).mode;
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    if (codeOf(cause) === "ENOTDIR") throw new StorageError(say("storage.notAFolder", { folder }));
    throw cannotExport(folder, cause);
  }
  throw new StorageError(say("storage.notEmpty", { folder }));
}

function cannotExport(folder: string, cause: unknown): StorageError {
  return new StorageError(say("storage.exportUnwritable", { folder, code: codeOf(cause) }), {
    cause,
  });
}
