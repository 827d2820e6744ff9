import { writeSync } from "node:fs";
import { openFileStore } from "../../../src/adapters/stores/file/file-store.ts";
import { files } from "../../../src/adapters/stores/file/storage-file.ts";

/** Opens a storage folder, stops in order, and is killed at one of its writes on the way: `upgrade-worker.mjs <folder> <which> <now>`. */
const [folder = "", which = "", now = ""] = process.argv.slice(2);

const WRITES = ["open", "write", "writeNow", "fsync", "fdatasync", "ftruncate", "rename", "unlink"] as const;
let left = Number(which);

for (const name of WRITES) {
  const real = files[name] as (...input: unknown[]) => unknown;
  Object.assign(files, {
    [name]: (...input: unknown[]): unknown => {
      left -= 1;
      if (left !== 0) return real(...input);
      // Half of what was to be written is there.
      if (name === "write" || name === "writeNow") {
        const [fd, bytes, offset, length, position] = input as [number, Uint8Array, number, number, number];
        writeSync(fd, bytes, offset, length >> 1, position);
      }
      process.kill(process.pid, "SIGKILL");
      return new Promise(() => undefined);
    },
  });
}

const nothing = (): void => undefined;
const store = await openFileStore({
  folder,
  now: () => Number(now),
  log: { info: nothing, warn: nothing, error: nothing },
  sessionRetentionDays: 90,
  deviceRetentionDays: 365,
  auditRetentionDays: 365,
});
await store.close();
