// npm run test:faults: the long suite against the built server. Words after it choose files: npm run test:faults -- kill
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { buildAll, isStale } from "./build.mjs";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));

if (process.platform !== "linux") stop("The fault suite mounts disks and traces system calls: it runs on Linux.");
if (spawnSync("strace", ["--version"], { stdio: "ignore" }).status !== 0)
  stop("The fault suite needs strace. Install it (Debian: apt-get install strace) and start again.");
if (isStale()) await buildAll();

const { status } = spawnSync("npx", ["vitest", "run", "--config", "vitest.faults.config.ts", ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exit(status ?? 1);

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
