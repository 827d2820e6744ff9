import { present } from "../../base/present.ts";
import { createSerialQueue } from "../../base/serial-queue.ts";
import { type Log, PairingError, type SecretPlace, type SecretPlaceStatus, type SecretStore } from "../../core/index.ts";
import { asOwner } from "../stores/file/storage-file.ts";
import { createFileSecrets } from "./file.ts";
import { createKeychain, type NoteStore } from "./keychain.ts";
import { createKeychainErrands, type KeychainProcess } from "./keychain-calls.ts";
import { emptyNote, type KeychainNote, readNote, writeNote } from "./keychain-note.ts";
import { createKeychainStatus, type KeychainStatus } from "./keychain-status.ts";
import { createPlacedSecrets, type PlacedSecrets } from "./placed-secrets.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

export interface KeychainPlaceDeps {
  /** The storage folder. It exists before the first secret is asked for. */
  readonly folder: string;
  readonly start: () => KeychainProcess;
  readonly log: Log;
  /** Called when the status is another one than before. */
  readonly changed: () => void;
}

export interface OpenPlace {
  readonly secrets: SecretStore;
  readonly place: SecretPlace;
  close(): void;
}

/**
 * The desktop's secrets: in the keychain, and only by a person's choice in files instead. While the keychain cannot be used everybody
 * is refused at once, and it is retried from time to time: one failure is no reason to restart.
 */
export function openKeychainPlace({ folder, start, log, changed }: KeychainPlaceDeps): OpenPlace {
  const notes = createNotes(folder, log);
  const errands = createKeychainErrands(start, log, (well) => {
    if (well) void recheck();
    else status.settle(new SecretsUnavailable("locked"));
  });
  const home = (): SecretPlaceStatus["kind"] => notes.last()?.home ?? "keychain";
  const placed = createPlacedSecrets({ files: createFileSecrets(folder), keychain: createKeychain(errands, notes), notes, log });
  const { run: inTurn } = createSerialQueue();
  const recheck = async (): Promise<void> => {
    if (!errands.hangs()) await inTurn(async () => attempt(status, placed.readAll)).catch(() => undefined);
  };
  const status = createKeychainStatus({ log, errands, home, retry: recheck, changed });

  /** Refuses at once, and again when its turn comes, what is known to fail. */
  const whenUsable = async <T>(work: () => Promise<T>): Promise<T> => {
    throwIfRejected(status);
    return inTurn(async () => {
      throwIfRejected(status);
      return attempt(status, work);
    });
  };
  const publicStatus = (): SecretPlaceStatus => statusOf(status, notes.last(), placed);
  return {
    secrets: {
      get kind() {
        return home();
      },
      get: async (name) => whenUsable(async () => placed.get(name)),
      set: async (name, secret) => whenUsable(async () => placed.set(name, secret)),
      remove: async (name) => whenUsable(async () => placed.remove(name)),
    },
    place: {
      status: publicStatus,
      async retry() {
        errands.end();
        status.resetWait();
        await recheck();
        return publicStatus();
      },
      async moveTo(target) {
        const before = status.now();
        if (target === "file") errands.end();
        await inTurn(async () => placed.moveTo(target, () => status.now().state === "ready")).catch((cause: unknown) => {
          if (!(cause instanceof SecretsUnavailable)) throw new PairingError("storage_unavailable", { cause });
          // The secrets are where they were.
          status.restore(before);
          throw new PairingError("keys_unavailable", { params: { reason: "secrets", why: cause.message }, cause });
        });
        status.settle(undefined);
        changed();
        return publicStatus();
      },
    },
    close() {
      status.close();
      errands.end();
    },
  };
}

/** The note, read once. */
function createNotes(folder: string, log: Log): NoteStore & { readonly last: () => KeychainNote | undefined } {
  let note: KeychainNote | undefined;
  return {
    last: () => note,
    read: async () => (note ??= (await readNote(folder, asOwner(log))) ?? emptyNote()),
    async write(next) {
      await writeNote(folder, next);
      note = next;
    },
  };
}

function throwIfRejected(status: KeychainStatus): void {
  const rejection = status.rejection();
  if (rejection) throw rejection;
}

/** Does the work; its outcome becomes the status. */
async function attempt<T>(status: KeychainStatus, work: () => Promise<T>): Promise<T> {
  try {
    const value = await work();
    status.settle(undefined);
    return value;
  } catch (cause) {
    status.settle(cause);
    throw cause;
  }
}

function statusOf(status: KeychainStatus, note: KeychainNote | undefined, placed: Pick<PlacedSecrets, "knows">): SecretPlaceStatus {
  const { state, sentence } = status.now();
  const hasFailed = state !== "ready" && state !== "opening";
  const kind = note?.home ?? "keychain";
  const ways: SecretPlaceStatus["ways"] = [
    ...(hasFailed ? (["retry"] as const) : []),
    ...(kind === "file" ? (["keychain"] as const) : hasFailed && state !== "note_damaged" ? (["file"] as const) : []),
  ];
  const newKey = Object.entries(note?.kept ?? {}).some(([name, item]) => item?.mark !== undefined && !placed.knows(name));
  return { kind, state, ...present({ sentence }), ways, newKey };
}
