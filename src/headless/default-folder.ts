import { homedir } from "node:os";
import path from "node:path";

/** The default storage folder. `undefined` for an account without a home, as in some containers. */
export function defaultFolder(): string | undefined {
  try {
    return path.join(homedir(), ".topdog", "pairing");
  } catch {
    return undefined;
  }
}
