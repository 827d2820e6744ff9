import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { makeEvent, refuse, rt, strict } from "./runtime.js";
import { windows } from "./windows.js";

type AppKeys =
  | "whenReady"
  | "isReady"
  | "quit"
  | "exit"
  | "relaunch"
  | "getPath"
  | "setPath"
  | "getAppPath"
  | "getName"
  | "setName"
  | "name"
  | "getVersion"
  | "isPackaged"
  | "requestSingleInstanceLock"
  | "hasSingleInstanceLock"
  | "releaseSingleInstanceLock"
  | "setAsDefaultProtocolClient"
  | "isDefaultProtocolClient"
  | "removeAsDefaultProtocolClient"
  | "setAppUserModelId"
  | "setLoginItemSettings"
  | "getLoginItemSettings"
  | "enableSandbox"
  | "disableHardwareAcceleration"
  | "getLocale"
  | "getPreferredSystemLanguages"
  | "commandLine"
  | "focus"
  | "setAboutPanelOptions"
  | "userAgentFallback"
  | "setBadgeCount"
  | "applicationMenu";

type PathName = Parameters<Electron.App["getPath"]>[0];

class AppImpl extends EventEmitter implements Pick<Electron.App, Exclude<AppKeys, "applicationMenu">> {
  _name = "Electron";
  _version = "0.0.0";
  _paths = new Map<string, string>();
  _lockDir: string | undefined;
  _lockTimer: NodeJS.Timeout | undefined;
  _protocols = new Set<string>();
  _login: { openAtLogin: boolean } = { openAtLogin: false };
  _resolveReady!: () => void;
  _readyPromise = new Promise<void>((r) => {
    this._resolveReady = r;
  });
  readonly isPackaged: boolean = process.env.ELECTRON_FORCE_IS_PACKAGED === "true";
  userAgentFallback = "";

  commandLine = strict(
    {
      appendSwitch: (s: string, v?: string) => {
        rt.switches.set(s, v);
      },
      appendArgument: () => {},
      hasSwitch: (s: string) => rt.switches.has(s),
      getSwitchValue: (s: string) => rt.switches.get(s) ?? "",
      removeSwitch: (s: string) => {
        rt.switches.delete(s);
      },
    } satisfies Electron.CommandLine,
    "app.commandLine",
  );

  get name() {
    return this._name;
  }
  set name(n: string) {
    this._name = n;
  }
  getName() {
    return this._name;
  }
  setName(n: string) {
    this._name = n;
  }
  getVersion() {
    return this._version;
  }
  getAppPath() {
    return rt.appPath;
  }
  getLocale() {
    return (process.env.LANG ?? "en-US")
      .split(".")[0]!
      .replace("_", "-")
      .replace(/^(C|POSIX)$/, "en-US");
  }
  getPreferredSystemLanguages() {
    return [this.getLocale()];
  }
  isReady() {
    return rt.ready;
  }
  whenReady() {
    return this._readyPromise;
  }

  getPath(name: PathName): string {
    const set = this._paths.get(name);
    if (set !== undefined) return set;
    const home = homedir();
    const appData = process.env.XDG_CONFIG_HOME || path.join(home, ".config");
    switch (name) {
      case "home":
        return home;
      case "appData":
        return appData;
      case "userData":
      case "sessionData":
        return rt.switches.get("user-data-dir") || path.join(appData, this._name);
      case "temp":
        return tmpdir();
      case "exe":
      case "module":
        return rt.exePath;
      case "logs":
        return path.join(this.getPath("userData"), "logs");
      case "crashDumps":
        return path.join(this.getPath("userData"), "Crashpad");
      case "desktop":
      case "documents":
      case "downloads":
      case "music":
      case "pictures":
      case "videos":
        return path.join(home, name[0]!.toUpperCase() + name.slice(1));
      default:
        throw new Error(`Failed to get '${name}' path`);
    }
  }
  setPath(name: string, p: string) {
    if (!path.isAbsolute(p)) throw new Error("Path must be absolute");
    this._paths.set(name, p);
    if (name === "userData") mkdirSync(p, { recursive: true });
  }

  quit() {
    if (rt.quitting) return;
    const e = makeEvent();
    app.emit("before-quit", e);
    if (e.defaultPrevented) return;
    rt.quitting = true;
    if (windows.size === 0) this._shutdown(0);
    else for (const w of [...windows.values()]) w.close();
  }
  exit(code = 0) {
    if (rt.exiting) return;
    rt.exiting = true;
    for (const w of [...windows.values()]) w.destroy();
    app.emit("quit", makeEvent(), code);
    void this._terminate(code);
  }
  _shutdown(code: number) {
    const e = makeEvent();
    app.emit("will-quit", e);
    if (e.defaultPrevented) {
      rt.quitting = false;
      return;
    }
    if (rt.exiting) return;
    rt.exiting = true;
    app.emit("quit", makeEvent(), code);
    void this._terminate(code);
  }
  async _terminate(code: number) {
    this.releaseSingleInstanceLock();
    if (process.env.ELECTRON_STANDIN_LEDGER)
      writeFileSync(process.env.ELECTRON_STANDIN_LEDGER, JSON.stringify([...rt.ledger].sort(), null, 1));
    await rt.chromium?.close().catch(() => {});
    realExit(process.exitCode !== undefined && code === 0 ? Number(process.exitCode) : code);
  }
  _windowClosed() {
    if (windows.size > 0) return;
    if (rt.exiting) return;
    if (rt.quitting) this._shutdown(0);
    else if (app.listenerCount("window-all-closed") > 0) app.emit("window-all-closed");
    else this.quit();
  }
  _closeCancelled() {
    rt.quitting = false;
  }
  relaunch() {
    rt.log("app.relaunch() recorded; the stand-in does not start a second copy");
    this._relaunch = true;
  }
  _relaunch = false;

  requestSingleInstanceLock(additionalData?: Record<any, any>): boolean {
    if (this._lockDir) return true;
    const dir = path.join(this.getPath("userData"), "standin-single-instance");
    mkdirSync(path.join(dir, "inbox"), { recursive: true });
    const owner = path.join(dir, "owner");
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        writeFileSync(owner, String(process.pid), { flag: "wx" });
        this._lockDir = dir;
        this._lockTimer = setInterval(() => this._readInbox(), 50);
        this._lockTimer.unref();
        process.once("exit", () => this.releaseSingleInstanceLock());
        return true;
      } catch (e) {
        if ((e as NodeJS.ErrnoException).code !== "EEXIST") throw e;
      }
      const pid = Number(readFileSync(owner, "utf8"));
      let alive = pid > 0;
      try {
        process.kill(pid, 0);
      } catch {
        alive = false;
      }
      if (alive) {
        const f = path.join(dir, "inbox", `${Date.now()}-${process.pid}`);
        writeFileSync(`${f}.tmp`, JSON.stringify({ argv: rt.argv, cwd: process.cwd(), additionalData: additionalData ?? null }));
        renameSync(`${f}.tmp`, `${f}.json`);
        return false;
      }
      rmSync(owner, { force: true });
    }
    return false;
  }
  _readInbox() {
    if (!rt.ready || !this._lockDir) return;
    const inbox = path.join(this._lockDir, "inbox");
    if (!existsSync(inbox)) return;
    for (const f of readdirSync(inbox)
      .filter((x) => x.endsWith(".json"))
      .sort()) {
      const p = path.join(inbox, f);
      const m = JSON.parse(readFileSync(p, "utf8"));
      rmSync(p);
      app.emit("second-instance", makeEvent(), m.argv, m.cwd, m.additionalData);
    }
  }
  hasSingleInstanceLock() {
    return this._lockDir !== undefined;
  }
  releaseSingleInstanceLock() {
    if (!this._lockDir) return;
    clearInterval(this._lockTimer);
    rmSync(path.join(this._lockDir, "owner"), { force: true });
    this._lockDir = undefined;
  }

  setAsDefaultProtocolClient(protocol: string) {
    this._protocols.add(protocol);
    return true;
  }
  removeAsDefaultProtocolClient(protocol: string) {
    return this._protocols.delete(protocol);
  }
  isDefaultProtocolClient(protocol: string) {
    return this._protocols.has(protocol);
  }
  setAppUserModelId(_id: string) {}
  setLoginItemSettings(s: Electron.Settings) {
    this._login = { openAtLogin: Boolean(s.openAtLogin) };
  }
  getLoginItemSettings(): Electron.LoginItemSettings {
    return { ...this._login } as Electron.LoginItemSettings;
  }
  enableSandbox() {
    if (rt.ready) throw new Error("app.enableSandbox() can only be called before app is ready");
  }
  disableHardwareAcceleration() {
    if (rt.ready) throw new Error("app.disableHardwareAcceleration() can only be called before app is ready");
  }
  focus() {}
  setAboutPanelOptions() {}
  setBadgeCount() {
    return false;
  }
}

export const realExit = process.exit.bind(process) as (code?: number) => never;
export const app = strict(new AppImpl(), "app", process.platform === "darwin" ? [] : ["dock", "runningUnderARM64Translation"]);
export { refuse };
