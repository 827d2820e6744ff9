import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { app } from "./app.js";
import { makeCodec } from "./codec.js";
import { ipcMain, type Sender } from "./ipc.js";
import { nativeImage, session } from "./os-modules.js";
import { isolatedWorldBoot, mainWorldBoot, makePeer } from "./page-scripts.js";
import { fromPageUrl, serve, toPageUrl } from "./protocol.js";
import { makeEvent, refuse, rt, StandinError, strict } from "./runtime.js";

const WORLD = "Electron Isolated Context";
const BINDING = "__electron_standin";
const codec = makeCodec();
export const windows = new Map<number, BrowserWindow>();
const contents = new Map<number, WebContents>();
let nextId = 1;

type WcKeys =
  | "id"
  | "send"
  | "loadURL"
  | "loadFile"
  | "getURL"
  | "getTitle"
  | "isLoading"
  | "isDestroyed"
  | "reload"
  | "executeJavaScript"
  | "setWindowOpenHandler"
  | "openDevTools"
  | "closeDevTools"
  | "isDevToolsOpened"
  | "close"
  | "focus"
  | "setUserAgent"
  | "setZoomFactor"
  | "getOSProcessId"
  | "insertCSS"
  | "isFocused"
  | "stop"
  | "setVisualZoomLevelLimits"
  | "setBackgroundThrottling";

export class WebContents
  extends EventEmitter
  implements Pick<Electron.WebContents, Exclude<WcKeys, "insertCSS" | "setVisualZoomLevelLimits">>
{
  readonly id = nextId++;
  readonly session = session.defaultSession;
  _owner: BrowserWindow;
  _sid = "";
  _targetId = "";
  _mainFrameId = "";
  _url = "";
  _title = "";
  _loading = false;
  _destroyed = false;
  _ctx: { uniqueId: string } | undefined;
  _ids = new Map<number, string>();
  _token = randomBytes(12).toString("hex");
  _openHandler: ((d: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | undefined;
  _ours = new Set<string>();
  _ready: Promise<void>;
  _self: WebContents;

  static getAllWebContents() {
    return [...contents.values()];
  }
  static fromId(id: number) {
    return contents.get(id);
  }
  static fromDevToolsTargetId(id: string) {
    return [...contents.values()].find((c) => c._targetId === id);
  }
  static getFocusedWebContents() {
    return [...contents.values()].find((c) => c._owner.isFocused()) ?? null;
  }

  constructor(owner: BrowserWindow) {
    super();
    this._self = strict(this, "webContents");
    this._owner = owner;
    contents.set(this.id, this._self);
    this._ready = this._open();
    this._ready.catch((e) => {
      if (!this._destroyed && !rt.exiting) rt.log(`window ${owner.id}: ${e.message}`);
    });
    return this._self;
  }

  _cdp(method: string, params: object = {}) {
    return rt.chromium!.send(method, params, this._sid);
  }
  _on(method: string, l: (p: any) => void) {
    rt.chromium!.on(method, l, this._sid);
  }

  async _open() {
    const c = rt.chromium!;
    const { width, height, x, y } = this._owner._bounds;
    if (rt.headless) {
      this._targetId = (
        await c.send("Target.createTarget", { url: "about:blank", newWindow: true, width, height, left: x, top: y })
      ).targetId;
    } else {
      // a real `--app=` window of the running browser: the second process hands its command line to the first and exits
      const mark = randomBytes(8).toString("hex");
      const found = new Promise<string>((resolve) => {
        const check = (p: any) => {
          if (p.targetInfo.type === "page" && p.targetInfo.url.includes(mark)) {
            off1();
            off2();
            resolve(p.targetInfo.targetId);
          }
        };
        const off1 = c.on("Target.targetCreated", check);
        const off2 = c.on("Target.targetInfoChanged", check);
      });
      spawn(
        c.binary,
        [...c.commonArgs, `--window-size=${width},${height}`, `--window-position=${x},${y}`, `--app=data:text/html,<title>${mark}</title>`],
        { stdio: "ignore" },
      ).unref();
      this._targetId = await Promise.race([
        found,
        new Promise<never>((_, r) => setTimeout(() => r(new Error("no app window within 20 s")), 20_000).unref()),
      ]);
    }
    if (!rt.headless) {
      const { windowId } = await c.send("Browser.getWindowForTarget", { targetId: this._targetId });
      await c.send("Browser.setWindowBounds", { windowId, bounds: { windowState: "normal" } });
      await c.send("Browser.setWindowBounds", { windowId, bounds: { left: x, top: y, width, height } });
    }
    this._sid = (await c.send("Target.attachToTarget", { targetId: this._targetId, flatten: true })).sessionId;
    this._listen();
    const [tree] = await Promise.all([
      this._cdp("Page.getFrameTree"),
      this._cdp("Page.enable"),
      this._cdp("Page.setLifecycleEventsEnabled", { enabled: true }),
    ]);
    this._mainFrameId = tree.frameTree.frame.id;
    await this._cdp("Runtime.addBinding", { name: BINDING, executionContextName: WORLD });
    await this._cdp("Runtime.enable");
    await this._cdp("Page.addScriptToEvaluateOnNewDocument", {
      source: `(${mainWorldBoot.toString()})(${makeCodec.toString()}, ${makePeer.toString()}, ${JSON.stringify(this._token)});`,
    });
    await this._cdp("Page.addScriptToEvaluateOnNewDocument", { worldName: WORLD, source: this._preloadScript() });
    await this._cdp("Fetch.enable", {
      patterns: [{ urlPattern: "*", resourceType: "Document" }, { urlPattern: "http://*.standin.localhost/*" }],
    });
    await this._cdp("Emulation.setFocusEmulationEnabled", { enabled: true });
    if (this._owner._scheme) await this._setColorScheme(this._owner._scheme);
  }
  _setColorScheme(v: "dark" | "light") {
    return this._cdp("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: v }] });
  }

  _preloadScript() {
    const file = this._owner._webPreferences.preload;
    let fn = "null";
    if (file) {
      if (!path.isAbsolute(file)) throw new StandinError(`preload must be an absolute path: ${file}`);
      const src = readFileSync(file, "utf8");
      const params = ["require", "process", "exports", "module", "Buffer", "global", "setImmediate", "clearImmediate"];
      try {
        vm.compileFunction(src, params, { filename: file });
        fn = `function (${params.join(", ")}) {${src}\n}`;
      } catch (e) {
        rt.log(`Unable to load preload script: ${file}\n${(e as Error).stack}`);
        setImmediate(() => this._self.emit("preload-error", makeEvent(), file, e));
      }
    }
    const cfg = {
      token: this._token,
      binding: BINDING,
      preloadPath: file ?? "",
      process: {
        platform: process.platform,
        arch: process.arch,
        env: {},
        argv: this._owner._webPreferences.additionalArguments ?? [],
        versions: { ...process.versions },
        version: process.version,
      },
    };
    return `(${isolatedWorldBoot.toString()})(${makeCodec.toString()}, ${makePeer.toString()}, ${JSON.stringify(cfg)}, ${fn});`;
  }

  _listen() {
    const self = this._self;
    this._on("Runtime.executionContextCreated", ({ context: x }) => {
      if (x.name !== WORLD || x.auxData.frameId !== this._mainFrameId) return;
      this._ids.set(x.id, x.uniqueId);
      this._ctx = { uniqueId: x.uniqueId };
    });
    // numeric ids restart after a process swap and the old process may report late: compare unique ids
    this._on("Runtime.executionContextDestroyed", (p) => {
      if (this._ctx?.uniqueId === p.executionContextUniqueId) this._ctx = undefined;
    });
    this._on("Runtime.bindingCalled", (p) => {
      if (p.name === BINDING) void this._fromPage(this._ids.get(p.executionContextId) ?? "", JSON.parse(p.payload));
    });
    this._on("Runtime.consoleAPICalled", (p) => {
      self.emit(
        "console-message",
        makeEvent({ level: p.type === "log" ? "info" : p.type, message: p.args.map((a: any) => a.value ?? a.description ?? "").join(" ") }),
      );
      if (rt.verbose || p.type === "error")
        rt.log(`console.${p.type}: ${p.args.map((a: any) => a.value ?? a.description ?? "").join(" ")}`);
    });
    this._on("Runtime.exceptionThrown", (p) =>
      rt.log(`page exception: ${p.exceptionDetails.exception?.description ?? p.exceptionDetails.text}`),
    );
    this._on("Page.frameNavigated", ({ frame }) => {
      if (frame.parentId) return;
      this._url = fromPageUrl(frame.unreachableUrl ?? frame.url + (frame.urlFragment ?? ""));
      if (this._url !== "about:blank") self.emit("did-navigate", makeEvent(), this._url, 200, "");
    });
    this._on("Page.navigatedWithinDocument", (p) => {
      if (p.frameId !== this._mainFrameId) return;
      this._url = fromPageUrl(p.url);
      self.emit("did-navigate-in-page", makeEvent(), this._url, true);
    });
    this._on("Page.frameStartedLoading", (p) => {
      if (p.frameId === this._mainFrameId) {
        this._loading = true;
        self.emit("did-start-loading");
      }
    });
    this._on("Page.frameStoppedLoading", (p) => {
      if (p.frameId === this._mainFrameId) {
        this._loading = false;
        self.emit("did-stop-loading");
      }
    });
    this._on("Page.domContentEventFired", () => {
      if (this._url && this._url !== "about:blank") self.emit("dom-ready", makeEvent());
    });
    this._on("Page.loadEventFired", async () => {
      if (!this._url || this._url === "about:blank") return;
      const t = await this._cdp("Runtime.evaluate", { expression: "document.title", returnByValue: true }).catch(() => undefined);
      if (t?.result?.value && t.result.value !== this._title) {
        this._title = t.result.value;
        self.emit("page-title-updated", makeEvent(), this._title, true);
      }
      self.emit("did-finish-load", makeEvent());
      this._owner._readyToShow();
    });
    this._on("Page.javascriptDialogOpening", (p) => rt.log(`window.${p.type}() is open: ${p.message}`));
    this._on("Inspector.targetCrashed", () => self.emit("render-process-gone", makeEvent(), { reason: "crashed", exitCode: 1 }));
    this._on(
      "Fetch.requestPaused",
      (p) =>
        void this._paused(p).catch((e) => {
          if (!rt.exiting && !this._destroyed) rt.log(`request ${p.request.url}: ${e.message}`);
        }),
    );
  }

  async _paused(p: any) {
    const url = fromPageUrl(p.request.url + (p.request.urlFragment ?? ""));
    const isNavigation = p.resourceType === "Document";
    const isMainFrame = p.frameId === this._mainFrameId;
    if (isNavigation && isMainFrame && !p.redirectedRequestId) {
      if (!this._ours.delete(p.request.url)) {
        const details = { url, isSameDocument: false, isMainFrame: true, frame: this._frame(this._url) };
        const e = makeEvent(details);
        this._self.emit("will-frame-navigate", e);
        if (!e.defaultPrevented) this._self.emit("will-navigate", e, url);
        if (e.defaultPrevented) return this._cdp("Fetch.failRequest", { requestId: p.requestId, errorReason: "Aborted" });
      }
    } else if (isNavigation && !isMainFrame) {
      const e = makeEvent({ url, isSameDocument: false, isMainFrame: false });
      this._self.emit("will-frame-navigate", e);
      if (e.defaultPrevented) return this._cdp("Fetch.failRequest", { requestId: p.requestId, errorReason: "Aborted" });
    }
    const answer = await serve(url, p.request);
    if (answer) return this._cdp("Fetch.fulfillRequest", { requestId: p.requestId, ...answer });
    return this._cdp("Fetch.continueRequest", { requestId: p.requestId });
  }

  _frame(url: string) {
    let origin = "null";
    try {
      const u = new URL(url);
      origin = u.protocol === "file:" ? "file://" : u.origin === "null" ? `${u.protocol}//${u.host}` : u.origin;
    } catch {
      /* about:blank */
    }
    return {
      url,
      origin,
      frameId: 1,
      routingId: 1,
      processId: 1,
      frameTreeNodeId: 1,
      name: "",
      parent: null,
      top: null,
      detached: false,
      isDestroyed: () => this._destroyed,
    };
  }

  async _fromPage(ctxId: string, m: any) {
    const url = fromPageUrl(m.url);
    const sender: Sender = {
      webContents: this._self,
      frame: this._frame(url),
      reply: (channel, args) => this._deliver(ctxId, { t: "event", channel, v: codec.encode(args) }),
    };
    switch (m.t) {
      case "send":
        ipcMain._message(sender, m.channel, codec.decode(m.v));
        break;
      case "invoke": {
        const r = await ipcMain._invoke(sender, m.channel, codec.decode(m.v));
        let v: string;
        try {
          v = codec.encode(r);
        } catch (e) {
          v = codec.encode({ error: String(e) });
        }
        await this._deliver(ctxId, { t: "reply", id: m.id, v });
        break;
      }
      case "window-open": {
        const d = {
          postBody: undefined,
          referrer: { url, policy: "strict-origin-when-cross-origin" },
          ...codec.decode(m.v),
        } as Electron.HandlerDetails;
        if (!this._openHandler) {
          rt.log(`window.open(${d.url}) without a setWindowOpenHandler: real Electron would open a window; the stand-in refuses`);
          return;
        }
        const r = this._openHandler(d);
        if (r?.action === "allow") refuse('setWindowOpenHandler action "allow"', d.url);
        break;
      }
      case "preload-error":
        this._self.emit("preload-error", makeEvent(), this._owner._webPreferences.preload, codec.decode(m.v));
        break;
    }
  }
  async _deliver(ctxId: string, m: object) {
    if (this._destroyed) return;
    await this._cdp("Runtime.evaluate", {
      expression: `${BINDING}_deliver(${JSON.stringify(JSON.stringify(m))})`,
      uniqueContextId: ctxId,
    }).catch((e) => {
      if (rt.verbose) rt.log(`dropped message: ${e.message}`);
    });
  }

  send(channel: string, ...args: any[]) {
    if (typeof channel !== "string") throw new TypeError("Missing required channel argument");
    const v = codec.encode(args);
    void this._ready.then(() => {
      if (this._ctx) return this._deliver(this._ctx.uniqueId, { t: "event", channel, v });
      if (rt.verbose) rt.log(`webContents.send('${channel}') before the page exists: dropped, as in Electron`);
      return undefined;
    });
  }

  loadURL(url: string, _options?: Electron.LoadURLOptions): Promise<void> {
    const p = this._load(url);
    p.catch(() => {});
    return p;
  }
  async _load(url: string) {
    await this._ready;
    const target = toPageUrl(url);
    this._ours.add(target.split("#")[0]!);
    const loaded = new Promise<void>((resolve) => this._self.once("did-finish-load", () => resolve()));
    const r = await this._cdp("Page.navigate", { url: target });
    if (r.errorText) {
      this._self.emit("did-fail-load", makeEvent(), -2, r.errorText.replace("net::", ""), url, true);
      throw Object.assign(new Error(`${r.errorText.replace("net::", "")} loading '${url}'`), {
        code: r.errorText.replace("net::", ""),
        url,
      });
    }
    if (r.loaderId) await loaded;
  }
  loadFile(file: string, options: Electron.LoadFileOptions = {}): Promise<void> {
    const u = pathToFileURL(path.resolve(app.getAppPath(), file));
    for (const [k, v] of Object.entries(options.query ?? {})) u.searchParams.set(k, v);
    if (options.search) u.search = options.search;
    if (options.hash) u.hash = options.hash;
    return this.loadURL(u.href);
  }
  reload() {
    this._ours.add(toPageUrl(this._url).split("#")[0]!);
    void this._cdp("Page.reload").catch(() => {});
  }
  stop() {
    void this._cdp("Page.stopLoading").catch(() => {});
  }
  async executeJavaScript(code: string) {
    await this._ready;
    const r = await this._cdp("Runtime.evaluate", { expression: code, awaitPromise: true, returnByValue: true, userGesture: true });
    if (r.exceptionDetails)
      throw new Error(`Script failed to execute, this normally means an error was thrown. Check the renderer console for the error.`);
    return r.result.value;
  }
  async capturePage() {
    await this._ready;
    const r = await this._cdp("Page.captureScreenshot", { format: "png" });
    return nativeImage.createFromBuffer(Buffer.from(r.data, "base64"));
  }
  setWindowOpenHandler(h: (d: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) {
    this._openHandler = h;
  }
  getURL() {
    return this._url === "about:blank" ? "" : this._url;
  }
  getTitle() {
    return this._title;
  }
  isLoading() {
    return this._loading;
  }
  isDestroyed() {
    return this._destroyed;
  }
  isFocused() {
    return this._owner.isFocused();
  }
  focus() {
    this._owner.focus();
  }
  openDevTools() {
    rt.log("openDevTools(): ignored");
  }
  closeDevTools() {}
  isDevToolsOpened() {
    return false;
  }
  setUserAgent(ua: string) {
    void this._ready.then(() => this._cdp("Emulation.setUserAgentOverride", { userAgent: ua }));
  }
  setZoomFactor(_f: number) {}
  setBackgroundThrottling(_b: boolean) {}
  getOSProcessId() {
    return rt.chromium?.pid ?? 0;
  }
  close() {
    this._owner.close();
  }
  get mainFrame() {
    return this._frame(this._url);
  }
}

type WinKeys =
  | "id"
  | "loadFile"
  | "loadURL"
  | "show"
  | "hide"
  | "focus"
  | "blur"
  | "isVisible"
  | "isDestroyed"
  | "isFocused"
  | "isMinimized"
  | "isMaximized"
  | "minimize"
  | "restore"
  | "maximize"
  | "unmaximize"
  | "close"
  | "destroy"
  | "setTitle"
  | "getTitle"
  | "getBounds"
  | "getNormalBounds"
  | "setBounds"
  | "getSize"
  | "setSize"
  | "setMenu"
  | "removeMenu"
  | "setMenuBarVisibility"
  | "setSkipTaskbar"
  | "flashFrame"
  | "showInactive"
  | "reload"
  | "setAlwaysOnTop"
  | "center"
  | "setBackgroundColor"
  | "setProgressBar"
  | "setIcon";

export class BrowserWindow extends EventEmitter implements Pick<Electron.BrowserWindow, WinKeys> {
  readonly id = nextId++;
  _bounds: { x: number; y: number; width: number; height: number };
  _webPreferences: Electron.WebPreferences;
  _visible: boolean;
  _minimized = false;
  _maximized = false;
  _focused = false;
  _destroyed = false;
  _shownOnce = false;
  _title: string;
  _scheme: "dark" | "light" | undefined;
  _self: BrowserWindow;
  webContents: WebContents;

  static getAllWindows() {
    return [...windows.values()];
  }
  static getFocusedWindow() {
    return [...windows.values()].find((w) => w._focused) ?? null;
  }
  static fromId(id: number) {
    return windows.get(id) ?? null;
  }
  static fromWebContents(wc: WebContents | null | undefined) {
    return wc ? (windows.get(wc._owner.id) ?? null) : null;
  }

  constructor(options: Electron.BrowserWindowConstructorOptions = {}) {
    super();
    if (!rt.ready) throw new Error("Cannot create BrowserWindow before app is ready");
    const wp = options.webPreferences ?? {};
    if (wp.contextIsolation === false) refuse("webPreferences.contextIsolation: false");
    if (wp.nodeIntegration) refuse("webPreferences.nodeIntegration: true");
    if (wp.sandbox === false) refuse("webPreferences.sandbox: false");
    if (wp.webSecurity === false) refuse("webPreferences.webSecurity: false");
    if (wp.partition) refuse("webPreferences.partition");
    this._webPreferences = wp;
    this._bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 };
    this._visible = options.show !== false;
    this._title = options.title ?? app.getName();
    this._self = strict(this, "BrowserWindow");
    windows.set(this.id, this._self);
    this.webContents = new WebContents(this._self);
    this._focused = this._visible;
    app.emit("web-contents-created", makeEvent(), this.webContents);
    app.emit("browser-window-created", makeEvent(), this._self);
    if (!this._visible) void this._window({ windowState: "minimized" });
    return this._self;
  }

  async _window(bounds: object) {
    if (rt.headless) return;
    await this.webContents._ready;
    const { windowId } = await rt.chromium!.send("Browser.getWindowForTarget", { targetId: this.webContents._targetId });
    await rt.chromium!.send("Browser.setWindowBounds", { windowId, bounds });
  }
  _readyToShow() {
    if (!this._shownOnce) {
      this._shownOnce = true;
      this._self.emit("ready-to-show");
    }
  }
  loadFile(f: string, o?: Electron.LoadFileOptions) {
    return this.webContents.loadFile(f, o);
  }
  loadURL(u: string, o?: Electron.LoadURLOptions) {
    return this.webContents.loadURL(u, o);
  }
  reload() {
    this.webContents.reload();
  }
  show() {
    if (this._visible && !this._minimized) return this.focus();
    this._visible = true;
    this._minimized = false;
    void this._window({ windowState: "normal" });
    this._self.emit("show");
    this.focus();
  }
  showInactive() {
    if (!this._visible) {
      this._visible = true;
      void this._window({ windowState: "normal" });
      this._self.emit("show");
    }
  }
  hide() {
    if (!this._visible) return;
    this._visible = false;
    this.blur();
    void this._window({ windowState: "minimized" });
    this._self.emit("hide");
  }
  focus() {
    for (const w of windows.values()) if (w !== this._self && w._focused) w.blur();
    if (!this._focused) {
      this._focused = true;
      this._self.emit("focus");
      app.emit("browser-window-focus", makeEvent(), this._self);
    }
  }
  blur() {
    if (this._focused) {
      this._focused = false;
      this._self.emit("blur");
      app.emit("browser-window-blur", makeEvent(), this._self);
    }
  }
  isVisible() {
    return this._visible && !this._minimized;
  }
  isFocused() {
    return this._focused;
  }
  isDestroyed() {
    return this._destroyed;
  }
  isMinimized() {
    return this._minimized;
  }
  isMaximized() {
    return this._maximized;
  }
  minimize() {
    this._minimized = true;
    void this._window({ windowState: "minimized" });
    this._self.emit("minimize");
  }
  restore() {
    this._minimized = false;
    void this._window({ windowState: "normal" });
    this._self.emit("restore");
  }
  maximize() {
    this._maximized = true;
    void this._window({ windowState: "maximized" });
    this._self.emit("maximize");
  }
  unmaximize() {
    this._maximized = false;
    void this._window({ windowState: "normal" });
    this._self.emit("unmaximize");
  }
  setTitle(t: string) {
    this._title = t;
  }
  getTitle() {
    return this._title;
  }
  getBounds(): Electron.Rectangle {
    return { ...this._bounds };
  }
  setBounds(b: Partial<Electron.Rectangle>) {
    Object.assign(this._bounds, b);
    void this._window({ left: this._bounds.x, top: this._bounds.y, width: this._bounds.width, height: this._bounds.height });
    this._self.emit("resize");
  }
  getNormalBounds(): Electron.Rectangle {
    return { ...this._bounds };
  }
  getSize() {
    return [this._bounds.width, this._bounds.height];
  }
  setSize(width: number, height: number) {
    this.setBounds({ width, height });
  }
  center() {}
  setMenu(_m: Electron.Menu | null) {}
  removeMenu() {}
  setMenuBarVisibility(_v: boolean) {}
  setSkipTaskbar(_v: boolean) {}
  setAlwaysOnTop(_v: boolean) {}
  setBackgroundColor(_c: string) {}
  setProgressBar(_n: number) {}
  setIcon(_i: Electron.NativeImage | string) {}
  flashFrame(_v: boolean) {}

  close() {
    if (this._destroyed) return;
    const e = makeEvent();
    this._self.emit("close", e);
    if (e.defaultPrevented) {
      if (rt.quitting) (app as any)._closeCancelled();
      return;
    }
    this.destroy();
  }
  destroy() {
    if (this._destroyed) return;
    this._gone();
    void this.webContents._ready
      .catch(() => {})
      .then(() => rt.chromium!.send("Target.closeTarget", { targetId: this.webContents._targetId }))
      .catch(() => {});
  }
  _gone() {
    if (this._destroyed) return;
    this._destroyed = true;
    this._visible = this._focused = false;
    const wc = this.webContents;
    wc._destroyed = true;
    contents.delete(wc.id);
    if (wc._sid) rt.chromium!.dropSession(wc._sid);
    windows.delete(this.id);
    wc.emit("destroyed");
    this._self.emit("closed");
    setImmediate(() => (app as any)._windowClosed());
  }
}

/** Called once Chromium is up. */
export function watchTargets() {
  const c = rt.chromium!;
  c.on("Target.targetDestroyed", ({ targetId }) => {
    const wc = WebContents.fromDevToolsTargetId(targetId);
    if (!wc || wc._destroyed) return;
    const e = makeEvent();
    wc._owner.emit("close", e);
    if (e.defaultPrevented) rt.log("the window was closed from outside; its prevented close could not be honoured");
    wc._owner._gone();
  });
  c.on("Target.targetCreated", ({ targetInfo: t }) => {
    if (t.type !== "page" || !t.openerId || WebContents.fromDevToolsTargetId(t.targetId)) return;
    rt.log(`an unexpected window (${t.url}) was closed`);
    void c.send("Target.closeTarget", { targetId: t.targetId }).catch(() => {});
  });
  return c.send("Target.setDiscoverTargets", { discover: true });
}
