import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { app } from "./app.js";
import { protocol } from "./protocol.js";
import { refuse, rt, strict } from "./runtime.js";
import { windows } from "./windows.js";

/* ---------- nativeImage ---------- */
class NativeImage
  implements Pick<Electron.NativeImage, "isEmpty" | "toPNG" | "toDataURL" | "getSize" | "setTemplateImage" | "isTemplateImage">
{
  constructor(readonly _png: Buffer) {}
  _template = false;
  isEmpty() {
    return this._png.length === 0;
  }
  toPNG() {
    return this._png;
  }
  toDataURL() {
    return `data:image/png;base64,${this._png.toString("base64")}`;
  }
  getSize() {
    return this._png.length > 24 ? { width: this._png.readUInt32BE(16), height: this._png.readUInt32BE(20) } : { width: 0, height: 0 };
  }
  resize() {
    return this;
  }
  setTemplateImage(v: boolean) {
    this._template = v;
  }
  isTemplateImage() {
    return this._template;
  }
}
const img = (b: Buffer) => strict(new NativeImage(b), "NativeImage") as unknown as Electron.NativeImage;
export const nativeImage = strict(
  {
    createEmpty: () => img(Buffer.alloc(0)),
    createFromBuffer: (b: Buffer) => img(b),
    createFromPath: (p: string) => img(existsSync(p) ? readFileSync(p) : Buffer.alloc(0)),
    createFromDataURL: (u: string) => img(Buffer.from(u.split(",")[1] ?? "", "base64")),
  } satisfies Pick<typeof Electron.nativeImage, "createEmpty" | "createFromBuffer" | "createFromPath" | "createFromDataURL">,
  "nativeImage",
);

/* ---------- Menu, Tray, Notification: state without pixels ---------- */
export class MenuItem {
  [k: string]: any;
  constructor(o: Electron.MenuItemConstructorOptions) {
    const { click, submenu, ...rest } = o;
    Object.assign(
      this,
      { id: "", label: o.role ?? "", type: submenu ? "submenu" : "normal", enabled: true, visible: true, checked: false },
      rest,
    );
    if (submenu) this.submenu = Array.isArray(submenu) ? Menu.buildFromTemplate(submenu) : submenu;
    this.click = (event?: any, win?: any) => {
      if (!this.enabled) return;
      if (this.type === "checkbox") this.checked = !this.checked;
      (click as any)?.(this, win ?? [...windows.values()].find((w) => w.isFocused()), event ?? {});
    };
  }
}
export class Menu
  extends EventEmitter
  implements Pick<Electron.Menu, "items" | "append" | "insert" | "getMenuItemById" | "popup" | "closePopup">
{
  items: any[] = [];
  static _app: Menu | null = null;
  static setApplicationMenu(m: any) {
    Menu._app = m;
  }
  static getApplicationMenu() {
    return Menu._app;
  }
  static buildFromTemplate(t: (Electron.MenuItemConstructorOptions | Electron.MenuItem)[]) {
    const m = new Menu();
    for (const i of t) m.append(i instanceof MenuItem ? (i as any) : (new MenuItem(i as any) as any));
    return m;
  }
  constructor() {
    super();
    return strict(this, "Menu");
  }
  append(i: Electron.MenuItem) {
    this.items.push(i);
  }
  insert(pos: number, i: Electron.MenuItem) {
    this.items.splice(pos, 0, i);
  }
  getMenuItemById(id: string): any {
    for (const i of this.items) {
      if (i.id === id) return i;
      const f = i.submenu?.getMenuItemById(id);
      if (f) return f;
    }
    return null;
  }
  popup() {
    this.emit("menu-will-show", {});
  }
  closePopup() {
    this.emit("menu-will-close", {});
  }
}
export class Tray
  extends EventEmitter
  implements
    Pick<
      Electron.Tray,
      "setToolTip" | "setContextMenu" | "setImage" | "setTitle" | "getTitle" | "destroy" | "isDestroyed" | "popUpContextMenu"
    >
{
  _tip = "";
  _menu: any = null;
  _title = "";
  _gone = false;
  /** For tests: a tray has no list of its own. */
  static _all: Tray[] = [];
  constructor(image: Electron.NativeImage | string) {
    super();
    if (!rt.ready) throw new Error("Cannot create Tray before app is ready");
    this.setImage(image);
    const self = strict(this, "Tray");
    Tray._all.push(self);
    return self;
  }
  setImage(i: Electron.NativeImage | string) {
    if (typeof i === "string" && !existsSync(i)) throw new Error(`Failed to load image from path '${i}'`);
  }
  setToolTip(t: string) {
    this._tip = t;
  }
  setTitle(t: string) {
    this._title = t;
  }
  getTitle() {
    return this._title;
  }
  setContextMenu(m: Electron.Menu | null) {
    this._menu = m;
  }
  popUpContextMenu() {
    this._menu?.popup();
  }
  destroy() {
    this._gone = true;
  }
  isDestroyed() {
    return this._gone;
  }
}
export class Notification extends EventEmitter implements Pick<Electron.Notification, "show" | "close" | "title" | "body"> {
  title: string;
  body: string;
  silent: boolean;
  actions: Electron.NotificationAction[];
  static isSupported() {
    return true;
  }
  constructor(o: Electron.NotificationConstructorOptions = {}) {
    super();
    this.title = o.title ?? "";
    this.body = o.body ?? "";
    this.silent = o.silent ?? false;
    this.actions = o.actions ?? [];
    return strict(this, "Notification");
  }
  show() {
    rt.log(`notification: ${this.title} — ${this.body}`);
    setImmediate(() => this.emit("show", {}));
  }
  close() {
    setImmediate(() => this.emit("close", {}));
  }
}

/* ---------- dialog, shell ---------- */
const needStub = (m: string) => (): never =>
  refuse(`dialog.${m}`, `it would block on a human; stub it in the test: electronApp.evaluate(({ dialog }) => { dialog.${m} = … })`);
export const dialog = strict(
  {
    showMessageBox: needStub("showMessageBox"),
    showMessageBoxSync: needStub("showMessageBoxSync"),
    showOpenDialog: needStub("showOpenDialog"),
    showSaveDialog: needStub("showSaveDialog"),
    showErrorBox(title: string, content: string) {
      rt.log(`error box: ${title}: ${content}`);
    },
  } satisfies Pick<Electron.Dialog, "showMessageBox" | "showMessageBoxSync" | "showOpenDialog" | "showSaveDialog" | "showErrorBox">,
  "dialog",
);
export const shell = strict(
  {
    async openExternal(url: string) {
      new URL(url);
      rt.log(`shell.openExternal(${url})`);
    },
    async openPath(p: string) {
      rt.log(`shell.openPath(${p})`);
      return "";
    },
    showItemInFolder(p: string) {
      rt.log(`shell.showItemInFolder(${p})`);
    },
    beep() {},
  } satisfies Pick<Electron.Shell, "openExternal" | "openPath" | "showItemInFolder" | "beep">,
  "shell",
);

/* ---------- safeStorage (rules from shell/browser/api/electron_api_safe_storage.cc) ---------- */
type Backend = "basic_text" | "gnome_libsecret" | "unknown";
const backend = (): Backend =>
  rt.ready ? ((process.env.ELECTRON_STANDIN_SAFE_STORAGE as Backend | undefined) ?? "basic_text") : "unknown";
let plainText = false;
const key = () => {
  const f = path.join(app.getPath("userData"), "standin-safe-storage.key");
  if (!existsSync(f)) {
    mkdirSync(path.dirname(f), { recursive: true });
    writeFileSync(f, randomBytes(32), { mode: 0o600 });
  }
  return readFileSync(f);
};
const seal = (s: string) => {
  const iv = randomBytes(12);
  const c = createCipheriv("aes-256-gcm", key(), iv);
  const b = Buffer.concat([c.update(s, "utf8"), c.final()]);
  return Buffer.concat([Buffer.from(backend() === "basic_text" ? "v10" : "v11"), iv, c.getAuthTag(), b]);
};
const open = (b: Buffer) => {
  const d = createDecipheriv("aes-256-gcm", key(), b.subarray(3, 15));
  d.setAuthTag(b.subarray(15, 31));
  return Buffer.concat([d.update(b.subarray(31)), d.final()]).toString("utf8");
};
const syncAvailable = () => rt.ready && (backend() !== "basic_text" || plainText);
const needReady = () => {
  if (!rt.ready) throw new Error("safeStorage cannot be used before app is ready");
};
export const safeStorage = strict(
  {
    isEncryptionAvailable: syncAvailable,
    encryptString(s: string) {
      needReady();
      if (!syncAvailable())
        throw new Error("Error while encrypting the text provided to safeStorage.encryptString. Encryption is not available.");
      return seal(s);
    },
    decryptString(b: Buffer) {
      needReady();
      if (!syncAvailable())
        throw new Error("Error while decrypting the ciphertext provided to safeStorage.decryptString. Decryption is not available.");
      return open(b);
    },
    async isAsyncEncryptionAvailable() {
      return rt.ready;
    },
    async encryptStringAsync(s: string) {
      needReady();
      return seal(s);
    },
    async decryptStringAsync(b: Buffer) {
      needReady();
      try {
        return { shouldReEncrypt: false, result: open(b) };
      } catch {
        throw new Error("Error while decrypting the ciphertext provided to safeStorage.decryptStringAsync.");
      }
    },
    getSelectedStorageBackend: backend,
    setUsePlainTextEncryption(v: boolean) {
      plainText = v;
    },
  } satisfies Pick<Electron.SafeStorage, keyof Electron.SafeStorage>,
  "safeStorage",
);

/* ---------- nativeTheme, powerMonitor, screen, session ---------- */
class NativeThemeImpl
  extends EventEmitter
  implements Pick<Electron.NativeTheme, "themeSource" | "shouldUseDarkColors" | "shouldUseHighContrastColors">
{
  _source: "system" | "light" | "dark" = "system";
  shouldUseHighContrastColors = false;
  get themeSource() {
    return this._source;
  }
  set themeSource(v) {
    this._source = v;
    for (const w of windows.values()) {
      w._scheme = v === "dark" ? "dark" : "light";
      void w.webContents._ready.then(() => w.webContents._setColorScheme(w._scheme!));
    }
    this.emit("updated");
  }
  get shouldUseDarkColors() {
    return this._source === "dark";
  }
}
export const nativeTheme = strict(new NativeThemeImpl(), "nativeTheme");
class PowerMonitorImpl
  extends EventEmitter
  implements Pick<Electron.PowerMonitor, "getSystemIdleTime" | "getSystemIdleState" | "isOnBatteryPower" | "onBatteryPower">
{
  onBatteryPower = false;
  getSystemIdleTime() {
    return 0;
  }
  getSystemIdleState() {
    return "active" as const;
  }
  isOnBatteryPower() {
    return this.onBatteryPower;
  }
}
export const powerMonitor = strict(new PowerMonitorImpl(), "powerMonitor");

class SessionImpl extends EventEmitter implements Pick<Electron.Session, "setPermissionRequestHandler" | "setPermissionCheckHandler"> {
  _request: any = null;
  _check: any = null;
  protocol = protocol;
  setPermissionRequestHandler(h: any) {
    this._request = h;
  }
  setPermissionCheckHandler(h: any) {
    this._check = h;
  }
  async clearStorageData() {
    await rt.chromium?.send("Storage.clearDataForOrigin", { origin: "*", storageTypes: "all" });
  }
  async clearCache() {}
}
export const session = strict(
  { defaultSession: strict(new SessionImpl(), "session"), fromPartition: () => refuse("session.fromPartition") },
  "session",
);
const display = {
  id: 1,
  bounds: { x: 0, y: 0, width: 1280, height: 900 },
  workArea: { x: 0, y: 0, width: 1280, height: 900 },
  workAreaSize: { width: 1280, height: 900 },
  size: { width: 1280, height: 900 },
  scaleFactor: 1,
};
export const screen = strict(
  Object.assign(new EventEmitter(), {
    getPrimaryDisplay: () => display as Electron.Display,
    getAllDisplays: () => [display as Electron.Display],
  }),
  "screen",
);
