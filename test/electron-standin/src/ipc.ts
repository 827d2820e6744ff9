import { EventEmitter } from "node:events";
import { makeEvent, strict } from "./runtime.js";
import type { WebContents } from "./windows.js";

export interface Sender {
  webContents: WebContents;
  frame: { url: string; origin: string };
  reply(channel: string, args: unknown[]): Promise<void>;
}
type Handler = (event: any, ...args: any[]) => unknown;

class IpcMainImpl extends EventEmitter implements Pick<Electron.IpcMain, "handle" | "handleOnce" | "removeHandler"> {
  _handlers = new Map<string, Handler>();
  constructor() {
    super();
    this.on("error", () => {});
  }
  handle(channel: string, fn: Handler) {
    if (this._handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    if (typeof fn !== "function") throw new TypeError(`Expected handler to be a function, but found type '${typeof fn}'`);
    this._handlers.set(channel, fn);
  }
  handleOnce(channel: string, fn: Handler) {
    this.handle(channel, (e, ...a) => {
      this.removeHandler(channel);
      return fn(e, ...a);
    });
  }
  removeHandler(channel: string) {
    this._handlers.delete(channel);
  }

  _event(s: Sender, extra: object = {}) {
    return makeEvent({ type: "frame", sender: s.webContents, senderFrame: s.frame, frameId: 1, processId: 1, ports: [], ...extra });
  }
  _message(s: Sender, channel: string, args: unknown[]) {
    const e: any = this._event(s, { reply: (ch: string, ...a: unknown[]) => void s.reply(ch, a) });
    Object.defineProperty(e, "returnValue", {
      set() {
        throw new Error("electron stand-in: sendSync/returnValue is not modelled");
      },
      get() {
        return undefined;
      },
    });
    s.webContents.emit("ipc-message", e, channel, ...args);
    this.emit(channel, e, ...args);
  }
  async _invoke(s: Sender, channel: string, args: unknown[]): Promise<{ result?: unknown; error?: string }> {
    const fn = this._handlers.get(channel);
    if (!fn) {
      const err = new Error(`No handler registered for '${channel}'`);
      console.error(`Error occurred in handler for '${channel}':`, err);
      return { error: err.toString() };
    }
    try {
      return { result: await fn(this._event(s), ...args) };
    } catch (err: any) {
      console.error(`Error occurred in handler for '${channel}':`, err);
      return { error: String(err) };
    }
  }
}
export const ipcMain = strict(new IpcMainImpl(), "ipcMain");
