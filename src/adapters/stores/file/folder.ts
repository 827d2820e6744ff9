import { constants } from "node:fs";
import { access, chmod, lstat, mkdir, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../../../core/index.ts";
import { say } from "../../../words/say.ts";
import { foreignFile, foreignOwner } from "../../system/file-owner.ts";
import { syncFolder } from "./replace-file.ts";
import { codeOf, isMissing, StorageError } from "./storage-file.ts";

/** The files of the storage folder that this store writes. */
export interface StoragePaths {
  readonly folder: string;
  readonly sessions: string;
  readonly devices: string;
  readonly revoked: string;
  readonly outbox: string;
  readonly journal: string;
  readonly audit: string;
  readonly lock: string;
  readonly reserve: string;
}

const PRIVATE = 0o700;
const OTHERS = 0o077;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
/** What lies in a storage folder, drafts and files that were set aside included. */
const OURS =
  /^(pairing[._]|paired_devices\.|revoked_jti\.|phone_outbox\.|(sms_|reachability_)?settings\.|(page|server|keychain)\.json|signing_key\.pem|local_key|[a-z_]+\.secret|logs$)/;
const DRAFT = /\.draft$/;

/** The folder, made if there is none, private where that is ours to decide. */
export async function prepareFolder(wanted: string, log: Log): Promise<StoragePaths> {
  try {
    await makeFolder(path.resolve(wanted));
    const folder = await realpath(wanted);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    await checkOwners(wanted);
    if (process.platform !== "win32") await keepPrivate(folder, log);
    return pathsIn(folder);
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    throw cannotUseFolder(wanted, cause);
  }
}

function cannotUseFolder(wanted: string, cause: unknown): StorageError {
  return new StorageError(say("storage.folderUnusable", { folder: JSON.stringify(wanted), code: codeOf(cause) }), { cause });
}

/**
 * Refuses a storage folder that belongs to another account, and one with a file of ours that does: who owns it decides what is in it.
 * Root's are accepted, as volumes are mounted. A folder that is not there yet is fine.
 */
export async function checkOwners(wanted: string): Promise<void> {
  try {
    const found = await stat(wanted);
    const owner = foreignOwner(found);
    if (owner !== undefined) throw new StorageError(say("storage.folderOfOther", { folder: JSON.stringify(wanted), owner }));
    for (const name of await readdir(wanted)) {
      if (!OURS.test(name) || DRAFT.test(name)) continue;
      const file = path.join(wanted, name);
      const foreign = foreignFile(file, await lstat(file));
      if (foreign !== undefined) throw new StorageError(foreign);
    }
  } catch (cause) {
    if (cause instanceof StorageError) throw cause;
    // A file may go while the folder is looked through; one in the folder's place is refused when it is prepared.
    if (!["ENOENT", "ENOTDIR"].includes(codeOf(cause))) throw cannotUseFolder(wanted, cause);
  }
}

export function pathsIn(folder: string): StoragePaths {
  const file = (name: string): string => path.join(folder, name);
  return {
    folder,
    sessions: file("pairing_sessions.json"),
    devices: file("paired_devices.json"),
    revoked: file("revoked_jti.json"),
    outbox: file("phone_outbox.json"),
    journal: file("pairing_journal.jsonl"),
    audit: file("pairing_audit.jsonl"),
    lock: file("pairing.lock"),
    reserve: file("pairing.reserve"),
  };
}

/** Not mkdir's own recursion: that never ends where parents exist and yet nothing can be made (/proc). */
export async function makeFolder(folder: string): Promise<void> {
  const found = await stat(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw cause;
  });
  if (found?.isDirectory()) return;
  const parent = path.dirname(folder);
  if (!found && parent !== folder) await makeFolder(parent);
  await mkdir(folder, PRIVATE);
  await syncFolder(parent);
}

/** Answers a check that the folder is still the one it was: one that was removed or replaced while we run is not written to. */
export async function rememberFolder(folder: string): Promise<() => Promise<void>> {
  const then = await stat(folder);
  return async () => {
    const now = await stat(folder);
    if (now.dev !== then.dev || now.ino !== then.ino) throw Object.assign(new Error("the storage folder was replaced"), { code: "ESTALE" });
  };
}

async function keepPrivate(folder: string, log: Log): Promise<void> {
  const { mode } = await stat(folder);
  if ((mode & OTHERS) === 0) return;
  // A folder that others use as well (a home, /tmp, a mounted volume) is not ours to close.
  const ours = (await readdir(folder)).every((name) => OURS.test(name));
  const closed =
    ours &&
    (await chmod(folder, PRIVATE).then(
      () => true,
      () => false,
    ));
  // In a sticky folder, as /tmp is, each account replaces only its own files.
  if (!closed && (mode & OTHERS_WRITE) !== 0 && (mode & STICKY) === 0)
    throw new StorageError(
      say("storage.folderOpen", { folder: JSON.stringify(folder), mode: (mode & 0o777).toString(8).padStart(4, "0") }),
    );
  if (closed) log.warn("other accounts could look into the storage folder; its mode is 0700 now", { folder });
  else log.warn("other accounts can look into the storage folder; run chmod 700 on it, or use a folder of its own", { folder });
}
