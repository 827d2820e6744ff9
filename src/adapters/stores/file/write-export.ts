import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdtemp, readdir, rm, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { type Device, type Instant, isoSeconds, type PairingSession, type TextMessage } from "../../../core/index.ts";
import type { RevokedToken } from "../../../core/store/index.ts";
import { say } from "../../../words/say.ts";
import type { Fields } from "./fields.ts";
import { makeFolder, pathsIn } from "./folder.ts";
import { deviceRecord, EXPORTED_DEVICE_FIELDS, EXPORTED_SESSION_FIELDS, sessionRecord } from "./records.ts";
import { renameFile, replaceFile, syncFolder } from "./replace-file.ts";
import { codeOf, isMissing, StorageError, writeAll } from "./storage-file.ts";
import { textRecord } from "./text-records.ts";
import type { TrailLine } from "./trail.ts";
import { writeRecordBatches } from "./write-records.ts";

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

export interface ExportedSession {
  readonly session: PairingSession;
  /** The text message that carried its link. */
  readonly text: TextMessage | undefined;
}

type Batches<Item> = AsyncIterable<readonly Item[]>;

/** What is exported, as it stands together at one moment. Each is read once, in this order. */
export interface ExportSource {
  readonly seq: number;
  readonly auditSeq: number;
  readonly sessions: Batches<ExportedSession>;
  readonly devices: Batches<Device>;
  readonly revoked: Batches<RevokedToken>;
  readonly trail: AsyncIterable<TrailLine>;
}

export interface ExportTarget {
  /** A new or empty folder. */
  readonly to: string;
  readonly at: Instant;
  /** Ends the work in order: nothing is left of it. */
  readonly interrupted: AbortSignal;
}

const WRITTEN_AT_ONCE = 1 << 16;
const PRIVATE = 0o700;

/** Writes the registers and the audit trail into a folder. Rejects, with nothing left in it, when that or reading the source fails. */
export async function writeExport(source: ExportSource, { to, at, interrupted }: ExportTarget): Promise<Exported> {
  const { seq, auditSeq } = source;
  const target = await openTarget(to);
  try {
    const draft = pathsIn(target.draft);
    const position = `"seq":${seq},"audit_seq":${auditSeq},"exported_at":"${isoSeconds(at)}"`;
    const each = <Item>(batches: Batches<Item>): Batches<Item> => untilInterrupted(batches, interrupted);
    const sessions = await writeRecordBatches(draft.sessions, position, "sessions", each(source.sessions), sessionOf);
    const devices = await writeRecordBatches(draft.devices, position, "devices", each(source.devices), deviceOf);
    const revoked = await writeRecordBatches(draft.revoked, position, "revoked", each(source.revoked), ({ jti, exp }) => ({ jti, exp }));
    const trail = await writeTrail(source.trail, draft.audit, interrupted);
    await syncFolder(target.draft);
    const written = [
      await describe(draft.sessions, sessions),
      await describe(draft.devices, devices),
      await describe(draft.revoked, revoked),
      await describe(draft.audit, trail.lines),
    ];
    interrupted.throwIfAborted();
    await target.keep(written.map(({ name }) => name));
    return { seq, files: written, ...(trail.span ? { audit: trail.span } : {}), missing: trail.missing };
  } catch (cause) {
    await target.undo();
    interrupted.throwIfAborted();
    throw cause instanceof StorageError || !isOfFile(cause) ? cause : cannotExport(target.folder, cause);
  }
}

/** Node.js names the call that failed. */
function isOfFile(cause: unknown): boolean {
  return typeof (cause as NodeJS.ErrnoException | undefined)?.syscall === "string";
}

async function* untilInterrupted<Item>(batches: Batches<Item>, interrupted: AbortSignal): Batches<Item> {
  for await (const batch of batches) {
    interrupted.throwIfAborted();
    yield batch;
  }
}

/** With what an auditor needs of the text message that carried its link. */
function sessionOf({ session, text }: ExportedSession): Fields {
  const { sent_at = [], delivery }: Fields = text ? textRecord(text) : {};
  return only(EXPORTED_SESSION_FIELDS, { ...sessionRecord(session), sends: text?.sends.length ?? 0, sent_at, delivery });
}

function deviceOf(device: Device): Fields {
  return only(EXPORTED_DEVICE_FIELDS, deviceRecord(device));
}

function only(names: ReadonlySet<string>, record: Fields): Fields {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
}

interface Trail {
  readonly lines: number;
  readonly span: { readonly first: number; readonly last: number } | undefined;
  readonly missing: readonly { readonly from: number; readonly to: number }[];
}

async function writeTrail(trail: AsyncIterable<TrailLine>, file: string, interrupted: AbortSignal): Promise<Trail> {
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
    for await (const { seq, text } of trail) {
      if (last !== undefined && seq > last + 1) missing.push({ from: last + 1, to: seq - 1 });
      first ??= seq;
      last = seq;
      lines += 1;
      waiting += `${text}\n`;
      if (waiting.length > WRITTEN_AT_ONCE) await flush();
    }
    await flush();
  });
  return { lines, span: first === undefined || last === undefined ? undefined : { first, last }, missing };
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
