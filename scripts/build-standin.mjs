// Builds the Electron stand-in for the end-to-end tests; the compiler holds it to Electron's own types.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = path.join(root, "test/electron-standin");

/** @param {string} outFolder Gets the executable `electron` and what it runs. */
export function buildStandin(outFolder) {
  mkdirSync(outFolder, { recursive: true });
  const tsc = path.join(root, "node_modules/typescript/bin/tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", source, "--outDir", path.join(outFolder, "lib")], { stdio: "inherit" });
  if (status !== 0) throw new Error("The Electron stand-in does not compile.");
  copyFileSync(path.join(source, "electron"), path.join(outFolder, "electron"));
  chmodSync(path.join(outFolder, "electron"), 0o755);
  writeFileSync(path.join(outFolder, "package.json"), '{ "type": "module" }\n');
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) buildStandin(path.join(root, "test/electron-standin/dist"));
