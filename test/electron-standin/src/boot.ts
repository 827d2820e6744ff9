import { existsSync, readFileSync, statSync } from "node:fs";
import Module, { createRequire, register } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { app, realExit } from "./app.js";
import { Chromium } from "./cdp.js";
import { electron, exportNames } from "./electron.js";
import { makeEvent, rt } from "./runtime.js";
import { watchTargets } from "./windows.js";

const opts: { requires: string[]; appArg?: string } = { requires: [] };
const rest = process.argv.slice(2);
rt.exePath = process.env.ELECTRON_STANDIN_EXE ?? process.argv[1]!;
process.argv.splice(0, 2, rt.exePath);
for (let i = 0; i < rest.length; i++) {
  const a = rest[i]!;
  if (a === "-r" || a === "--require") opts.requires.push(rest[++i]!);
  else if (a.startsWith("--inspect"))
    continue; // already given to node by the launcher
  else if (a.startsWith("--")) {
    const [k, v] = a.slice(2).split(/=(.*)/s) as [string, string | undefined];
    if (k === "remote-debugging-port") rt.debuggingPort = v ?? "0";
    else if (opts.appArg === undefined) rt.switches.set(k, v);
    if (k === "user-data-dir") rt.switches.set(k, v);
  } else if (opts.appArg === undefined) opts.appArg = a;
}
if (opts.appArg === undefined) {
  rt.log("usage: electron [switches] <app> [args]");
  realExit(1);
}
rt.headless = process.env.ELECTRON_STANDIN_VISIBLE !== "1";

const target = path.resolve(opts.appArg ?? ".");
const dir = statSync(target).isDirectory() ? target : undefined;
let pkgDir = dir ?? path.dirname(target);
while (!dir && !existsSync(path.join(pkgDir, "package.json")) && path.dirname(pkgDir) !== pkgDir) pkgDir = path.dirname(pkgDir);
const pkgFile = path.join(pkgDir, "package.json");
const pkg = existsSync(pkgFile) ? JSON.parse(readFileSync(pkgFile, "utf8")) : {};
const main = dir ? path.join(dir, pkg.main ?? "index.js") : target;
rt.appPath = dir ?? (existsSync(pkgFile) ? path.dirname(target) : path.dirname(target));
if (dir || existsSync(pkgFile)) {
  app.setName(pkg.productName ?? pkg.name ?? "Electron");
  (app as any)._version = pkg.version ?? "0.0.0";
}

const electronVersion = (() => {
  try {
    return createRequire(main)("electron/package.json").version as string;
  } catch {
    return "0.0.0";
  }
})();
Object.defineProperties(process.versions, {
  electron: { value: electronVersion, enumerable: true },
  chrome: { value: "stand-in", enumerable: true, configurable: true },
});
Object.defineProperties(process, {
  type: { value: "browser" },
  defaultApp: { value: !app.isPackaged || undefined },
  resourcesPath: { value: path.join(path.dirname(rt.exePath), "resources"), writable: true },
});
process.exit = ((code?: number) => {
  if (code !== undefined) process.exitCode = code;
  app.exit(Number(process.exitCode ?? 0));
}) as typeof process.exit;
for (const s of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(s, () => app.quit());
process.on("uncaughtException", (e) => {
  if (process.listenerCount("uncaughtException") > 1) return;
  rt.log(`A JavaScript error occurred in the main process\nUncaught Exception:\n${e.stack ?? e}`); // real Electron: a dialog, and it keeps running
});

/* 'electron' for require() and import */
const KEY = "__electronStandin";
Object.defineProperty(globalThis, KEY, { value: electron });
const IDS = new Set(["electron", "electron/main", "electron/common"]);
const load = (Module as any)._load;
(Module as any)._load = function (request: string, ...a: unknown[]) {
  return IDS.has(request) ? electron : load.call(this, request, ...a);
};
const source = [`const e = globalThis.${KEY};`, "export default e;", ...exportNames.map((n) => `export const ${n} = e.${n};`)].join("\n");
const hooks = `
  const IDS = new Set(${JSON.stringify([...IDS])});
  export async function resolve(s, c, next) { return IDS.has(s) ? { url: 'electron-standin:main', shortCircuit: true } : next(s, c); }
  export async function load(u, c, next) { return u === 'electron-standin:main' ? { format: 'module', source: ${JSON.stringify(source)}, shortCircuit: true } : next(u, c); }`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);

rt.argv = [...process.argv];
const req = createRequire(path.join(process.cwd(), "x.js"));
for (const r of opts.requires) req(r);
rt.argv = [...process.argv];

// a test runner that died must not leave a window behind
if (rt.debuggingPort !== undefined) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) realExit(1);
  }, 1000).unref();
}

const esm = /\.mjs$/.test(main) || (!/\.cjs$/.test(main) && pkg.type === "module");
const hint = setTimeout(
  () =>
    rt.log(
      "the main script has not finished loading after 10 s. A top-level `await app.whenReady()` never resolves (real Electron: the same).",
    ),
  10_000,
);
try {
  if (esm) await import(pathToFileURL(main).href);
  else (Module as any)._load(main, null, true);
} catch (e) {
  rt.log(`A JavaScript error occurred in the main process\n${(e as Error).stack ?? e}`);
  realExit(1);
}
clearTimeout(hint);
rt.mainLoaded = true;

if (!rt.exiting)
  try {
    const drop = new Set(["user-data-dir", "no-sandbox", "password-store", "use-mock-keychain", "disable-features", "enable-features"]);
    rt.chromium = new Chromium({
      userDataDir: path.join(app.getPath("userData"), "standin-chromium"),
      headless: rt.headless,
      verbose: rt.verbose,
      ...(rt.debuggingPort !== undefined ? { debuggingPort: rt.debuggingPort } : {}),
      switches: [...rt.switches].filter(([k]) => !drop.has(k)).map(([k, v]) => (v ? `--${k}=${v}` : `--${k}`)),
    });
    void rt.chromium.exited.then((code) => {
      if (!rt.exiting) {
        rt.log(`chromium went away (${code})`);
        app.exit(1);
      }
    });
    const v = await rt.chromium.send("Browser.getVersion");
    Object.defineProperty(process.versions, "chrome", { value: String(v.product).split("/")[1], enumerable: true });
    await watchTargets();
    rt.ready = true;
    app.emit("will-finish-launching");
    app.emit("ready", makeEvent(), {});
    (app as any)._resolveReady();
  } catch (e) {
    rt.log(`could not start: ${(e as Error).message}. Chromium: ${process.env.ELECTRON_STANDIN_CHROMIUM ?? "/usr/bin/chromium"}`);
    realExit(1);
  }
