import type { ChangeEvent } from "../../contract/pairing-api.ts";
import { MAX_SILENCE_MS, type NewsLine, type NewsLineEvents, openNewsLine } from "./news-line.ts";

export interface NewsStream {
  readonly onNews: (listener: (item: ChangeEvent) => void) => () => void;
  readonly onUp: (listener: (up: boolean) => void) => () => void;
  /** With the admin token that has just been entered, at once. */
  readonly reconnect: () => void;
}

interface NewsAccess {
  readonly headers: () => Record<string, string>;
  /** Whether the door lets this tab in. One that it does not would only ask again, and be refused again, at each change. */
  readonly isAdmitted: () => boolean;
}

/** Also the name of the lock that the connected tab holds. */
const CHANNEL = "topdog-news";
/** A hidden tab's timers are slowed down by the browser: a visible one asks it to connect again. */
const ASK_AGAIN_MS = 5000;

/** What the tabs of one address tell each other. */
type TabMessage =
  | { readonly kind: "item"; readonly item: ChangeEvent }
  | { readonly kind: "up"; readonly up: boolean }
  | { readonly kind: "ask" }
  | { readonly kind: "reconnect" };

/**
 * What changed, for any number of tabs. A browser has six connections to one address over HTTP/1.1, so the tabs share one: the tab
 * that holds a lock has it and passes everything on, and the next takes over when it is closed. Where there are no locks (a page that
 * is neither on this computer nor behind https), each tab has its own while it is visible.
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
  const connect = (events: TabEvents): NewsLine => openNewsLine(address, access.headers, events);
  // Not on a page of a network address over http, whatever the types say.
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

type TabEvents = NewsLineEvents;

interface TabState {
  readonly emit: (item: ChangeEvent) => void;
  readonly setUp: (up: boolean) => void;
}

interface Tab {
  readonly reconnect: () => void;
}

function shareConnection(locks: LockManager, connect: (events: TabEvents) => NewsLine, { emit, setUp }: TabState): Tab {
  const channel = new BroadcastChannel(CHANNEL);
  const post = (message: TabMessage): void => channel.postMessage(message);
  let line: NewsLine | undefined;
  let lineUp = true;
  let request: AbortController | undefined;
  let silence: number | undefined;
  let askAgain: number | undefined;

  /** Holds the lock, and the connection, until the door refuses it, the lock is taken away or the tab is closed. */
  const holdConnection = async (): Promise<void> =>
    new Promise((release) => {
      window.clearTimeout(silence);
      window.clearTimeout(askAgain);
      line = connect({
        item(item) {
          emit(item);
          post({ kind: "item", item });
        },
        up(now) {
          lineUp = now;
          setUp(now);
          post({ kind: "up", up: now });
        },
        refused() {
          // The page asks for the token; a tab that has it may take over meanwhile.
          setUp(true);
          release();
        },
      });
    });

  const stopLeading = (): void => {
    line?.close();
    line = undefined;
  };

  const queue = (steal = false): void => {
    request?.abort();
    const mine = new AbortController();
    request = mine;
    locks.request(CHANNEL, steal ? { steal } : { signal: mine.signal }, holdConnection).then(
      () => {
        stopLeading();
        request = undefined;
      },
      () => {
        if (request !== mine) return;
        // Another tab has heard nothing for too long and has taken the lock.
        stopLeading();
        queue();
        awaitLeader();
      },
    );
  };

  /** The connected tab says at least every 30 s that it is there; one that hangs loses the lock. */
  const awaitLeader = (): void => {
    window.clearTimeout(silence);
    silence = window.setTimeout(() => {
      if (request && !line) queue(true);
    }, MAX_SILENCE_MS);
  };

  const listen = (now: boolean): void => {
    setUp(now);
    window.clearTimeout(askAgain);
    if (!now && document.visibilityState === "visible") askAgain = window.setTimeout(() => post({ kind: "reconnect" }), ASK_AGAIN_MS);
  };

  channel.addEventListener("message", ({ data }: MessageEvent<TabMessage>) => {
    if (data.kind === "ask") {
      if (line) post({ kind: "up", up: lineUp });
    } else if (data.kind === "reconnect") {
      if (line && !lineUp) line.reconnect();
    } else if (!line) {
      awaitLeader();
      if (data.kind === "item") emit(data.item);
      else listen(data.up);
    }
  });

  queue();
  awaitLeader();
  post({ kind: "ask" });
  return {
    reconnect() {
      if (line) line.reconnect();
      // The door refused this tab before: now it may hold the connection again.
      else if (!request) queue();
    },
  };
}

function connectWhileVisible(connect: (events: TabEvents) => NewsLine, { emit, setUp }: TabState): Tab {
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
