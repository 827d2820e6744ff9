import { homedir } from "node:os";
import path from "node:path";
import { say } from "../../words/say.ts";

let isGone = false;

/**
 * For the first moment of a host. Where the folder that it was started in has been deleted, it goes on in one that exists: libraries ask
 * for it while they are loaded, and nothing works where that throws. Asking also makes Node.js remember the answer, so that a folder
 * which is deleted later does no harm.
 */
export function leaveDeletedFolder(): void {
  try {
    process.cwd();
    return;
  } catch {
    isGone = true;
  }
  for (const folder of [homedir, () => path.parse(process.execPath).root]) {
    try {
      process.chdir(folder());
      return;
    } catch {
      // No home, or a thread of another program, which has no folder of its own.
    }
  }
}

/** Why a path that is not whole means nothing; `undefined` where it does. */
export function whyNotRelative(file: string): string | undefined {
  if (!isGone || path.isAbsolute(file)) return undefined;
  return say("storage.pathOfDeletedFolder");
}
