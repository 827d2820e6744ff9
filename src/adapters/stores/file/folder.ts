import { constants } from "node:fs";
import { access, chmod, mkdir, readdir, realpath, stat } from "node:fs/promises";
import path from "node:path";
import type { Log } from "../../../core/index.ts";
import { codeOf, isMissing, StorageError, syncFolder } from "./storage-file.ts";

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

/** What only Top Dog makes, or has always been taken for its own. */
const OURS = /^(pairing|paired_devices|revoked_jti|phone_outbox|signing_key|logs|settings|config)/;
/** What settings, secrets and the page save beside it. Another program may use such a name as well, so it does not count by itself. */
const SAVED_BESIDE =
  /^((server|page|keychain|sms_settings|reachability_settings)\.json|(twilio_auth_token|twilio_api_key|aws_access_key|push_key|admin_token|ngrok_authtoken)\.secret)(\.([0-9a-f]{12}\.)?draft)?$/;

/** The folder, made if there is none, private where that is ours to decide. */
export async function prepareFolder(wanted: string, log: Log): Promise<StoragePaths> {
  try {
    await makeFolder(path.resolve(wanted));
    const folder = await realpath(wanted);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    if (process.platform !== "win32") await keepPrivate(folder, log);
    return pathsIn(folder);
  } catch (cause) {
    throw new StorageError(
      `The storage folder ${JSON.stringify(wanted)} cannot be used (${codeOf(cause)}). Give this account read and write access to it, or set PAIRING_STORAGE_PATH to another folder.`,
      { cause },
    );
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
  const names = await readdir(folder);
  const ours = names.every((name) => OURS.test(name) || (SAVED_BESIDE.test(name) && names.some((other) => OURS.test(other))));
  const closed =
    ours &&
    (await chmod(folder, PRIVATE).then(
      () => true,
      () => false,
    ));
  if (closed) log.warn("other accounts could look into the storage folder; its mode is 0700 now", { folder });
  else log.warn("other accounts can look into the storage folder; run chmod 700 on it, or use a folder of its own", { folder });
}
