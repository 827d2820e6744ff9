import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import path from "node:path";
import type * as z from "zod";

/** A settings file that cannot be used. The message names the file and the way out. */
class SettingsFileError extends Error {
  override readonly name = "SettingsFileError";
}

export interface SettingsFile<Saved> {
  /** What was saved; `undefined` where nothing was. Rejects when that cannot be known, and leaves the file as it is. */
  read(): Promise<Saved | undefined>;
  /** Resolves when it is on disk, whole. */
  write(saved: Saved): Promise<void>;
}

/** What the settings page saved about one thing, as a file of the storage folder. `anew`: what to set up again when it is damaged. */
export function createSettingsFile<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
  anew: string,
): SettingsFile<z.output<Schema>> {
  const file = path.join(folder, name);
  return {
    async read() {
      let text: string;
      try {
        const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
        try {
          text = await handle.readFile("utf8");
        } finally {
          await handle.close();
        }
      } catch (cause) {
        const { code } = cause as NodeJS.ErrnoException;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw new SettingsFileError(
          `${file} cannot be read (${code ?? "unknown error"}). It must be a plain file that this account may read.`,
          { cause },
        );
      }
      try {
        return schema.parse(JSON.parse(text));
      } catch (cause) {
        throw new SettingsFileError(`${file} is damaged. Move it away, start again, and set up ${anew} anew in the settings page.`, {
          cause,
        });
      }
    },
    async write(saved) {
      const draft = `${file}.draft`;
      await rm(draft, { force: true });
      const handle = await open(draft, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
      try {
        await handle.writeFile(`${JSON.stringify(saved, null, 2)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(draft, file);
      const directory = await open(folder, constants.O_RDONLY);
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
    },
  };
}
