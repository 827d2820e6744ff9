import type { ChangeEvent } from "../../contract/pairing-api.ts";
import { type NewsLine, type NewsLineEvents, openNewsLine } from "./news-line.ts";
import { shareConnection, type Tab, type TabState } from "./shared-connection.ts";

export interface NewsStream {
  readonly onNews: (listener: (item: ChangeEvent) => void) => () => void;
  readonly onUp: (listener: (up: boolean) => void) => () => void;
  /** At once, with the admin token that has just been entered. */
  readonly reconnect: () => void;
}

interface NewsAccess {
  readonly headers: () => Record<string, string>;
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
