import * as z from "zod";
import { type Log, type PageMemory, PairingError } from "../core/index.ts";
import { createSettingsFile, SettingsFileError } from "./settings-file.ts";

const Kept = z.object({ welcome: z.enum(["shown", "seen"]).optional() });
type Kept = z.output<typeof Kept>;

/** In `page.json` of the storage folder, so each server has its own. A damaged file is said, and keeps nobody from anything. */
export function openPageMemory(folder: string, log: Pick<Log, "warn">): PageMemory {
  const file = createSettingsFile(folder, "page.json", Kept, "the page");
  let kept: Kept = readSaved(file.read, log);
  return {
    welcome: () => (kept.welcome === undefined ? undefined : kept.welcome === "shown"),
    async keepWelcome(shown) {
      const next: Kept = { welcome: shown ? "shown" : "seen" };
      await file.write(next).catch((cause: unknown) => {
        throw new PairingError("storage_unavailable", { cause });
      });
      kept = next;
    },
  };
}

/** Where a file is, somebody was here before. */
function readSaved(read: () => Kept | undefined, log: Pick<Log, "warn">): Kept {
  try {
    return read() ?? {};
  } catch (cause) {
    if (!(cause instanceof SettingsFileError)) throw cause;
    log.warn("what the settings page remembered cannot be read", { reason: cause.message });
    return { welcome: "seen" };
  }
}
