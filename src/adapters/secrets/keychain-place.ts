import { present } from "../../base/present.ts";
import { createSerialQueue } from "../../base/serial-queue.ts";
import { type Log, PairingError, type SecretName, type SecretPlace, type SecretPlaceStatus, type SecretStore } from "../../core/index.ts";
import { asOwner } from "../stores/file/storage-file.ts";
import { createFileSecrets } from "./file.ts";
import { createKeychain } from "./keychain.ts";
import { createKeychainErrands, type KeychainProcess } from "./keychain-calls.ts";
import { emptyNote, type KeychainNote, readNote, writeNote } from "./keychain-note.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

export interface KeychainPlaceDeps {
  /** The storage folder. It exists before the first secret is asked for. */
  readonly folder: string;
  readonly start: () => KeychainProcess;
  readonly log: Log;
  /** The standing is another one now. */
  readonly changed: () => void;
}

export interface OpenPlace {
  readonly secrets: SecretStore;
  readonly place: SecretPlace;
  close(): void;
}

const FIRST_WAIT = 3000;
const MAX_WAIT = 30_000;

/**
 * The desktop's secrets: in the keychain, and only by a person's choice in files instead. While the keychain cannot be used everybody
 * is refused at once, and it is asked again from time to time: what it said once is no reason to restart.
 */
export function openKeychainPlace({ folder, start, log, changed }: KeychainPlaceDeps): OpenPlace {
  const files = createFileSecrets(folder);
  /** What was read or written by this process: it can be kept elsewhere even when the keychain is gone. */
  const read = new Map<SecretName, string>();
  let note: KeychainNote | undefined;
  let state: SecretPlaceStatus["state"] = "opening";
  let sentence: string | undefined;
  let wait = FIRST_WAIT;
  let timer: NodeJS.Timeout | undefined;
  let wasReady = false;
  let closed = false;
  const queue = createSerialQueue();

  const notes = {
    read: async () => (note ??= (await readNote(folder, asOwner(log))) ?? emptyNote()),
    async write(next: KeychainNote) {
      await writeNote(folder, next);
      note = next;
    },
  };
  const errands = createKeychainErrands(start, log, (well) => {
    if (well) void recheck();
    else settle(new SecretsUnavailable("locked"));
  });
  const keychain = createKeychain(errands, notes);

  const settle = (cause: unknown): void => {
    if (closed) return;
    clearTimeout(timer);
    const failure = cause === undefined ? undefined : failureOf(cause, wasReady);
    const former = [state, sentence].join();
    state = failure?.failure ?? "ready";
    sentence = failure?.message;
    if (!failure) {
      wasReady = true;
      wait = FIRST_WAIT;
    } else if (!errands.hangs() && !errands.wasAskedOfPerson()) {
      timer = setTimeout(() => void recheck(), wait);
      timer.unref();
      wait = Math.min(wait * 2, MAX_WAIT);
    }
    if ([state, sentence].join() === former) return;
    if (failure) log.warn("secrets cannot be used", { state });
    else log.info("secrets can be used", { kept_in: kind() });
    changed();
  };

  const kind = (): "keychain" | "file" => note?.home ?? "keychain";

  const refusal = (): SecretsUnavailable | undefined =>
    state === "ready" || state === "opening" ? undefined : new SecretsUnavailable(state, sentence === undefined ? {} : { sentence });

  /** One after the other, and what they meet is remembered. */
  const inTurn = <T>(work: () => Promise<T>, known: () => SecretsUnavailable | undefined = () => undefined): Promise<T> => {
    return queue.run(async () => {
      const refused = known();
      if (refused) throw refused;
      try {
        const value = await work();
        settle(undefined);
        return value;
      } catch (cause) {
        settle(cause);
        throw cause;
      }
    });
  };

  /** The same for who must not wait for what is known to be in vain. */
  const whenUsable = async <T>(work: () => Promise<T>): Promise<T> => {
    const refused = refusal();
    if (refused) throw refused;
    return inTurn(work, refusal);
  };

  const recheck = async (): Promise<void> => {
    if (errands.hangs()) return;
    await inTurn(async () => {
      const { kept } = await notes.read();
      for (const name of new Set<SecretName>(["signing-key", ...Object.keys(kept)])) await get(name);
    }).catch(() => undefined);
  };

  /** What an earlier version, or a person's choice, kept in a file goes into the keychain, and then the file goes. */
  const moveFileIn = async (name: SecretName): Promise<string | undefined> => {
    const secret = await files.get(name);
    if (secret === undefined) return undefined;
    await keychain.set(name, secret);
    await files.remove(name);
    log.info("a secret was moved from its file into the keychain", { name });
    return secret;
  };

  const clearLeftFile = async (name: SecretName, secret: string | undefined): Promise<void> => {
    const left = await files.get(name);
    if (left === undefined) return;
    if (left === secret) await files.remove(name);
    else log.warn("a file holds another secret than the keychain, which counts; move the file away", { name });
  };

  const get = async (name: SecretName): Promise<string | undefined> => {
    const { home, kept } = await notes.read();
    if (home === "file") return files.get(name);
    if (kept[name]?.mark === undefined) {
      const moved = await moveFileIn(name);
      if (moved !== undefined) return moved;
    }
    const secret = await keychain.get(name);
    await clearLeftFile(name, secret);
    return secret;
  };

  const status = (): SecretPlaceStatus => {
    const hasFailed = state !== "ready" && state !== "opening";
    const atHome = kind();
    const unread = Object.entries(note?.kept ?? {}).some(([name, item]) => item?.mark !== undefined && !read.has(name));
    const ways: SecretPlaceStatus["ways"] = [
      ...(hasFailed ? (["retry"] as const) : []),
      ...(atHome === "file" ? (["keychain"] as const) : hasFailed && state !== "note_damaged" ? (["file"] as const) : []),
    ];
    return { kind: atHome, state, ...present({ sentence }), ways, newKey: unread };
  };

  const moveToFile = async (): Promise<void> => {
    const now = await notes.read();
    if (now.home === "file") return;
    for (const name of Object.keys(now.kept)) {
      const secret = read.get(name) ?? (state === "ready" ? await keychain.get(name) : undefined);
      if (secret !== undefined) await files.set(name, secret);
    }
    await notes.write({ ...now, home: "file", kept: {} });
  };

  const moveToKeychain = async (): Promise<void> => {
    const now = await notes.read();
    if (now.home === "keychain") return;
    await keychain.tryOut();
    await notes.write({ ...now, home: "keychain" });
    for (const name of read.keys()) await get(name);
  };

  return {
    secrets: {
      get kind() {
        return kind();
      },
      get: async (name) =>
        whenUsable(async () => {
          const secret = await get(name);
          if (secret === undefined) read.delete(name);
          else read.set(name, secret);
          return secret;
        }),
      set: async (name, secret) =>
        whenUsable(async () => {
          const { home } = await notes.read();
          await (home === "file" ? files : keychain).set(name, secret);
          read.set(name, secret);
        }),
      remove: async (name) =>
        whenUsable(async () => {
          await files.remove(name);
          const { home } = await notes.read();
          if (home === "keychain") await keychain.remove(name);
          read.delete(name);
        }),
    },
    place: {
      status,
      async retry() {
        errands.end();
        wait = FIRST_WAIT;
        await recheck();
        return status();
      },
      async moveTo(home) {
        const before = { state, sentence };
        if (home === "file") errands.end();
        try {
          await queue.run(home === "file" ? moveToFile : moveToKeychain);
        } catch (cause) {
          if (!(cause instanceof SecretsUnavailable)) throw new PairingError("storage_unavailable", { cause });
          // They are where they were.
          ({ state, sentence } = before);
          throw new PairingError("keys_unavailable", { params: { reason: "secrets", why: cause.message }, cause });
        }
        settle(undefined);
        changed();
        return status();
      },
    },
    close() {
      closed = true;
      clearTimeout(timer);
      errands.end();
    },
  };
}

function failureOf(cause: unknown, wasReady: boolean): SecretsUnavailable {
  if (!(cause instanceof SecretsUnavailable))
    return new SecretsUnavailable("file_unusable", { sentence: cause instanceof Error ? cause.message : "", cause });
  const gone = cause.failure === "locked" || cause.failure === "no_service" || cause.failure === "no_bus";
  return wasReady && gone ? new SecretsUnavailable("stopped", { cause }) : cause;
}
