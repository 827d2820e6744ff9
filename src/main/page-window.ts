import { type BrowserWindow, type BrowserWindowConstructorOptions, shell } from "electron";
import type { Route } from "../contract/pairing-api.ts";
import { say } from "../words/say.ts";
import { isPage, PAGE_ADDRESS } from "./page-protocol.ts";

export interface PageWindowDeps {
  readonly preload: string;
  /** Creates the window with exactly these options: they isolate the page. */
  readonly makeWindow: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  /** Whether the system's browser may open this address. The page can open no other. */
  readonly mayOpen: (address: string) => Promise<boolean>;
  /** Called with each new window, before its page loads. */
  readonly onMade?: (window: BrowserWindow) => void;
}

export interface PageWindow {
  /** Shows the window; creates a new one when it was closed. */
  readonly show: () => void;
  /** Shows the page at this route. */
  readonly open: (route: Route) => void;
  /** Whether a message comes from the page itself: its window, its main frame, its origin. */
  readonly isSender: (event: SenderOf) => boolean;
  /** The contents to send messages to, while there is a window. */
  readonly contents: () => Electron.WebContents | undefined;
  readonly isFocused: () => boolean;
  /** Called with each route to show. */
  readonly onOpen: (listener: (route: Route) => void) => void;
  /** Called when the page loads again or its window closes: the next page has received nothing that was sent before. */
  readonly onLoading: (listener: () => void) => void;
  readonly close: () => void;
}

type SenderOf = Pick<Electron.IpcMainInvokeEvent, "sender" | "senderFrame">;

/** The one window: sandboxed, isolated, and unable to leave its page. It is created when it is first shown. */
export function createPageWindow(deps: PageWindowDeps): PageWindow {
  const openers = new Set<(route: Route) => void>();
  const loaders = new Set<() => void>();
  let window: BrowserWindow | undefined;

  const notifyLoading = (): void => {
    for (const listener of loaders) listener();
  };
  const create = (): BrowserWindow => {
    const created = createSandboxedWindow(deps);
    // Not when loading starts: a refused navigation starts as well, and the page stays.
    created.webContents.on("did-navigate", notifyLoading);
    created.once("closed", () => {
      if (window !== created) return;
      window = undefined;
      notifyLoading();
    });
    deps.onMade?.(created);
    void created.loadURL(PAGE_ADDRESS);
    return created;
  };

  const show = (): void => {
    if (!window) {
      window = create();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };

  return {
    show,
    open(route) {
      show();
      for (const listener of openers) listener(route);
    },
    isSender: ({ sender, senderFrame }) =>
      sender === window?.webContents &&
      senderFrame !== null &&
      senderFrame.parent === null &&
      !senderFrame.detached &&
      isPage(senderFrame.url),
    contents: () => window?.webContents,
    isFocused: () => window?.isFocused() === true,
    onOpen: (listener) => void openers.add(listener),
    onLoading: (listener) => void loaders.add(listener),
    close: () => window?.destroy(),
  };
}

function createSandboxedWindow({ preload, makeWindow, mayOpen }: PageWindowDeps): BrowserWindow {
  const window = makeWindow({
    width: 760,
    height: 860,
    minWidth: 320,
    minHeight: 400,
    show: false,
    title: say("desktop.windowTitle"),
    webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false },
  });
  const { webContents } = window;
  const stay = (event: { readonly url: string; preventDefault(): void }): void => {
    if (!isPage(event.url)) event.preventDefault();
  };
  webContents.on("will-navigate", stay);
  webContents.on("will-redirect", stay);
  webContents.on("will-frame-navigate", stay);
  webContents.on("will-attach-webview", (event) => event.preventDefault());
  webContents.setWindowOpenHandler(({ url }) => {
    void mayOpen(url).then((may) => (may ? shell.openExternal(url) : undefined));
    return { action: "deny" };
  });
  window.once("ready-to-show", () => window.show());
  return window;
}
