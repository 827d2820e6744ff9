import { spawnSync } from "node:child_process";
import { accessSync, chmodSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const MEMORY = "/dev/shm";
const NEEDED_BYTES = 2 ** 31;

/**
 * Gives the run one folder for all that its tests write, and removes it when the run ends. It lies in memory where the system offers
 * that: most of a test's time would else go into a disk's synchronisation, which only the fault suite (npm run test:faults) judges.
 */
export function openScratchFolder(): void {
  const folder = mkdtempSync(path.join(offersMemory() ? MEMORY : tmpdir(), "topdog-test-"));
  // Some tests run the product as another account.
  chmodSync(folder, 0o711);
  process.env["TMPDIR"] = folder;
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
}

/** Whether there is a folder in memory with enough room, from which programs may be run. */
function offersMemory(): boolean {
  if (!existsSync(MEMORY)) return false;
  const { bavail, bsize } = statfsSync(MEMORY);
  if (bavail * bsize < NEEDED_BYTES) return false;
  try {
    accessSync(MEMORY, constants.W_OK);
  } catch {
    return false;
  }
  const program = path.join(mkdtempSync(path.join(MEMORY, "topdog-run-")), "program");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o700 });
  const { status } = spawnSync(program);
  rmSync(path.dirname(program), { recursive: true });
  return status === 0;
}
