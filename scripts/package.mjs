// npm run package: builds what is stale and packs the desktop app for this system into release/. What follows -- goes to electron-builder.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { buildAll, isStale } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const packaging = path.join(root, "packaging");
const builder = path.join(packaging, "node_modules/electron-builder");

/**
 * @param {readonly string[]} words For electron-builder's command line.
 * @param {"inherit" | "pipe"} stdio
 */
export async function packageApp(words, stdio = "inherit") {
  if (isStale()) await buildAll();
  bringBuilder();
  const given = words.some((word) => word === "--publish" || word === "-p") ? words : [...words, "--publish", "never"];
  return spawnSync(process.execPath, [path.join(builder, "cli.js"), "--config", "electron-builder.yml", ...given], {
    cwd: root,
    stdio,
    encoding: "utf8",
  });
}

/** Exactly what packaging/package-lock.json says: it is apart so that the project's own npm ci stays quick. */
function bringBuilder() {
  const { version } = JSON.parse(readFileSync(path.join(packaging, "package-lock.json"), "utf8")).packages["node_modules/electron-builder"];
  const manifest = path.join(builder, "package.json");
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version) return;
  console.log("Installing electron-builder …");
  // Set explicitly: a build before this has set NODE_ENV=production, with which npm installs nothing of what is for development.
  const words = ["ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  const { status } = spawnSync("npm", words, { cwd: packaging, stdio: "inherit" });
  if (status !== 0) throw new Error("electron-builder could not be installed.");
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  process.exit((await packageApp(process.argv.slice(2))).status ?? 1);
