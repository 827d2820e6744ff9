import * as z from "zod";
import type { Log, PageMemory } from "../core/index.ts";
import { createSettingsFile, SettingsFileError } from "./settings-file.ts";

const Saved = z.object({ welcome: z.enum(["shown", "seen"]).optional() });
type Saved = z.output<typeof Saved>;

/** In `page.json` of the storage folder, so each server has its own. A damaged file is logged, and stops nothing. */
export function openPageMemory(folder: string, log: Pick<Log, "warn">): PageMemory {
  const file = createSettingsFile(folder, "page.json", Saved, "damagedPage");
  let saved: Saved = readSaved(file.read, log);
  return {
    welcome: () => (saved.welcome === undefined ? undefined : saved.welcome === "shown"),
    async keepWelcome(shown) {
      const next: Saved = { welcome: shown ? "shown" : "seen" };
      await file.update(() => next);
      saved = next;
    },
  };
}

/** Where a file is, somebody was here before. */
function readSaved(read: () => Saved | undefined, log: Pick<Log, "warn">): Saved {
  try {
    return read() ?? {};
  } catch (cause) {
    if (!(cause instanceof SettingsFileError)) throw cause;
    log.warn("what the settings page remembered cannot be read", { reason: cause.message });
    return { welcome: "seen" };
  }
}
