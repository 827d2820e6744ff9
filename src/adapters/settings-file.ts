import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import path from "node:path";
import type * as z from "zod";
import type { SettingsFile } from "../base/settings-file.ts";
import { PairingError } from "../core/index.ts";
import { say } from "../words/say.ts";
import { renameFile, syncFolder } from "./stores/file/replace-file.ts";
import { CAUTIOUS } from "./stores/file/storage-file.ts";
import { readTextFile } from "./system/read-text.ts";

/** What the settings page saved cannot be used. The message names the file and the way out; the file is left as it is. */
export class SettingsFileError extends Error {
  override readonly name = "SettingsFileError";
}

/** Which sentence says that the file is damaged, and what to set up again. */
type DamagedFile = "damagedMessages" | "damagedReachability" | "damagedPage" | "damagedServer" | "damagedSettings";

/** What the file holds; `undefined` where there is none. */
export function readSettingsFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  damaged: DamagedFile,
): z.output<Schema> | undefined {
  let text: string;
  try {
    text = readTextFile(file, { links: false });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "EOWNER") throw new SettingsFileError(message, { cause });
    if (code === "EILSEQ") throw new SettingsFileError(say(`storage.${damaged}`, { file }), { cause });
    throw new SettingsFileError(say("storage.unreadable", { file, code: code ?? "unknown error" }), { cause });
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SettingsFileError(say(`storage.${damaged}`, { file }), { cause });
  }
}

/** Resolves when it is on disk, whole. */
async function writeSettingsFile(file: string, content: object): Promise<void> {
  const draft = `${file}.draft`;
  await rm(draft, { force: true });
  const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | CAUTIOUS, 0o600);
  try {
    await handle.writeFile(`${JSON.stringify(content, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await renameFile(draft, file);
  await syncFolder(path.dirname(file));
}

export function createSettingsFile<Saved extends object>(
  folder: string,
  name: string,
  schema: z.ZodType<Saved>,
  damaged: DamagedFile,
): SettingsFile<Saved> {
  const file = path.join(folder, name);
  return fileWith(file, undefined, () => readSettingsFile(file, schema, damaged));
}

/** What a file holds that was read already, by those who check it themselves. */
export function knownSettingsFile<Saved extends object>(file: string, found: Saved): SettingsFile<Saved> {
  return fileWith(file, found, (known) => known);
}

/** `read` is given what is known of the file, and returns what is known from then on. */
function fileWith<Saved extends object>(
  file: string,
  found: Saved | undefined,
  read: (known: Saved | undefined) => Saved | undefined,
): SettingsFile<Saved> {
  let known = found;
  return {
    read() {
      known = read(known);
      return known;
    },
    async update(change) {
      known = await writeChanged(file, change(known));
      return known;
    },
  };
}

async function writeChanged<Saved extends object>(file: string, next: Saved): Promise<Saved> {
  try {
    await writeSettingsFile(file, next);
  } catch (cause) {
    throw new PairingError("storage_unavailable", { cause });
  }
  return next;
}
