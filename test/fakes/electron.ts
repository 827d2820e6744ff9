import { EventEmitter } from "node:events";

type Handler = (event: unknown, ...args: unknown[]) => Promise<unknown>;

/** What the desktop's files call in Electron, recorded for tests; for `vi.mock("electron", …)`. */
export function createFakeElectron(userData: string) {
  const handlers = new Map<string, Handler>();
  const ipcMain = Object.assign(new EventEmitter(), {
    handle: (channel: string, handler: Handler) => void handlers.set(channel, handler),
    removeHandler: (channel: string) => void handlers.delete(channel),
  });
  const opened: string[] = [];
  const permissions: { request?: Asked; check?: Checked } = {};
  type Asked = (contents: { getURL(): string }, permission: string, answer: (granted: boolean) => void) => void;
  type Checked = (contents: unknown, permission: string, origin: string) => boolean;
  const electron = {
    app: Object.assign(new EventEmitter(), { getPath: () => userData, getVersion: () => "0.0.0" }),
    ipcMain,
    shell: { openExternal: async (address: string) => void opened.push(address) },
    session: {
      defaultSession: {
        setPermissionRequestHandler: (asked: Asked) => void Object.assign(permissions, { request: asked }),
        setPermissionCheckHandler: (checked: Checked) => void Object.assign(permissions, { check: checked }),
      },
    },
    protocol: {},
  };
  return { electron: { ...electron, default: electron }, handlers, ipcMain, opened, permissions };
}

/** A window that was made, with the guards that were put on it. */
export class FakeWindow extends EventEmitter {
  readonly options: unknown;
  readonly webContents = Object.assign(new EventEmitter(), {
    sent: [] as unknown[][],
    send: (...words: unknown[]) => void this.webContents.sent.push(words),
    setWindowOpenHandler: (handler: (details: { url: string }) => { action: string }) => {
      this.openHandler = handler;
    },
  });
  openHandler: ((details: { url: string }) => { action: string }) | undefined;
  loaded = "";

  constructor(options: unknown) {
    super();
    this.options = options;
  }
  async loadURL(address: string): Promise<void> {
    this.loaded = address;
  }
  show(): void {}
  focus(): void {}
  isMinimized(): boolean {
    return false;
  }
  isFocused(): boolean {
    return false;
  }
}
