import { randomBytes } from "node:crypto";
import path from "node:path";
import { say } from "../../words/say.ts";
import { createFileSecrets } from "./file.ts";

/** The secret's name; its file is `local_key` in the storage folder. */
const NAME = "local-key";
const KEY = /^[\w-]{43}$/;

/** What programs of this computer prove with that they run under the server's account. */
export interface LocalKey {
  readonly value: () => string;
  /** Resolves with the new key once it is on disk. The former one is not good any more. */
  readonly rotate: () => Promise<string>;
}

/** The key of a server's storage folder, made at the first start. Rejects with one sentence for a file that cannot be trusted. */
export async function openLocalKey(folder: string): Promise<LocalKey> {
  const secrets = createFileSecrets(folder);
  const write = async (): Promise<string> => {
    const fresh = randomBytes(32).toString("base64url");
    await secrets.set(NAME, fresh);
    return fresh;
  };
  let key = (await readLocalKey(folder)) ?? (await write());
  return {
    value: () => key,
    async rotate() {
      key = await write();
      return key;
    },
  };
}

/**
 * The key for a program that asks the server; `undefined` where there is none. Rejects for a link, a pipe, a file of another account, one
 * that others can read, and one with anything else in it.
 */
export async function readLocalKey(folder: string): Promise<string | undefined> {
  const found = (await createFileSecrets(folder).get(NAME))?.trim();
  if (found !== undefined && !KEY.test(found)) throw new Error(say("storage.localKeyDamaged", { file: path.join(folder, "local_key") }));
  return found;
}
