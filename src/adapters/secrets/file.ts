import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import path from "node:path";
import type { SecretName, SecretStore } from "../../core/index.ts";
import { say } from "../../words/say.ts";
import { renameFile, syncFolder } from "../stores/file/replace-file.ts";
import { CAUTIOUS } from "../stores/file/storage-file.ts";
import { foreignFile } from "../system/file-owner.ts";
import { decodeText } from "../system/read-text.ts";

/** Files that are not called as their secret is, for the sake of those who have them. */
const OTHERWISE: Readonly<Record<string, string>> = {
  "signing-key": "signing_key.pem",
  "local-key": "local_key",
  "twilio-api-key-secret": "twilio_api_key.secret",
  "aws-secret-access-key": "aws_access_key.secret",
};

function fileOf(name: SecretName): string {
  if (!/^[a-z]+(-[a-z]+)*$/.test(name)) throw new Error(`a secret cannot be called ${JSON.stringify(name)}`);
  return OTHERWISE[name] ?? `${name.replaceAll("-", "_")}.secret`;
}

/** A secret file that cannot be used. The message names the file and the way out. */
class SecretFileError extends Error {
  override readonly name = "SecretFileError";
}

/** Secrets as files of mode 0600 in a folder that exists (headless servers without a keychain). */
export function createFileSecrets(folder: string): SecretStore {
  return {
    kind: "file",
    async get(name) {
      const file = path.join(folder, fileOf(name));
      const handle = await open(file, constants.O_RDONLY | CAUTIOUS).catch((cause: unknown) => {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === "ENOENT") return undefined;
        throw new SecretFileError(say("storage.unreadable", { file, code: code ?? "unknown error" }), { cause });
      });
      if (!handle) return undefined;
      try {
        const stat = await handle.stat();
        if (!stat.isFile()) throw new SecretFileError(say("storage.notPlain", { file }));
        const foreign = foreignFile(file, stat);
        if (foreign !== undefined) throw new SecretFileError(foreign);
        if (process.platform !== "win32" && (stat.mode & 0o077) !== 0) {
          throw new SecretFileError(say("storage.readByOthers", { file }));
        }
        return decodeText(await handle.readFile());
      } finally {
        await handle.close();
      }
    },
    async set(name, secret) {
      const file = path.join(folder, fileOf(name));
      const draft = `${file}.draft`;
      await rm(draft, { force: true });
      const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | CAUTIOUS, 0o600);
      try {
        await handle.writeFile(secret);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await renameFile(draft, file);
      await syncFolder(folder);
    },
    async remove(name) {
      await rm(path.join(folder, fileOf(name)), { force: true });
      await syncFolder(folder);
    },
  };
}
