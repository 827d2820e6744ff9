import { constants } from "node:fs";
import { open, rm } from "node:fs/promises";
import path from "node:path";
import type * as z from "zod";
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

/** What the settings page saved about one thing, as a file of the storage folder. */
export interface SettingsFile<Saved extends object> {
  /** What was saved; `undefined` where nothing was. Throws when that cannot be known, and leaves the file as it is. */
  read(): Saved | undefined;
  /**
   * Changes what was saved last, here or by another server of the same database. Resolves with the outcome once that is durable, whole.
   * Rejects with what `change` throws, or with `storage_unavailable`.
   */
  update(change: (latest: Saved | undefined) => Saved): Promise<Saved>;
}

export function createSettingsFile<Saved extends object>(
  folder: string,
  name: string,
  schema: z.ZodType<Saved>,
  damaged: DamagedFile,
): SettingsFile<Saved> {
  const file = path.join(folder, name);
  let known: Saved | undefined;
  return {
    read() {
      known = readSettingsFile(file, schema, damaged);
      return known;
    },
    async update(change) {
      known = await writeChanged(file, change(known));
      return known;
    },
  };
}

/** What a file holds that was read already, by those who check it themselves. */
export function knownSettingsFile<Saved extends object>(file: string, found: Saved): SettingsFile<Saved> {
  let known = found;
  return {
    read: () => known,
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

/**
 * Settings that servers have in common, except those that each has in a file of its own. Of the file's other names nothing is read, and
 * they stay as they are.
 */
export function splitSettings<Saved extends Readonly<Record<string, unknown>>>(
  common: SettingsFile<Saved>,
  own: SettingsFile<Saved>,
  isOwn: (name: string) => boolean,
): SettingsFile<Saved> {
  const part = (saved: Saved | undefined, isOfPart: (name: string) => boolean): Saved =>
    Object.fromEntries(Object.entries(saved ?? {}).filter(([name]) => isOfPart(name))) as Saved;
  const isCommon = (name: string): boolean => !isOwn(name);
  const together = (saved: Saved | undefined): Saved => ({ ...part(saved, isCommon), ...part(own.read(), isOwn) });
  return {
    read: () => together(common.read()),
    async update(change) {
      let next = together(undefined);
      await common.update((latest) => {
        next = change(together(latest));
        return part(next, isCommon);
      });
      const [before, after] = [part(own.read(), isOwn), part(next, isOwn)];
      if (JSON.stringify(before) !== JSON.stringify(after)) await own.update((latest) => ({ ...part(latest, isCommon), ...after }));
      return next;
    },
  };
}
