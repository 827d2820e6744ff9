import type { Log, SecretName, SecretPlaceStatus, SecretStore } from "../../core/index.ts";
import type { Keychain, NoteStore } from "./keychain.ts";

interface PlacedSecretsDeps {
  readonly files: SecretStore;
  readonly keychain: Keychain;
  readonly notes: NoteStore;
  readonly log: Log;
}

export interface PlacedSecrets extends Pick<SecretStore, "get" | "set" | "remove"> {
  /** Whether this process has read or written the secret. */
  readonly knows: (name: string) => boolean;
  /** `keychainIsReady`: the keychain can still be read for secrets that this process has not read. */
  readonly moveTo: (home: SecretPlaceStatus["kind"], keychainIsReady: () => boolean) => Promise<void>;
  /** Reads every secret that there should be, to find out whether they can be read. */
  readonly readAll: () => Promise<void>;
}

/** Secrets that are in the keychain or in files, as the note says. One call at a time. */
export function createPlacedSecrets({ files, keychain, notes, log }: PlacedSecretsDeps): PlacedSecrets {
  /** What was read or written by this process: it can be kept elsewhere even when the keychain is gone. */
  const known = new Map<SecretName, string>();
  const find = async (name: SecretName): Promise<string | undefined> => {
    const { home, kept } = await notes.read();
    if (home === "file") return files.get(name);
    if (kept[name]?.mark === undefined) {
      const moved = await moveFileIn(name, { files, keychain, notes, log });
      if (moved !== undefined) return moved;
    }
    const secret = await keychain.get(name);
    await clearLeftFile(name, secret, { files, log });
    return secret;
  };
  const moveToFile = async (keychainIsReady: () => boolean): Promise<void> => {
    const note = await notes.read();
    if (note.home === "file") return;
    for (const name of Object.keys(note.kept)) {
      const secret = known.get(name) ?? (keychainIsReady() ? await keychain.get(name) : undefined);
      if (secret !== undefined) await files.set(name, secret);
    }
    await notes.write({ ...note, home: "file", kept: {} });
  };
  const moveToKeychain = async (): Promise<void> => {
    const note = await notes.read();
    if (note.home === "keychain") return;
    await keychain.tryOut();
    await notes.write({ ...note, home: "keychain" });
    for (const name of known.keys()) await find(name);
  };
  return {
    async get(name) {
      const secret = await find(name);
      if (secret === undefined) known.delete(name);
      else known.set(name, secret);
      return secret;
    },
    async set(name, secret) {
      const { home } = await notes.read();
      await (home === "file" ? files : keychain).set(name, secret);
      known.set(name, secret);
    },
    async remove(name) {
      await files.remove(name);
      const { home } = await notes.read();
      if (home === "keychain") await keychain.remove(name);
      known.delete(name);
    },
    knows: (name) => known.has(name),
    moveTo: async (home, keychainIsReady) => (home === "file" ? moveToFile(keychainIsReady) : moveToKeychain()),
    async readAll() {
      const { kept } = await notes.read();
      for (const name of new Set(["signing-key", ...Object.keys(kept)] as SecretName[])) await find(name);
    },
  };
}

/** What an earlier version, or a person's choice, kept in a file goes into the keychain, and then the file goes. */
async function moveFileIn(name: SecretName, { files, keychain, log }: PlacedSecretsDeps): Promise<string | undefined> {
  const secret = await files.get(name);
  if (secret === undefined) return undefined;
  await keychain.set(name, secret);
  await files.remove(name);
  log.info("a secret was moved from its file into the keychain", { name });
  return secret;
}

async function clearLeftFile(
  name: SecretName,
  secret: string | undefined,
  { files, log }: Pick<PlacedSecretsDeps, "files" | "log">,
): Promise<void> {
  const left = await files.get(name);
  if (left === undefined) return;
  if (left === secret) await files.remove(name);
  else log.warn("a file holds another secret than the keychain, which counts; move the file away", { name });
}
