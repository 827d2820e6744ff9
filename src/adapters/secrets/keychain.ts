import { randomBytes } from "node:crypto";
import { present } from "../../base/present.ts";
import type { SecretName } from "../../core/index.ts";
import { say } from "../../words/say.ts";
import type { KeychainCalls, KeychainErrands } from "./keychain-calls.ts";
import { deleteItem, newMark, readItem, writeItem } from "./keychain-items.ts";
import type { KeychainNote } from "./keychain-note.ts";
import { SecretsUnavailable } from "./secrets-unavailable.ts";

/** The note beside the items, as the keychain reads and changes it. */
export interface NoteStore {
  read(): Promise<KeychainNote>;
  write(note: KeychainNote): Promise<void>;
}

export interface Keychain {
  /** `undefined`: there is none, for certain. */
  get(name: SecretName): Promise<string | undefined>;
  set(name: SecretName, secret: string): Promise<void>;
  remove(name: SecretName): Promise<void>;
  /** Resolves when something can be written and read. */
  tryOut(): Promise<void>;
}

/** Program names → what people know them as. */
const PROGRAMS: Readonly<Record<string, string>> = {
  "gnome-keyring-d": "GNOME Keyring",
  kwalletd5: "KWallet",
  kwalletd6: "KWallet",
  ksecretd: "KWallet",
  keepassxc: "KeePassXC",
};

/** Secrets in the operating system's keychain. Everything rejects with {@link SecretsUnavailable} while that cannot be. */
export function createKeychain(errands: KeychainErrands, notes: NoteStore): Keychain {
  const accountOf = ({ id }: KeychainNote, name: string): string => `${name} ${id}`;

  const read = async (calls: KeychainCalls, name: SecretName): Promise<string | undefined> => {
    const note = await notes.read();
    const entry = note.kept[name];
    const item = entry ? await readItem(calls, accountOf(note, name)) : undefined;
    if (item && item.mark !== entry?.mark && item.mark !== entry?.next) throw new SecretsUnavailable("other_item");
    if (item) {
      // A write whose end was not received: it is what counts now.
      if (entry?.next !== undefined) await notes.write({ ...note, kept: { ...note.kept, [name]: { mark: item.mark } } });
      return item.secret;
    }
    // Locked and deleted look the same to a reader. Only a write fails where it is locked.
    await tryToWrite(calls, accountOf(note, "check"));
    if (entry?.mark !== undefined) throw await whyMissing(calls, note);
    return undefined;
  };

  return {
    get: async (name) => errands.run(async (calls) => read(calls, name)),

    set: async (name, secret) =>
      errands.run(async (calls) => {
        const note = await notes.read();
        const { mark: former } = note.kept[name] ?? {};
        const mark = newMark();
        // Both marks count until the new item was read back: a crash in between loses neither.
        await notes.write({ ...note, kept: { ...note.kept, [name]: { ...present({ mark: former }), next: mark } } });
        await writeItem(calls, accountOf(note, name), { mark, secret });
        const backend = await calls.backend();
        await notes.write({ ...note, ...(backend === null ? {} : { backend }), kept: { ...note.kept, [name]: { mark } } });
      }),

    remove: async (name) =>
      errands.run(async (calls) => {
        const note = await notes.read();
        const { [name]: entry, ...kept } = note.kept;
        if (!entry) return;
        await notes.write({ ...note, kept });
        await deleteItem(calls, accountOf(note, name));
      }),

    tryOut: async () =>
      errands.run(async (calls) => {
        const note = await notes.read();
        await tryToWrite(calls, accountOf(note, "check"));
      }),
  };
}

/** A word that goes in, comes back and is taken away. */
async function tryToWrite(calls: KeychainCalls, account: string): Promise<void> {
  const word = randomBytes(8).toString("base64url");
  await calls.set(account, word);
  const back = await calls.get(account);
  if (back !== word) throw new SecretsUnavailable("failed", { cause: new Error("the keychain did not give back what it was given") });
  await calls.delete(account);
}

async function whyMissing(calls: KeychainCalls, { backend: then }: KeychainNote): Promise<SecretsUnavailable> {
  const now = await calls.backend();
  if (then === undefined || now === null || then === now) return new SecretsUnavailable("missing");
  const known = (program: string): string => PROGRAMS[program] ?? program;
  return new SecretsUnavailable("other_backend", { sentence: say("storage.otherKeyring", { former: known(then), current: known(now) }) });
}
