import { app } from "./app.js";
import { ipcMain } from "./ipc.js";
import {
  dialog,
  Menu,
  MenuItem,
  Notification,
  nativeImage,
  nativeTheme,
  powerMonitor,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
} from "./os-modules.js";
import { net, protocol } from "./protocol.js";
import { StandinError, strict } from "./runtime.js";
import { utilityProcess } from "./utility-process.js";
import { BrowserWindow, WebContents } from "./windows.js";

Object.defineProperty(app, "applicationMenu", { get: () => Menu.getApplicationMenu(), set: (m) => Menu.setApplicationMenu(m) });

const cls = <T extends abstract new (...a: any[]) => any>(c: T, name: string): T => strict(c, name);

const modules = {
  app,
  ipcMain,
  dialog,
  shell,
  safeStorage,
  nativeTheme,
  nativeImage,
  powerMonitor,
  session,
  protocol,
  net,
  screen,
  utilityProcess,
  BrowserWindow: cls(BrowserWindow, "BrowserWindow"),
  webContents: cls(WebContents, "webContents"),
  Menu: cls(Menu, "Menu"),
  MenuItem,
  Tray: cls(Tray, "Tray"),
  Notification: cls(Notification, "Notification"),
};

/* Compile-time honesty: every exported name must exist in electron.d.ts (main or common process). */
type Real = typeof Electron.CrossProcessExports;
type NotInElectron = Exclude<keyof typeof modules, keyof Real>;
const _names: [NotInElectron] extends [never] ? true : NotInElectron = true;
void _names;

/** Declared by electron.d.ts, absent here: importable by name (ESM binds at link time), an error on first use. */
const MISSING = [
  "autoUpdater",
  "BaseWindow",
  "BrowserView",
  "clipboard",
  "contentTracing",
  "crashReporter",
  "desktopCapturer",
  "globalShortcut",
  "inAppPurchase",
  "MessageChannelMain",
  "netLog",
  "powerSaveBlocker",
  "pushNotifications",
  "ShareMenu",
  "systemPreferences",
  "TouchBar",
  "View",
  "WebContentsView",
  "webFrameMain",
  "ImageView",
  "sharedTexture",
  "ClipboardItem",
  "IpcMainServiceWorker",
  "LanguageModelUtility",
  "WebSocket",
  "localAIHandler",
] as const satisfies readonly (keyof Real)[];
/* …and every main/common name Electron has must be either implemented or listed as missing, so a new Electron major fails the type check. */
type RendererOnly = "contextBridge" | "ipcRenderer" | "webFrame" | "webUtils" | "parentPort";
type Unlisted = Exclude<keyof Real, keyof typeof modules | (typeof MISSING)[number] | RendererOnly>;
const _all: [Unlisted] extends [never] ? true : Unlisted = true;
void _all;
const missing = (name: string) => {
  const fail = (): never => {
    throw new StandinError(
      `electron.${name} is not implemented by the Electron stand-in. Add it to standin/src (with its type from electron.d.ts) or do not use it.`,
    );
  };
  return new Proxy(() => {}, {
    get: (_t, k) => (typeof k === "symbol" || k === "then" || k === "prototype" ? undefined : fail()),
    set: fail,
    construct: fail,
    apply: fail,
  });
};
export const electron = strict({ ...Object.fromEntries(MISSING.map((n) => [n, missing(n)])), ...modules }, "electron");
export const exportNames = [...Object.keys(modules), ...MISSING];
