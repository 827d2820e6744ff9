import { homedir } from "node:os";
import path from "node:path";

/** Where a headless server keeps its files unless it is told. None for an account that has no home, as in some containers. */
export function defaultFolder(): string | undefined {
  try {
    return path.join(homedir(), ".topdog", "pairing");
  } catch {
    return undefined;
  }
}
