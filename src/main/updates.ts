import { existsSync } from "node:fs";
import path from "node:path";
import { app } from "electron";
import { chromiumProxy, proxyLogin } from "../adapters/system/proxy.ts";
import { messageOf } from "../base/message-of.ts";
import type { UpdateState } from "../contract/window-request-schemas.ts";
import { say as sayInWords } from "../words/say.ts";

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
  /** Asks now, also where checks of its own are not wanted. Resolves when it is known whether there is one. */
  readonly check: () => Promise<UpdateState>;
  /** Ends this version and starts the one that is ready; nothing where none is. */
  readonly install: () => Promise<UpdateState>;
  /** Asks now and from time to time, as long as it is wanted. */
  readonly follow: () => void;
}

const CHECK_INTERVAL_MS = 12 * 60 * 60 * 1000;
const MAX_REASON_CHARACTERS = 200;

/** Looks for new versions of the app while a person wants that, and installs one when that person says so or quits. */
export function createUpdates({ available, load, wanted, beforeInstall, ready, say }: UpdateDeps): Updates {
  let state: UpdateState = available ? { kind: "idle" } : { kind: "unavailable" };
  let checking: Promise<UpdateState> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const failed = (cause: unknown): void => {
    // The library's messages contain whole responses of servers.
    const [reason = ""] = messageOf(cause).split("\n");
    const why = reason.slice(0, MAX_REASON_CHARACTERS);
    say(sayInWords("desktop.updatesFailed", { why }));
    state = { kind: "failed", sentence: why };
  };
  const report = (next: UpdateState): void => {
    state = next;
    if (next.kind === "ready") ready(next.version);
  };
  const updater = loadOnce(async () => {
    const loaded = await load();
    await useProxy(loaded);
    followUpdater(loaded, report, failed);
    return loaded;
  });

  const checkNow = async (): Promise<UpdateState> => {
    state = { kind: "checking" };
    try {
      await (await updater()).checkForUpdates();
      // It resolves without an event when its own settings keep it from asking.
      if (state.kind === "checking") state = { kind: "idle" };
    } catch (cause) {
      failed(cause);
    }
    checking = undefined;
    return state;
  };
  const check = async (): Promise<UpdateState> => {
    if (!available || state.kind === "ready" || state.kind === "loading") return state;
    checking ??= checkNow();
    return checking;
  };

  const follow = (): void => {
    clearTimeout(timer);
    if (!available || !wanted()) return;
    void check();
    timer = setTimeout(follow, CHECK_INTERVAL_MS).unref();
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

/** Loads at the first call, and again after a failure. */
function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => {
    loading ??= load().catch((cause: unknown) => {
      loading = undefined;
      throw cause;
    });
    return loading;
  };
}

/** The updater's connections are Chromium's, which does not read the environment's proxy settings. */
async function useProxy(updater: Updater): Promise<void> {
  const proxy = chromiumProxy();
  if (proxy) await updater.netSession?.setProxy(proxy);
  updater.on("login", ({ isProxy }, answer) => {
    const login = proxyLogin("https://proxy.invalid");
    if (isProxy && login) answer(login.username, login.password);
  });
}

/** Downloads what it finds, and reports each state. */
function followUpdater(updater: Updater, report: (state: UpdateState) => void, failed: (cause: unknown) => void): void {
  updater.logger = null;
  updater.autoDownload = true;
  updater.autoInstallOnAppQuit = true;
  let version = "";
  updater.on("update-not-available", (info) => report({ kind: "latest", version: info.version }));
  updater.on("update-available", (info) => {
    version = info.version;
    report({ kind: "loading", version, percent: 0 });
  });
  updater.on("download-progress", ({ percent }) => report({ kind: "loading", version, percent: Math.round(percent) }));
  updater.on("update-downloaded", (info) => report({ kind: "ready", version: info.version }));
  updater.on("error", failed);
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
