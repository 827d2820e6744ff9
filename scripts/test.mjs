// npm test: brings what the tests need, builds, checks, runs every suite.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildAll } from "./build.mjs";
import { buildStandin } from "./build-standin.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
process.chdir(root);

bringChromium();
await buildAll();
await buildStandin(path.join(root, "test/electron-standin/dist"));
run("npm", ["run", "--silent", "check"]);

const results = mkdtempSync(path.join(tmpdir(), "topdog-test-"));
const file = path.join(results, "results.json");
const suites = spawnSync("npx", ["vitest", "run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`], {
  stdio: "inherit",
});
const { numPassedTests = 0, numFailedTests = 0 } = JSON.parse(readFileSync(file, "utf8"));
rmSync(results, { recursive: true });
console.log(`${numPassedTests} passed, ${numFailedTests} failed`);
process.exit(suites.status ?? 1);

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** The browser that the page tests drive: Debian's, installed when that is allowed. */
function bringChromium() {
  const wanted = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
  if (spawnSync(wanted, ["--version"], { stdio: "ignore" }).status === 0) return;
  const mayInstall =
    process.env.CHROMIUM_PATH === undefined &&
    process.getuid?.() === 0 &&
    spawnSync("apt-get", ["--version"], { stdio: "ignore" }).status === 0;
  if (mayInstall) {
    console.log("Installing Chromium for the page tests …");
    const install = [
      "apt-get update -qq",
      "DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core",
    ];
    if (spawnSync("sh", ["-c", install.join(" && ")], { stdio: ["ignore", "ignore", "inherit"] }).status === 0) return;
  }
  console.error(`The page tests need Chromium at ${wanted}. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.`);
  process.exit(1);
}
