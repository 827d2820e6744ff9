import type { ChangeEvent } from "../../contract/pairing-api.ts";
import { MAX_SILENCE_MS, type NewsLine, type NewsLineEvents, openNewsLine } from "./news-line.ts";

interface TabState {
  readonly emit: (item: ChangeEvent) => void;
  readonly setUp: (up: boolean) => void;
}

interface Tab {
  readonly reconnect: () => void;
}

/** Also the name of the lock that the connected tab holds. */
const CHANNEL = "topdog-news";
/** A browser slows down the timers of a hidden tab, so a visible one asks the connected tab to connect again. */
const ASK_AGAIN_MS = 5000;

/** A message between the tabs of one address. */
type TabMessage =
  | { readonly kind: "item"; readonly item: ChangeEvent }
  | { readonly kind: "up"; readonly up: boolean }
  | { readonly kind: "ask" }
  | { readonly kind: "reconnect" };

interface SharedTab extends TabState {
  readonly locks: LockManager;
  readonly connect: (events: NewsLineEvents) => NewsLine;
  readonly post: (message: TabMessage) => void;
  /** Only in the tab that holds the lock. */
  line: NewsLine | undefined;
  isLineUp: boolean;
  /** The request for the lock; none after the door has rejected this tab. */
  request: AbortController | undefined;
  silence: number | undefined;
  askAgain: number | undefined;
}

/** One connection for all tabs: the tab that holds the lock has it and passes everything on. */
function shareConnection(locks: LockManager, connect: SharedTab["connect"], state: TabState): Tab {
  const channel = new BroadcastChannel(CHANNEL);
  const post = (message: TabMessage): void => channel.postMessage(message);
  const timers = { silence: undefined, askAgain: undefined };
  const tab: SharedTab = { ...state, ...timers, locks, connect, post, line: undefined, isLineUp: true, request: undefined };
  channel.addEventListener("message", ({ data }: MessageEvent<TabMessage>) => receive(tab, data));
  requestLock(tab);
  awaitConnectedTab(tab);
  post({ kind: "ask" });
  return {
    reconnect() {
      if (tab.line) tab.line.reconnect();
      // The door rejected this tab before: now it may hold the connection again.
      else if (!tab.request) requestLock(tab);
    },
  };
}

function requestLock(tab: SharedTab, steal = false): void {
  tab.request?.abort();
  const mine = new AbortController();
  tab.request = mine;
  tab.locks
    .request(CHANNEL, steal ? { steal } : { signal: mine.signal }, async () => holdConnection(tab))
    .then(
      () => {
        closeLine(tab);
        tab.request = undefined;
      },
      () => {
        if (tab.request !== mine) return;
        // Another tab received nothing for too long and has taken the lock.
        closeLine(tab);
        requestLock(tab);
        awaitConnectedTab(tab);
      },
    );
}

/** Holds the lock, and the connection, until the door rejects it, the lock is taken away or the tab is closed. */
async function holdConnection(tab: SharedTab): Promise<void> {
  return new Promise((release) => {
    window.clearTimeout(tab.silence);
    window.clearTimeout(tab.askAgain);
    tab.line = tab.connect({
      item(item) {
        tab.emit(item);
        tab.post({ kind: "item", item });
      },
      up(up) {
        tab.isLineUp = up;
        tab.setUp(up);
        tab.post({ kind: "up", up });
      },
      refused() {
        // The page asks for the token; a tab that has it may take over meanwhile.
        tab.setUp(true);
        release();
      },
    });
  });
}

function closeLine(tab: SharedTab): void {
  tab.line?.close();
  tab.line = undefined;
}

/** The connected tab sends a message at least every 30 s; one that hangs loses the lock. */
function awaitConnectedTab(tab: SharedTab): void {
  window.clearTimeout(tab.silence);
  tab.silence = window.setTimeout(() => {
    if (tab.request && !tab.line) requestLock(tab, true);
  }, MAX_SILENCE_MS);
}

function receive(tab: SharedTab, message: TabMessage): void {
  const { line, post } = tab;
  if (message.kind === "ask") {
    if (line) post({ kind: "up", up: tab.isLineUp });
  } else if (message.kind === "reconnect") {
    if (line && !tab.isLineUp) line.reconnect();
  } else if (!line) {
    awaitConnectedTab(tab);
    if (message.kind === "item") {
      tab.emit(message.item);
      return;
    }
    tab.setUp(message.up);
    window.clearTimeout(tab.askAgain);
    const isAsking = !message.up && document.visibilityState === "visible";
    if (isAsking) tab.askAgain = window.setTimeout(() => post({ kind: "reconnect" }), ASK_AGAIN_MS);
  }
}

export interface NewsStream {
  readonly onNews: (listener: (item: ChangeEvent) => void) => () => void;
  readonly onUp: (listener: (up: boolean) => void) => () => void;
  /** At once, with the admin token that has just been entered. */
  readonly reconnect: () => void;
}

interface NewsAccess {
  readonly headers: () => Promise<Record<string, string>>;
  /** Whether the door accepts this tab's requests. A tab that it rejects ignores change events, which would only repeat the rejection. */
  readonly isAdmitted: () => boolean;
}

/**
 * Change events for any number of tabs. A browser has six connections to one address over HTTP/1.1, so the tabs share one, and another
 * tab takes over when the connected one is closed. Where there are no locks (a page that is neither on this computer nor behind https),
 * each tab has its own connection while it is visible.
 */
export function followNews(address: string, access: NewsAccess): NewsStream {
  const listeners = new Set<(item: ChangeEvent) => void>();
  const watchers = new Set<(up: boolean) => void>();
  let up = true;
  const setUp = (now: boolean): void => {
    if (up === now) return;
    up = now;
    for (const listener of watchers) listener(up);
  };
  const emit = (item: ChangeEvent): void => {
    if (access.isAdmitted()) for (const listener of listeners) listener(item);
  };
  const connect = (events: NewsLineEvents): NewsLine => openNewsLine(address, access.headers, events);
  // Absent on a page of a network address over http, although the types say otherwise.
  const locks = (navigator as Partial<Navigator>).locks;
  const tab = locks ? shareConnection(locks, connect, { emit, setUp }) : connectWhileVisible(connect, { emit, setUp });
  window.addEventListener("online", tab.reconnect);

  return {
    onNews(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onUp(listener) {
      watchers.add(listener);
      listener(up);
      return () => watchers.delete(listener);
    },
    reconnect: tab.reconnect,
  };
}

function connectWhileVisible(connect: (events: NewsLineEvents) => NewsLine, { emit, setUp }: TabState): Tab {
  let line: NewsLine | undefined;
  const follow = (): void => {
    if (document.visibilityState === "visible") line ??= connect({ item: emit, up: setUp, refused: () => setUp(true) });
    else {
      line?.close();
      line = undefined;
    }
  };
  document.addEventListener("visibilitychange", follow);
  follow();
  return { reconnect: () => line?.reconnect() };
}
