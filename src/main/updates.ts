import { existsSync } from "node:fs";
import path from "node:path";
import { app } from "electron";
import { chromiumProxy, proxyLogin } from "../adapters/system/proxy.ts";
import { messageOf } from "../base/message-of.ts";
import type { UpdateState } from "../contract/window-request-schemas.ts";

/** What this file asks of electron-updater. */
export interface Updater {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  logger: unknown;
  on(
    event: "update-not-available" | "update-available" | "update-downloaded",
    listener: (info: { readonly version: string }) => void,
  ): unknown;
  on(event: "download-progress", listener: (progress: { readonly percent: number }) => void): unknown;
  /** A proxy asks who this computer is. */
  on(
    event: "login",
    listener: (info: { readonly isProxy: boolean }, answer: (username: string, password: string) => void) => void,
  ): unknown;
  on(event: "error", listener: (cause: Error) => void): unknown;
  /** Its connections are Chromium's, which knows the proxy of the system and not that of the environment. */
  readonly netSession?: { setProxy(config: { readonly proxyRules: string; readonly proxyBypassRules: string }): Promise<void> };
  /** Downloads what it finds. Rejects where it cannot ask. */
  checkForUpdates(): Promise<unknown>;
  quitAndInstall(): void;
}

export interface UpdateDeps {
  /** Whether this package was made with an address to ask, and is one that can replace itself. */
  readonly available: boolean;
  readonly load: () => Promise<Updater>;
  /** Whether the person wants updates to be looked for. */
  readonly wanted: () => boolean;
  /** Lets go of everything that the next version will want: the server is drained. */
  readonly beforeInstall: () => Promise<void>;
  readonly ready: (version: string) => void;
  readonly say: (line: string) => void;
}

export interface Updates {
  readonly available: boolean;
  readonly state: () => UpdateState;
  /** Asks now, also where it is not wanted by itself. Resolves when it is known whether there is one. */
  readonly check: () => Promise<UpdateState>;
  /** Ends this version and starts the one that is ready; nothing where none is. */
  readonly install: () => Promise<UpdateState>;
  /** Asks now and from time to time, as long as it is wanted. */
  readonly follow: () => void;
}

const EVERY = 12 * 60 * 60 * 1000;
const LONGEST = 200;

/** Looks for new versions of the app, only where a person wants that, and installs one when that person says so or quits. */
export function createUpdates({ available, load, wanted, beforeInstall, ready, say }: UpdateDeps): Updates {
  let state: UpdateState = available ? { kind: "idle" } : { kind: "unavailable" };
  let loading: Promise<Updater> | undefined;
  let checking: Promise<UpdateState> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const failed = (cause: unknown): void => {
    // The library's messages bring whole answers of servers along.
    const [reason = ""] = messageOf(cause).split("\n");
    say(`Updates could not be looked for: ${reason.slice(0, LONGEST)}`);
    state = { kind: "failed", sentence: reason.slice(0, LONGEST) };
  };
  const prepared = async (loaded: Updater): Promise<Updater> => {
    const proxy = chromiumProxy();
    if (proxy) await loaded.netSession?.setProxy(proxy);
    loaded.on("login", ({ isProxy }, answer) => {
      const login = proxyLogin("https://proxy.invalid");
      if (isProxy && login) answer(login.username, login.password);
    });
    loaded.logger = null;
    loaded.autoDownload = true;
    loaded.autoInstallOnAppQuit = true;
    let version = "";
    loaded.on("update-not-available", (info) => (state = { kind: "latest", version: info.version }));
    loaded.on("update-available", (info) => {
      version = info.version;
      state = { kind: "loading", version, percent: 0 };
    });
    loaded.on("download-progress", ({ percent }) => (state = { kind: "loading", version, percent: Math.round(percent) }));
    loaded.on("update-downloaded", (info) => {
      state = { kind: "ready", version: info.version };
      ready(info.version);
    });
    loaded.on("error", failed);
    return loaded;
  };
  const updater = (): Promise<Updater> => {
    loading ??= load().then(prepared, (cause: unknown) => {
      // The next look tries again.
      loading = undefined;
      throw cause;
    });
    return loading;
  };

  const check = async (): Promise<UpdateState> => {
    if (!available || state.kind === "ready" || state.kind === "loading") return state;
    checking ??= (async () => {
      state = { kind: "looking" };
      try {
        await (await updater()).checkForUpdates();
        // It answers without a word where its own settings keep it from asking.
        if (state.kind === "looking") state = { kind: "idle" };
      } catch (cause) {
        failed(cause);
      }
      checking = undefined;
      return state;
    })();
    return checking;
  };

  const follow = (): void => {
    clearTimeout(timer);
    if (!available || !wanted()) return;
    void check();
    timer = setTimeout(follow, EVERY).unref();
  };

  return {
    available,
    state: () => state,
    check,
    async install() {
      if (state.kind !== "ready") return state;
      await beforeInstall();
      (await updater()).quitAndInstall();
      return state;
    },
    follow,
  };
}

/** electron-builder writes this file where the app was packed with an address to ask; a Linux package is replaced by its own tool. */
export function canUpdate(): boolean {
  if (!app.isPackaged || !existsSync(path.join(process.resourcesPath, "app-update.yml"))) return false;
  return process.platform !== "linux" || process.env["APPIMAGE"] !== undefined;
}

/** Loaded when it is needed: it is as large as the rest of the main process. */
export async function loadUpdater(): Promise<Updater> {
  const { default: library } = await import("electron-updater");
  return library.autoUpdater;
}
