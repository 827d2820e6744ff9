// npm start: builds what is stale, then opens the desktop app; where that cannot be, says why in one line and serves without a window.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { stop as endBuilder } from "esbuild";
import { buildAll, isStale } from "./build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const electronFolder = path.join(root, "node_modules/electron");

// The reader of this output may have gone: the server continues.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

if (isStale()) {
  console.log("Building …");
  await buildAll();
  // Its process would run for as long as this one.
  await endBuilder();
}
const missing = process.argv.includes("--headless") ? "" : whyNoDesktop();
if (missing === undefined) {
  const desktop = spawn(electronPath(), [root], { stdio: "inherit", cwd: root });
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => desktop.kill(signal));
  desktop.on("exit", (code) => process.exit(code ?? 1));
} else {
  if (missing !== "") console.log(missing);
  process.argv.splice(2, Infinity, "serve");
  await import("../dist/headless/cli.js");
}

/** Why no window can open, or `undefined` when one can. Fetches Electron's runtime once if it may. */
function whyNoDesktop() {
  if (process.platform === "linux" && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    return "No display found, so there is no desktop window: starting the headless server instead.";
  }
  if (existsSync(electronPath())) return undefined;
  const fetched = spawnSync(process.execPath, [path.join(electronFolder, "install.js"), "--no"], { stdio: "ignore", timeout: 300_000 });
  if (fetched.status === 0 && existsSync(electronPath())) return undefined;
  return "Electron's runtime is not installed and cannot be fetched: starting the headless server instead.";
}

function electronPath() {
  const named = path.join(electronFolder, "path.txt");
  const executable = existsSync(named) ? readFileSync(named, "utf8") : process.platform === "win32" ? "electron.exe" : "electron";
  return path.join(process.env.ELECTRON_OVERRIDE_DIST_PATH || path.join(electronFolder, "dist"), executable);
}
