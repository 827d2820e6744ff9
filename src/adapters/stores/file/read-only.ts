import { setTimeout as delay } from "node:timers/promises";
import type { StoragePaths } from "./folder.ts";
import { type Loaded, readStorage } from "./load.ts";
import { asReader, files } from "./storage-file.ts";

const TRIES = 10;
/** A checkpoint replaces its files within milliseconds, and is followed by none for much longer. */
const BETWEEN_TRIES = 100;

/**
 * The state at one moment, as a crash right now would leave it, whether or not a server is at work in the folder. Takes no lock and
 * changes nothing. `undefined`: no server has ever started there. Rejects with a StorageError that names what is damaged.
 */
export async function readStorageStatus(paths: StoragePaths): Promise<Loaded | undefined> {
  for (let tries = 1; ; tries += 1) {
    const before = await identities(paths);
    try {
      const found = await readStorage(paths, asReader);
      // Files that were replaced after they were read may have taken from the journal what was not read there yet.
      if ((await identities(paths)).files === before.files || tries === TRIES) return found;
    } catch (cause) {
      const after = await identities(paths);
      const still = after.files === before.files && after.journal === before.journal;
      // What is damaged stays as it is; what a server was just writing does not.
      if (still || tries === TRIES) throw cause;
    }
    await delay(BETWEEN_TRIES);
  }
}

async function identities(paths: StoragePaths): Promise<{ readonly files: string; readonly journal: string }> {
  const whole = await Promise.all([paths.sessions, paths.devices, paths.revoked, paths.outbox].map(identity));
  return { files: whole.join(), journal: await identity(paths.journal) };
}

async function identity(file: string): Promise<string> {
  return files.lstat(file, { bigint: true }).then(
    ({ dev, ino, size, mtimeNs }) => [dev, ino, size, mtimeNs].join(":"),
    () => "none",
  );
}
