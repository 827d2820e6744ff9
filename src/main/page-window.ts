import { type BrowserWindow, type BrowserWindowConstructorOptions, shell } from "electron";
import type { Route } from "../contract/pairing-api.ts";
import { isPage, PAGE_ADDRESS } from "./page-protocol.ts";

export interface PageWindowDeps {
  readonly preload: string;
  /** Makes the window; what is asked of it must not be changed. */
  readonly makeWindow: (options: BrowserWindowConstructorOptions) => BrowserWindow;
  /** Whether the system's browser may be handed this address. Everything else a page wants to open is refused. */
  readonly mayOpen: (address: string) => Promise<boolean>;
  /** Told of each new window, before its page loads. */
  readonly onMade?: (window: BrowserWindow) => void;
}

export interface PageWindow {
  /** Shows the window; makes it anew when it was closed. */
  readonly show: () => void;
  /** The page, at this place. */
  readonly open: (place: Route) => void;
  /** Whether a message comes from the page itself: its window, its main frame, its origin. */
  readonly isSender: (event: SenderOf) => boolean;
  /** The contents to push to, while there are any. */
  readonly contents: () => Electron.WebContents | undefined;
  /** Whether somebody looks at it. */
  readonly isFocused: () => boolean;
  /** Hears each place that was asked for. */
  readonly onOpen: (listener: (place: Route) => void) => void;
  /** Hears that a page begins anew, or ends: nothing pushed before reached the next. */
  readonly onLoading: (listener: () => void) => void;
  readonly close: () => void;
}

type SenderOf = Pick<Electron.IpcMainInvokeEvent, "sender" | "senderFrame">;

/** The one window: sandboxed, isolated, and unable to leave its page. Made when it is first shown. */
export function createPageWindow({ preload, makeWindow, mayOpen, onMade }: PageWindowDeps): PageWindow {
  const openers = new Set<(place: Route) => void>();
  const loaders = new Set<() => void>();
  let window: BrowserWindow | undefined;

  const beginAnew = (): void => {
    for (const listener of loaders) listener();
  };
  const make = (): BrowserWindow => {
    const made = makeWindow({
      width: 760,
      height: 860,
      minWidth: 320,
      minHeight: 400,
      show: false,
      title: "Phone Pairing",
      webPreferences: { preload, sandbox: true, contextIsolation: true, nodeIntegration: false, webSecurity: true, webviewTag: false },
    });
    const { webContents } = made;
    // Not when loading starts: a refused navigation starts, too, and the page stays.
    webContents.on("did-navigate", beginAnew);
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
    made.once("ready-to-show", () => made.show());
    made.once("closed", () => {
      if (window !== made) return;
      window = undefined;
      beginAnew();
    });
    onMade?.(made);
    void made.loadURL(PAGE_ADDRESS);
    return made;
  };

  const show = (): void => {
    if (!window) {
      window = make();
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };

  return {
    show,
    open(place) {
      show();
      for (const listener of openers) listener(place);
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
